"""The header row: which columns a file has, and whether those are the ones we asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from data.tabular.rows import Refused, shown
from rules.words import N_, Phrase, Several

#: A hostile header has thousands of wrong columns; a message names this many.
_NAMED = 5


@dataclass(frozen=True)
class Expected:
    """The columns a kind of file must and may have."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        return self.required + self.optional

    @property
    def said(self) -> Phrase:
        named = {"required": ", ".join(self.required), "optional": ", ".join(self.optional)}
        if self.optional:
            return Phrase(N_("Expected columns: {required}; optional: {optional}"), named)
        return Phrase(N_("Expected columns: {required}"), named)


def column_names(cells: Sequence[str]) -> list[str]:
    """Names as compared: without blanks around them, in any case; '' is a column without a name."""
    return [cell.strip().lower() for cell in cells]


def check_header(file: str, where: Phrase, names: Sequence[str], expected: Expected) -> None:
    """Refuse a missing, unknown or repeated column, all of them in one message."""
    present = Counter(filter(None, names))
    problems = [
        *_listed(N_("column '{name}' is missing"), [name for name in expected.required if name not in present]),
        *_listed(N_("column '{name}' is there twice"), [name for name, times in present.items() if times > 1]),
        *_unknown([name for name in present if name not in expected.known], expected, present),
    ]
    if problems:
        raise Refused(file, "{problems}", expected.said, where=where, problems=Several(tuple(problems)))


def _listed(what: str, names: Sequence[str]) -> list[Phrase]:
    return _not_too_many([Phrase(what, {"name": shown(name)}) for name in names], len(names))


def _unknown(names: Sequence[str], expected: Expected, present: Collection[str]) -> list[Phrase]:
    missing = [known for known in expected.known if known not in present]
    said = []
    for name in names[:_NAMED]:
        values = {"name": shown(name)}
        if close := get_close_matches(name[:60], missing, n=1):
            values["meant"] = close[0]
            said.append(Phrase(N_("column '{name}' is unknown (is it '{meant}'?)"), values))
        else:
            said.append(Phrase(N_("column '{name}' is unknown"), values))
    return _not_too_many(said, len(names))


def _not_too_many(said: list[Phrase], count: int) -> list[Phrase]:
    if count <= _NAMED:
        return said
    return [*said[:_NAMED], Phrase(N_("and {n} more of these"), {"n": count - _NAMED})]
