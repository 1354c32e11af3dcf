"""What a bank wrote: CSV text with columns of many names, lines above the header, in Unicode or Korean Windows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import PurePath

from data.tabular.delimited import csv_cells
from data.tabular.header import Expected, column_names
from data.tabular.rows import Limits, Refused, Row, in_line, shown
from rules.words import N_

_MARKS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"%PDF-")
#: Rows of account number, period and the like above the header.
_PREAMBLE = 20
_SPLIT = N_("Split it into smaller files")


def read_statement(
    name: str,
    content: bytes,
    *,
    columns: Mapping[str, Sequence[str]],
    required: Collection[str],
    limits: Limits = Limits(),
) -> Iterator[Row]:
    """Rows with our columns; `columns` says what each may be called, the likeliest first. Where several columns mean
    the same, the first that holds anything counts. Columns of other names are left out."""
    _refuse_other_files(name, content, limits)
    by_name = {alias: ours for ours, aliases in columns.items() for alias in aliases}
    expected = Expected(tuple(by_name))
    source = csv_cells(name, BytesIO(content), expected, encoding=_encoding(content), preamble=_PREAMBLE)
    names = _header(name, source, by_name, required)
    order = {alias: rank for aliases in columns.values() for rank, alias in enumerate(aliases)}
    wanted = sorted((at for at, cell in enumerate(names) if cell in by_name), key=lambda at: order[names[at]])
    for count, (number, cells) in enumerate(source):
        if count >= limits.rows:
            raise Refused(name, N_("it has more than {most} rows"), _SPLIT, most=f"{limits.rows:,}")
        texts = [" ".join(cell.split()) for cell in cells]
        if any(len(text) > limits.cell_characters for text in texts):
            raise Refused(
                name, N_("a cell is endless"), N_("Check that this is the bank's file"), where=in_line(number)
            )
        values = dict.fromkeys(columns, "")
        for at in wanted:
            if at < len(texts) and texts[at] and not values[by_name[names[at]]]:
                values[by_name[names[at]]] = texts[at]
        if any(values.values()):
            yield Row(name, number, values)


def _refuse_other_files(name: str, content: bytes, limits: Limits) -> None:
    if not content:
        raise Refused(name, N_("the file is empty"), N_("Check that this is the right file"))
    if len(content) > limits.file_bytes:
        raise Refused(name, N_("more than {most} MB are not read"), _SPLIT, most=f"{limits.file_bytes / 1e6:,.0f}")
    if content.startswith(_MARKS) or PurePath(name).suffix.lower() not in (".csv", ".tsv", ".txt", ""):
        raise Refused(name, N_("this is no CSV text"), N_("Let the bank, or Excel, save it as CSV"))


def _encoding(content: bytes) -> str | None:
    """None: Unicode, as csv_cells finds it. What is no UTF-8 may be what Korean banks write."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return None
        return "cp949"
    return None


def _header(
    name: str, source: Iterator[tuple[int, list[str]]], by_name: Mapping[str, str], required: Collection[str]
) -> list[str]:
    """The first row that names all we need."""
    for _number, cells in zip(range(_PREAMBLE + 1), (cells for _line, cells in source), strict=False):
        names = column_names(cells)
        if {by_name[cell] for cell in names if cell in by_name}.issuperset(required):
            return names
    listed = ", ".join(shown(next(alias for alias, ours in by_name.items() if ours == column)) for column in required)
    cure = N_("A header with these is expected: {columns}")
    raise Refused(name, N_("no row names the columns"), cure, columns=listed)
