"""What is wrong with a file, said so that whoever made it can put it right: where, which value, what was expected."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import file_digest
from pathlib import Path

from data.tabular import shown
from rules.errors import Invalid
from rules.words import Phrase

#: Who has more than these to correct has made one mistake many times.
MOST = 200
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Source:
    """A file that is being imported."""

    path: Path
    #: What its owner calls it, where that is another name: a file inside of a zip.
    called: str | None = None

    @property
    def name(self) -> str:
        return self.called or str(self.path)

    @cached_property
    def unit(self) -> str:
        """What its program calls a row; a workbook is a zip file. In a zip stand CSV files alone."""
        if self.called is not None:
            return "line"
        with self.path.open("rb") as opened:
            return "row" if opened.read(2) == b"PK" else "line"

    def rows_roughly(self) -> int | None:
        """A cell may have several lines. Of a workbook nothing is known before it is read."""
        if self.unit == "row":
            return None
        with self.path.open("rb") as opened:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: opened.read(_CHUNK), b""))

    @cached_property
    def sha256(self) -> str:
        with self.path.open("rb") as opened:
            return file_digest(opened, "sha256").hexdigest()


@dataclass(frozen=True)
class Problem:
    """One cell that cannot be accepted."""

    source: Source
    row: int
    column: str
    value: str
    says: Phrase

    @property
    def expected(self) -> str:
        """In English; `says` is translated where it is read."""
        return str(self.says)

    def __str__(self) -> str:
        value = f"'{shown(self.value)}'" if self.value else "(empty)"
        where = f"{shown(self.source.name, 200)}, {self.source.unit} {self.row}, column {self.column}"
        return f"{where}: {value} – expected {self.expected}"


class Unfit(Invalid):
    """Files with problems; nothing of them was kept."""

    def __init__(self, problems: tuple[Problem, ...], *, there_may_be_more: bool) -> None:
        self.problems, self.there_may_be_more = problems, there_may_be_more
        super().__init__("\n".join(self.lines))

    @property
    def lines(self) -> list[str]:
        more = ["… and more: correct these first"] if self.there_may_be_more else []
        return [*map(str, self.problems), *more]


@dataclass
class Problems:
    """Collects what is wrong, up to a number that a person still reads."""

    found: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        if len(self.found) == MOST:
            raise self._unfit(there_may_be_more=True)
        self.found.append(problem)

    def end_if_any(self) -> None:
        if self.found:
            raise self._unfit(there_may_be_more=False)

    def _unfit(self, *, there_may_be_more: bool) -> Unfit:
        return Unfit(tuple(self.found), there_may_be_more=there_may_be_more)
