"""The header row: which columns a file has, and whether those are the ones we asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from data.tabular.rows import Refused, shown

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

    def __str__(self) -> str:
        text = f"Expected columns: {', '.join(self.required)}"
        return f"{text}; optional: {', '.join(self.optional)}" if self.optional else text


def column_names(cells: Sequence[str]) -> list[str]:
    """Names as compared: without blanks around them, in any case; '' is a column without a name."""
    return [cell.strip().lower() for cell in cells]


def check_header(file: str, where: str, names: Sequence[str], expected: Expected) -> None:
    """Refuse a missing, unknown or repeated column, all of them in one message."""
    present = Counter(filter(None, names))
    problems = [
        *_listed("is missing", [name for name in expected.required if name not in present], expected, present),
        *_listed("is there twice", [name for name, times in present.items() if times > 1], expected, present),
        *_listed("is unknown", [name for name in present if name not in expected.known], expected, present),
    ]
    if problems:
        raise Refused(file, "; ".join(problems), str(expected), where=where)


def _listed(what: str, names: list[str], expected: Expected, present: Collection[str]) -> list[str]:
    problems = [f"column '{shown(name)}' {what}{_meant(name, expected, present)}" for name in names[:_NAMED]]
    more = len(names) - _NAMED
    return [*problems, f"and {more} more of these"] if more > 0 else problems


def _meant(name: str, expected: Expected, present: Collection[str]) -> str:
    if name in expected.known:
        return ""
    missing = [known for known in expected.known if known not in present]
    close = get_close_matches(name[:60], missing, n=1)
    return f" (is it '{close[0]}'?)" if close else ""
