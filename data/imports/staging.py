"""Rows of files → a temporary table beside ours, and what only all of them together can tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from data.imports.fields import Unexpected
from data.imports.kinds import FileKind, FileRow, Target
from data.imports.known import Directory
from data.imports.problems import Problem, Problems, Source
from data.imports.run import Run, Steps, Watch
from data.tabular import COMMAND_LINE, Limits, Row, in_line, read_rows, shown
from rules.words import N_, Phrase


def stage(run: Run, kind: FileKind, files: range) -> Target:
    """Read these of the run's files; the target as far as they fill it."""
    target, lacking = kind.target, set[str]()
    make_table(run, kind)

    def rows() -> Iterator[tuple[Any, ...]]:
        for file in files:
            for number, row in read(kind, run.sources[file], run.directory, run.problems, run.watch):
                lacking.update(kind.may_lack.keys() - row.model_fields_set)
                yield (file, number, *staged_values(kind, row))

    run.copy(target.staged, ("file", "row", *staged_columns(kind)), rows())
    run.do(f"analyze {target.staged}")
    check_once(run, kind)
    return target.lacking(tuple(kind.may_lack[name] for name in sorted(lacking)))


def make_table(run: Steps, kind: FileKind) -> None:
    """With our own column types, so that nothing changes between here and there."""
    target = kind.target
    columns = [f"t.{column}" for column in target.filled]
    columns += [f"null::{sql_type} as {column}" for column, sql_type in kind.beside.items()]
    run.do(
        f"create temporary table {target.staged} on commit drop as "
        f"select 0::int as file, 0::int as row, {', '.join(columns)} from {target.table} t with no data"
    )


def staged_columns(kind: FileKind) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*kind.target.filled, *kind.beside)))


def staged_values(kind: FileKind, row: FileRow) -> tuple[Any, ...]:
    values = row.stored()
    return tuple(values.get(column) for column in staged_columns(kind))


def read(
    kind: FileKind,
    source: Source,
    directory: Directory,
    problems: Problems,
    watch: Watch,
    limits: Limits = COMMAND_LINE,
) -> Iterator[tuple[int, FileRow]]:
    """The rows that are as they should be; what is wrong with the others is noted."""
    columns, optional = kind.row.required(), kind.row.optional()
    rows = read_rows(source.path, columns=columns, optional=optional, limits=limits, name=source.name)
    for row in watch.rows(source, rows):
        try:
            yield row.number, kind.row.model_validate(row.values, context=directory)
        except ValidationError as error:
            for wrong in error.errors(include_url=False, include_input=False):
                problems.add(_problem(source, row, wrong))


def _problem(source: Source, row: Row, wrong: Any) -> Problem:
    """In our words; pydantic has some for what is one of a few."""
    ours = (wrong.get("ctx") or {}).get("error")
    column = ours.column if isinstance(ours, Unexpected) and ours.column else wrong["loc"][0]
    says = ours.says if isinstance(ours, Unexpected) else Phrase(wrong["msg"].removeprefix("Input should be "))
    return Problem(source, row.number, column, row.values.get(column, ""), says)


def check_once(run: Steps, kind: FileKind) -> None:
    key, (number, column) = kind.once or kind.target.key, kind.number
    together = f"over (partition by {', '.join(key)} order by file, row)"
    run.look_for(
        column,
        _once,
        f"select file, row, {number}, first_file, first_row, file <> first_file from ("
        f"select *, first_value(file) {together} as first_file, first_value(row) {together} as first_row "
        f"from {kind.target.staged}) s where (file, row) <> (first_file, first_row)",
        known=3,
    )


def _once(sources: Sequence[Source], known: Sequence[Any]) -> Phrase:
    file, row, elsewhere = known
    first = sources[int(file)]
    place = {"line": in_line(row, first.unit), "file": shown(first.path.name, 200)}
    if elsewhere in (True, "true"):
        return Phrase(N_("it once only: {line} of {file} has it already"), place)
    return Phrase(N_("it once only: {line} has it already"), place)


def check_lasting(run: Steps, target: Target) -> None:
    """What a stored row will never change, because then it would be another row."""
    for column, named in target.lasting.items():
        run.look_for(
            named,
            N_("{value}, as it is in the portal: that never changes"),
            f"select s.file, s.row, {_said(column, 's')}, {_said(column, 't')} from {target.staged} s "
            f"join {target.table} t on {same_key(target)} where t.{column} <> s.{column}",
        )


def _said(column: str, row: str) -> str:
    if column == "account_id":
        return f"(select a.code from portal.account a where a.id = {row}.account_id)"
    return f"{row}.{column}"


def same_key(target: Target) -> str:
    return " and ".join(f"t.{column} = s.{column}" for column in target.key)
