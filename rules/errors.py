"""The few errors a person may meet; the shell turns each into a sentence in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Sequence


class PortalError(Exception):
    """Something a person can understand and act on; everything else is a bug."""


class Forbidden(PortalError):
    """You see it, but you may not do this to it."""


class NotProven(PortalError):
    """You may do this, but first prove again that it is you: it matters too much for a browser left open."""


class NotFound(PortalError):
    """It does not exist, or not for you: both look the same on purpose."""


class Conflict(PortalError):
    """Somebody else changed it meanwhile, or the same key came with other content.

    `values` fill the {placeholders} of the message where it is read, like those of Invalid."""

    def __init__(self, message: str = "", **values: object) -> None:
        super().__init__(message.format(**values) if values else message)
        self.message = message
        self.values = values


class Busy(Conflict):
    """Somebody holds it for longer than one waits, perhaps the same deed sent a moment ago: tried again under its key
    it is still one deed."""


class Invalid(PortalError):
    """What was typed cannot be accepted; `field` says where, the message says what and the cure.

    The message is marked with N_ and translated where it is read; `values` fill its {placeholders} there."""

    def __init__(self, message: str, field: str | None = None, **values: object) -> None:
        super().__init__(message.format(**values) if values else message)
        self.message = message
        self.field = field
        self.values = values


class Problems(Invalid):
    """Several things at once, each beside its own field; where only one can be said, it speaks as the first."""

    def __init__(self, all_of_them: Sequence[Invalid]) -> None:
        first = all_of_them[0]
        super().__init__(first.message, first.field, **first.values)
        self.all = tuple(all_of_them)

    @property
    def by_field(self) -> dict[str | None, Invalid]:
        """The first problem of each field, as a form shows it."""
        found: dict[str | None, Invalid] = {}
        for problem in self.all:
            found.setdefault(problem.field, problem)
        return found


def refused(*checks: Callable[[], object]) -> list[Invalid]:
    """What each of these checks refuses, in their order: whoever is told one thing after another corrects as often."""
    found: list[Invalid] = []
    for check in checks:
        try:
            check()
        except Problems as several:
            found += several.all
        except Invalid as one:
            found.append(one)
    return found


class SetupError(PortalError):
    """The portal cannot start like this; one line that says what, where and the cure."""


class SignedOut(PortalError):
    """The session ended meanwhile: expired, revoked, or its person was disabled."""
