"""Tables that people give us: a CSV file or an xlsx workbook → rows, read so that a hostile file harms nobody.

What a file is, its content says; a name that says otherwise is refused, because then the person means another
file than the one we would read. Rows come as they are read, so `Refused` may come after some of them: keep
nothing of a file before its last row.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path, PurePath
from typing import BinaryIO

from data.tabular.delimited import csv_cells
from data.tabular.header import Expected, check_header, column_names
from data.tabular.rows import COMMAND_LINE, Limits, Refused, Row, in_line, shown
from data.tabular.workbook import workbook_cells
from rules.words import N_

__all__ = ["COMMAND_LINE", "Limits", "Refused", "Row", "in_line", "read_rows", "shown"]

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0"  # what .xls was, and what a workbook with a password is wrapped in
_TEXT_NAMES = (".csv", ".tsv", ".txt")
_SAVE_AS_XLSX = N_("Save it as .xlsx (without a password) or as CSV")
_SPLIT = N_("Split it into smaller files")


def read_rows(
    path: Path,
    *,
    columns: Collection[str],
    optional: Collection[str] = (),
    limits: Limits = Limits(),
    name: str | None = None,
) -> Iterator[Row]:
    """The rows of a table with exactly these columns, in any order; `name` is what its owner calls the file."""
    file = name or str(path)
    expected = Expected(tuple(columns), tuple(optional))
    with _opened(path, file, limits) as opened:
        if _is_workbook(file, opened):
            yield from _rows(file, "row", workbook_cells(file, opened, expected, limits), expected, limits)
        else:
            yield from _rows(file, "line", csv_cells(file, opened, expected), expected, limits)


def _opened(path: Path, file: str, limits: Limits) -> BinaryIO:
    if path.is_dir():
        raise Refused(file, N_("this is a folder"), N_("Name the file in it"))
    if not path.exists():
        raise Refused(file, N_("there is no such file"), N_("Check its name and folder"))
    if not path.is_file():  # a pipe or a device could keep us for ever
        raise Refused(file, N_("this is not a regular file"), N_("Save it as a file first"))
    try:
        opened = path.open("rb")
    except OSError as error:
        problem = N_("the file cannot be opened ({reason})")
        raise Refused(file, problem, N_("Check who may read it"), reason=error.strerror) from error
    size = os.fstat(opened.fileno()).st_size
    if 0 < size <= limits.file_bytes:
        return opened
    opened.close()
    if not size:
        raise Refused(file, N_("the file is empty"), N_("Check that this is the right file"))
    problem = N_("the file has {size} MB; {most} MB are allowed")
    raise Refused(file, problem, _SPLIT, size=f"{size / 1e6:,.1f}", most=f"{limits.file_bytes / 1e6:,.0f}")


def _is_workbook(file: str, opened: BinaryIO) -> bool:
    start, suffix = opened.read(4), PurePath(file).suffix.lower()
    opened.seek(0)
    if start == _OLE or suffix == ".xls":
        raise Refused(file, N_("this is an old Excel file (.xls) or one with a password"), _SAVE_AS_XLSX)
    if suffix not in (*_TEXT_NAMES, ".xlsx", ""):
        raise Refused(file, N_("a file named {name} is not read here"), _SAVE_AS_XLSX, name=shown(suffix))
    is_zip = start in _ZIP
    if is_zip and suffix in _TEXT_NAMES:
        problem = N_("this is named {name} but is a workbook or another zip file")
        raise Refused(file, problem, N_("Rename it to .xlsx"), name=suffix)
    if not is_zip and suffix == ".xlsx":
        problem = N_("this is named .xlsx but is no workbook")
        raise Refused(file, problem, N_("If it is CSV text, rename it to .csv"))
    return is_zip


def _rows(
    file: str, unit: str, source: Iterator[tuple[int, list[str]]], expected: Expected, limits: Limits
) -> Iterator[Row]:
    header_at, names = _header(file, unit, source, expected)
    unnamed = [index for index, name in enumerate(names) if not name]
    count = 0
    for number, cells in source:
        texts = [cell.strip() for cell in cells]
        if not any(texts):
            continue
        count += 1
        if count > limits.rows:
            raise Refused(file, N_("it has more than {most} rows"), _SPLIT, most=f"{limits.rows:,}")
        where = in_line(number, unit)
        if len(texts) != len(names):
            problem = N_("it has {n} columns, the header in {header} has {expected}")
            cure = N_("Put quotes around text that contains the delimiter")
            header = in_line(header_at, unit)
            raise Refused(file, problem, cure, where=where, n=len(texts), header=header, expected=len(names))
        if max(map(len, texts)) > limits.cell_characters:
            problem = N_("a cell has more than {most} characters")
            raise Refused(file, problem, N_("Shorten it"), where=where, most=f"{limits.cell_characters:,}")
        if any(texts[index] for index in unnamed):
            problem = N_("a cell stands in a column without a name")
            raise Refused(file, problem, N_("Clear it or name its column"), where=where)
        values = dict(zip(names, texts, strict=True))
        if unnamed:
            del values[""]
        yield Row(file, number, values)


def _header(file: str, unit: str, source: Iterator[tuple[int, list[str]]], expected: Expected) -> tuple[int, list[str]]:
    for number, cells in source:
        names = column_names(cells)
        if any(names):
            check_header(file, in_line(number, unit), names, expected)
            return number, names
    raise Refused(file, N_("there is nothing in it"), expected.said)
