"""One import while it runs: the files, the transaction, what is wrong so far, and who is told how far it is.

What is asked of staged rows, and done with them, is said to `Steps`: done at once by `Run`, as the tables' owner, or
written down for a function of the database (data/imports/written_down.py)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, LiteralString, cast

from psycopg import Cursor
from sqlalchemy import Connection, text

from data.imports.kinds import FileKind, Target
from data.imports.known import Directory
from data.imports.problems import MOST, Problem, Problems, Source
from data.tabular import Row
from rules.errors import PortalError
from rules.words import Phrase, Stored


class Watch:
    """Who is told how far an import is; this one keeps it to itself."""

    def rows(self, source: Source, rows: Iterator[Row]) -> Iterator[Row]:
        return rows

    def step(self, words: str) -> None:
        """Something begins that takes a while."""


#: What was expected, marked with N_, whose {placeholders} are filled in turn by what a query found beside the value;
#: or who says it, of the files and that.
Expected = str | Callable[[Sequence[Source], Sequence[Any]], Phrase]


def placeholders(expected: str) -> list[str]:
    return [name for _text, name, _spec, _conversion in Formatter().parse(expected) if name]


def expecting(expected: Expected, sources: Sequence[Source], known: Sequence[Any]) -> Phrase:
    if not isinstance(expected, str):
        return expected(sources, known)
    values = dict(zip(placeholders(expected), known, strict=False))
    if "state" in values:
        values["state"] = Stored("invoice.state", values["state"])
    return Phrase(expected, values)


class Steps(ABC):
    """What happens to staged rows, one statement after the other."""

    #: The table that is filled, as far as the files fill it.
    target: Target
    with_lines: bool
    #: Carried out by the owner of the tables, who may do what a function of the database may not.
    by_owner: bool

    @abstractmethod
    def do(self, sql: str) -> None: ...

    @abstractmethod
    def look_for(self, column: str, expected: Expected, sql: str, *, known: int | None = None) -> None:
        """A query finds problems: file, row, value and what belongs into the placeholders of `expected`. `known`: how
        many of these there are, where no text says it."""

    @abstractmethod
    def end_if_any(self) -> None:
        """If something was wrong so far, nothing more is done, and nothing kept."""

    @abstractmethod
    def say(self, words: str) -> None:
        """Something begins that takes a while."""


@dataclass
class Run(Steps):
    """`sources` are the files in the order of the staged column `file`; the lines' file, if any, is the last."""

    connection: Connection
    kind: FileKind
    sources: tuple[Source, ...]
    target: Target
    with_lines: bool = False
    dry_run: bool = False
    watch: Watch = field(default_factory=Watch)
    problems: Problems = field(default_factory=Problems)
    notes: list[str] = field(default_factory=list)
    directory: Directory = field(init=False)
    by_owner: bool = True

    def __post_init__(self) -> None:
        self.directory = Directory.read(self.connection)

    def do(self, sql: str) -> None:
        self.connection.execute(text(sql))

    def ask(self, sql: str, **values: Any) -> Sequence[Any]:
        return self.connection.execute(text(sql), values).all()

    def copy(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Into a temporary table: PostgreSQL copies nothing straight into one with row security."""
        statement = f"copy {table} ({', '.join(columns)}) from stdin"
        cursor = cast("Cursor[Any]", self.connection.connection.cursor())
        refused: PortalError | None = None
        with cursor, cursor.copy(cast("LiteralString", statement)) as copy:
            try:
                for row in rows:
                    copy.write_row(row)
            except PortalError as error:  # psycopg would tell the server all of it, which takes no more than 10 kB
                refused = error
        if refused:
            raise refused

    def look_for(self, column: str, expected: Expected, sql: str, *, known: int | None = None, **values: Any) -> None:
        for file, row, value, *found in self.ask(f"{sql} order by 1, 2 limit {MOST + 1}", **values):
            says = expecting(expected, self.sources, found)
            self.problems.add(Problem(self.sources[file], row, column, str(value), says))

    def end_if_any(self) -> None:
        self.problems.end_if_any()

    def say(self, words: str) -> None:
        self.watch.step(words)
