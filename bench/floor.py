"""The floor under a report: rows already in memory, each cell its plainest XML, deflated straight into a zip.

No column that may be empty, no text that could be a formula, no money by its currency, no check: what is left is what
a writer in Python cannot avoid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from reports.cells import CellKind, SheetColumn

Batch = Sequence[tuple[Any, ...]]

DAY_ZERO = date(1899, 12, 30).toordinal()
TIME_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's times have no zone
OPENING = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def write_floor(file: Path, columns: Sequence[SheetColumn], batches: Iterable[Batch]) -> None:
    """The sheet alone: a frame around it takes a moment whatever the number of rows."""
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1) as archive, archive.open("sheet1.xml", "w") as sheet:
        sheet.write(OPENING)
        for batch in batches:
            by_column = zip(columns, zip(*batch, strict=True), strict=True)
            cells = [_CELLS[column.kind](values) for column, values in by_column]
            sheet.write(("<row>" + "</row><row>".join(map("".join, zip(*cells, strict=True))) + "</row>").encode())
        sheet.write(b"</sheetData></worksheet>")


def _texts(values: Sequence[str | None]) -> list[str]:
    joined = escape("\0".join(value or "" for value in values))
    return [f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>' for text in joined.split("\0")]


def _numbers(values: Sequence[Any]) -> list[str]:
    return ["<c/>" if value is None else f"<c><v>{value}</v></c>" for value in values]


def _dates(values: Sequence[date | None]) -> list[str]:
    return ["<c/>" if day is None else f'<c s="1"><v>{day.toordinal() - DAY_ZERO}</v></c>' for day in values]


def _times(values: Sequence[datetime | None]) -> list[str]:
    return [
        "<c/>" if moment is None else f'<c s="2"><v>{(moment - TIME_ZERO).total_seconds() / 86400:.9f}</v></c>'
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
