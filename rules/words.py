"""Marks an English text for the catalogs where it is written, so that it can be translated where it is read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    return message


@dataclass(frozen=True)
class Stored:
    """A stored value inside a message, such as a state; whoever reads the message sees its word (ui/terms)."""

    vocabulary: str
    value: str

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Price:
    """An amount inside a message; whoever reads it sees it written as they write money."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"
