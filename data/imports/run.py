"""One import while it runs: the files, the transaction, what is wrong so far, and who is told how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString, cast

from psycopg import Cursor
from sqlalchemy import Connection, text

from data.imports.kinds import FileKind, Target
from data.imports.known import Directory
from data.imports.problems import MOST, Problem, Problems, Source
from data.tabular import Row
from rules.errors import PortalError


class Watch:
    """Who is told how far an import is; this one keeps it to itself."""

    def rows(self, source: Source, rows: Iterator[Row]) -> Iterator[Row]:
        return rows

    def step(self, words: str) -> None:
        """Something begins that takes a while."""


@dataclass
class Run:
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

    def look_for(self, column: str, expected: str, sql: str, **values: Any) -> None:
        """A query finds problems: file, row, value and what belongs into the {} of `expected`."""
        for file, row, value, *known in self.ask(f"{sql} order by 1, 2 limit {MOST + 1}", **values):
            self.problems.add(Problem(self.sources[file], row, column, str(value), expected.format(*known)))
