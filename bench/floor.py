"""The floor under a report: rows already in memory, each cell its plainest XML, deflated straight into a zip.

Cells carry their addresses, as ours do, because not every program reads a sheet without. Nothing else: no text that
could be a formula, no money by its currency, no check. What is left is what a writer in Python cannot avoid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, count, repeat
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl.utils import get_column_letter

from reports.cells import CellKind, SheetColumn

Batch = Sequence[tuple[Any, ...]]

DAY_ZERO = date(1899, 12, 30).toordinal()
TIME_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's times have no zone
OPENING = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def write_floor(file: Path, columns: Sequence[SheetColumn], batches: Iterable[Batch]) -> None:
    """The sheet alone: a frame around it takes a moment whatever the number of rows."""
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1) as archive, archive.open("sheet1.xml", "w") as sheet:
        sheet.write(OPENING)
        above = 1  # the header
        for batch in batches:
            numbers = [str(number) for number in range(above + 1, above + 1 + len(batch))]
            pieces: list[Iterable[str]] = [repeat('<row r="'), numbers, repeat('">')]
            by_column = zip(_letters(), columns, zip(*batch, strict=True), strict=False)
            for letter, column, values in by_column:
                pieces += [repeat(f'<c r="{letter}'), numbers, _CELLS[column.kind](values)]
            pieces.append(repeat("</row>"))
            sheet.write("".join(chain.from_iterable(zip(*pieces, strict=False))).encode())
            above += len(batch)
        sheet.write(b"</sheetData></worksheet>")


def _letters() -> Iterator[str]:
    return (get_column_letter(number) for number in count(1))


def _texts(values: Sequence[str | None]) -> list[str]:
    joined = escape("\0".join(value or "" for value in values))
    return [f'" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>' for text in joined.split("\0")]


def _numbers(values: Sequence[Any]) -> list[str]:
    return ['"/>' if value is None else f'"><v>{value}</v></c>' for value in values]


def _dates(values: Sequence[date | None]) -> list[str]:
    return ['"/>' if day is None else f'" s="1"><v>{day.toordinal() - DAY_ZERO}</v></c>' for day in values]


def _times(values: Sequence[datetime | None]) -> list[str]:
    return [
        '"/>' if moment is None else f'" s="2"><v>{(moment - TIME_ZERO).total_seconds() / 86400:.9f}</v></c>'
        for moment in values
    ]


_CELLS: dict[CellKind, Callable[[Sequence[Any]], list[str]]] = {
    CellKind.TEXT: _texts,
    CellKind.INTEGER: _numbers,
    CellKind.DECIMAL: _numbers,
    CellKind.MONEY: _numbers,
    CellKind.DATE: _dates,
    CellKind.TIME: _times,
}
