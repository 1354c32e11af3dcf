"""Workbooks in tests: written to an output that can only write, read back by two readers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl
from openpyxl.cell import Cell
from python_calamine import CalamineWorkbook

from reports.workbook import EXCEL_ROWS, CellKind, Cover, SheetColumn, write_workbook

COVER = Cover("Invoices, overdue", (("Status", "overdue"), ("Asked by", "Fin"), ("Made at", "22 Nov 2026, 10:15 KST")))


class WriteOnly:
    """An output that can do nothing but write, as a socket would."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    @property
    def content(self) -> bytes:
        return b"".join(self.pieces)


def written(
    columns: Sequence[SheetColumn],
    rows: Sequence[Sequence[object]],
    *,
    title: str = "Invoices",
    cover: Cover = COVER,
    row_limit: int = EXCEL_ROWS,
) -> bytes:
    """The workbook of these rows, every one of them counted."""
    out = WriteOnly()
    assert write_workbook(out, title, columns, [rows], cover, row_limit=row_limit) == len(rows)
    return out.content


def column_of(kind: CellKind, values: Iterable[object], number_format: str | None = None) -> bytes:
    return written([SheetColumn("Value", kind, number_format=number_format)], [(value,) for value in values])


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def cells_of(content: bytes) -> list[Cell]:
    """The cells of a one-column sheet, without its header."""
    return [row[0] for row in opened(content).worksheets[0].iter_rows(min_row=2)]


def by_calamine(content: bytes, sheet: int = 0) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(sheet).to_python()


def rows_xml(content: bytes, sheet: int = 1) -> str:
    xml = zipfile.ZipFile(io.BytesIO(content)).read(f"xl/worksheets/sheet{sheet}.xml").decode()
    return xml[xml.index('<row r="2"') :]
