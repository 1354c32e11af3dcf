"""Marks an English text for the catalogs where it is written, so that it can be translated where it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    return message


@dataclass(frozen=True)
class Stored:
    """A stored value inside a message, such as a state; whoever reads the message sees its word (ui/terms)."""

    vocabulary: str
    value: str

    def __str__(self) -> str:
        return self.value.replace("_", " ")


@dataclass(frozen=True)
class Price:
    """An amount inside a message; whoever reads it sees it written as they write money."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"


@dataclass(frozen=True)
class Phrase:
    """Words inside a message that are translated where it is read, too; `values` fill their {placeholders}."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message.format(**self.values) if self.values else self.message


@dataclass(frozen=True)
class Several:
    """Some of them inside a message, one after the other."""

    items: tuple[object, ...]

    def __str__(self) -> str:
        return "; ".join(map(str, self.items))
