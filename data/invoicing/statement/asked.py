"""Of which account and which day a statement is asked for, as its address says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from rules.errors import Invalid
from rules.words import N_


@dataclass(frozen=True)
class StatementAsked:
    """As its address says it: of which account (staff name it by its code), and of which day."""

    account: str | None = None
    day: date | None = None

    def parameters(self) -> dict[str, str]:
        day = self.day.isoformat() if self.day else None
        return {name: value for name, value in (("account", self.account), ("day", day)) if value}

    def query(self) -> str:
        return urlencode(self.parameters())


def read_statement(parameters: Mapping[str, Sequence[str]]) -> StatementAsked:
    """From an address; what it could not mean is refused."""
    account, day = ((parameters.get(name) or ("",))[-1] for name in ("account", "day"))
    try:
        return StatementAsked(account[:64] or None, date.fromisoformat(day) if day else None)
    except ValueError:
        raise Invalid(N_("This is not a day like 2026-12-31: {value}"), "day", value=f"day={day[:40]}") from None
