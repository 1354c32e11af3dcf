"""What a tab knows of the policies its reader is asked to accept: Home asks for them, Help takes the acceptance."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from data.documents import policies_to_accept
from data.engines import app_engine
from rules.documents import DocumentRow
from rules.principal import Principal
from ui.state import Remembered
from ui.text import reader

#: Seconds between two questions: Home is opened again and again, a policy is published now and then.
ASKED_EVERY = 60.0


@dataclass
class Policies(Remembered):
    """What was answered last, for whom, and until when nobody needs to ask again."""

    rows: tuple[DocumentRow, ...] = ()
    answered: object = None
    until: float = 0.0

    def to_accept(self, principal: Principal) -> tuple[DocumentRow, ...]:
        language = reader().language
        if self.answered != (principal, language) or self.until < monotonic():
            self.rows = policies_to_accept(app_engine(), principal, language=language)
            self.answered, self.until = (principal, language), monotonic() + ASKED_EVERY
        return self.rows


def asked(principal: Principal) -> tuple[DocumentRow, ...]:
    return Policies.of("home").to_accept(principal)


def forget() -> None:
    """One was accepted in this tab."""
    Policies.of("home").until = 0.0
