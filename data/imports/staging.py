"""Rows of files → a temporary table beside ours, and what only all of them together can tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from data.imports.fields import Unexpected
from data.imports.kinds import FileKind, FileRow, Target
from data.imports.problems import MOST, Problem, Source
from data.imports.run import Run
from data.tabular import COMMAND_LINE, Row, read_rows


def stage(run: Run, kind: FileKind, files: range) -> Target:
    """Read these of the run's files; the target as far as they fill it."""
    target, lacking = kind.target, set[str]()
    columns = tuple(dict.fromkeys((*target.filled, *kind.beside)))
    _make_table(run, kind, target)

    def rows() -> Iterator[tuple[Any, ...]]:
        for file in files:
            for number, row in _read(run, kind, run.sources[file]):
                lacking.update(kind.may_lack.keys() - row.model_fields_set)
                values = row.stored()
                yield (file, number, *(values.get(column) for column in columns))

    run.copy(target.staged, ("file", "row", *columns), rows())
    run.do(f"analyze {target.staged}")
    _check_once(run, kind)
    return target.lacking(tuple(kind.may_lack[name] for name in sorted(lacking)))


def _make_table(run: Run, kind: FileKind, target: Target) -> None:
    """With our own column types, so that nothing changes between here and there."""
    columns = [f"t.{column}" for column in target.filled]
    columns += [f"null::{sql_type} as {column}" for column, sql_type in kind.beside.items()]
    run.do(
        f"create temporary table {target.staged} on commit drop as "
        f"select 0::int as file, 0::int as row, {', '.join(columns)} from {target.table} t with no data"
    )


def _read(run: Run, kind: FileKind, source: Source) -> Iterator[tuple[int, FileRow]]:
    """The rows that are as they should be; what is wrong with the others is noted."""
    rows = read_rows(source.path, columns=kind.row.required(), optional=kind.row.optional(), limits=COMMAND_LINE)
    for row in run.watch.rows(source, rows):
        try:
            yield row.number, kind.row.model_validate(row.values, context=run.directory)
        except ValidationError as error:
            for wrong in error.errors(include_url=False, include_input=False):
                run.problems.add(_problem(source, row, wrong))


def _problem(source: Source, row: Row, wrong: Any) -> Problem:
    """In our words; pydantic has some for what is one of a few."""
    ours = (wrong.get("ctx") or {}).get("error")
    column = ours.column if isinstance(ours, Unexpected) and ours.column else wrong["loc"][0]
    expected = str(ours) if ours else wrong["msg"].removeprefix("Input should be ")
    return Problem(source, row.number, column, row.values.get(column, ""), expected)


def _check_once(run: Run, kind: FileKind) -> None:
    key, (number, column) = kind.once or kind.target.key, kind.number
    together = f"over (partition by {', '.join(key)} order by file, row)"
    found = run.ask(
        f"select file, row, {number}, first_file, first_row from ("
        f"select *, first_value(file) {together} as first_file, first_value(row) {together} as first_row "
        f"from {kind.target.staged}) s where (file, row) <> (first_file, first_row) "
        f"order by file, row limit {MOST + 1}"
    )
    for file, row, value, first_file, first_row in found:
        first = run.sources[first_file]
        elsewhere = "" if first_file == file else f" of {first.path.name}"
        expected = f"it once only: {first.unit} {first_row}{elsewhere} has it already"
        run.problems.add(Problem(run.sources[file], row, column, str(value), expected))


def check_lasting(run: Run, target: Target) -> None:
    """What a stored row will never change, because then it would be another row."""
    for column, named in target.lasting.items():
        run.look_for(
            named,
            "{}, as it is in the portal: that never changes",
            f"select s.file, s.row, {_said(column, 's')}, {_said(column, 't')} from {target.staged} s "
            f"join {target.table} t on {same_key(target)} where t.{column} <> s.{column}",
        )


def _said(column: str, row: str) -> str:
    if column == "account_id":
        return f"(select a.code from portal.account a where a.id = {row}.account_id)"
    return f"{row}.{column}"


def same_key(target: Target) -> str:
    return " and ".join(f"t.{column} = s.{column}" for column in target.key)
