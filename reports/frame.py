"""The frame of a workbook, made by openpyxl: styles, header, cover sheet and everything but the rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from zipfile import ZipFile

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from reports.cells import SheetColumn
from reports.sheet_text import sheet_text, sheet_title

HEADER_FONT = Font(name="Calibri", size=11, bold=True)
TITLE_FONT = Font(name="Calibri", size=14, bold=True)
HEADER_FILL = PatternFill("solid", fgColor="DDE6F0")
COVER_WIDTHS = {"A": 28, "B": 90}
OPENING_PARTS = ("_rels/.rels", "docProps/app.xml", "docProps/core.xml")
ROWS_END = b"</sheetData>"
CLOCK = re.compile(rb"<dcterms:(created|modified)\b.*?</dcterms:\1>")  # the same rows give the same file
DIMENSION = re.compile(rb"<dimension [^>]*/>")


@dataclass(frozen=True)
class Cover:
    """What the reader of a printed report asks first: what was filtered, by whom, when; in words the caller gives."""

    title: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SheetStart:
    part: str
    head: bytes  # all that stands before the rows


class Frame:
    """A workbook that never holds a row: its parts are rendered anew whenever a sheet begins or ends."""

    def __init__(self, title: str, columns: Sequence[SheetColumn], cover: Cover) -> None:
        self._title, self._columns, self._cover = title, columns, cover
        self._workbook = Workbook()
        self._workbook.remove(self._workbook.worksheets[0])
        self._workbook.properties = DocumentProperties(title=sheet_text(cover.title), creator="")
        self._workbook.calculation.fullCalcOnLoad = False  # there is no formula; it would only ask to save on closing
        self.style = cache(self._style)

    def begin_sheet(self) -> SheetStart:
        sheet = self._add_sheet(self._title)
        for number, column in enumerate(self._columns, start=1):
            _write_text(sheet.cell(1, number), column.title, font=HEADER_FONT, fill=HEADER_FILL)
            sheet.column_dimensions[get_column_letter(number)].width = column.width
        sheet.freeze_panes = "A2"
        sheet.sheet_view.tabSelected = len(self._workbook.worksheets) == 1
        self._filter(sheet, last_row=1)
        return SheetStart(self._current_part(), self._current_sheet()[0])

    def end_sheet(self, last_row: int) -> bytes:
        """What stands after the rows of the sheet begun last."""
        self._filter(self._workbook.worksheets[-1], last_row)
        return self._current_sheet()[1]

    def opening_parts(self) -> dict[str, bytes]:
        """The parts that stay as they are, whatever the rows will be; readers know a workbook by the first ones."""
        parts = self._parts()
        return {name: CLOCK.sub(b"", parts[name]) for name in OPENING_PARTS}

    def closing_parts(self) -> dict[str, bytes]:
        """Everything that is neither an opening part nor a sheet of rows."""
        written = {*OPENING_PARTS, *(_part(number) for number in range(1, len(self._workbook.worksheets) + 1))}
        self._add_cover()
        return {name: content for name, content in self._parts().items() if name not in written}

    def _style(self, number_format: str, *, quoted: bool = False) -> int:
        cell = Cell(self._workbook.worksheets[0], row=2, column=1)  # only asks for its style, never joins the sheet
        cell.number_format = number_format
        cell.quotePrefix = quoted
        return cell.style_id

    def _add_sheet(self, title: str) -> Worksheet:
        return self._workbook.create_sheet(sheet_title(title, self._workbook.sheetnames))

    def _add_cover(self) -> None:
        sheet = self._add_sheet(self._cover.title)
        for letter, width in COVER_WIDTHS.items():
            sheet.column_dimensions[letter].width = width
        _write_text(sheet.cell(1, 1), self._cover.title, font=TITLE_FONT)
        wrapped = Alignment(vertical="top", wrap_text=True)
        for row, (label, words) in enumerate(self._cover.facts, start=3):
            _write_text(sheet.cell(row, 1), label, font=HEADER_FONT, alignment=wrapped)
            _write_text(sheet.cell(row, 2), words, alignment=wrapped)

    def _filter(self, sheet: Worksheet, last_row: int) -> None:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(self._columns))}{last_row}"

    def _current_part(self) -> str:
        return _part(len(self._workbook.worksheets))

    def _current_sheet(self) -> tuple[bytes, bytes]:
        """Before and after its rows; without the dimension, which nobody knows in time and which is optional."""
        before, end, after = self._parts()[self._current_part()].partition(ROWS_END)
        return DIMENSION.sub(b"", before), end + after

    def _parts(self) -> dict[str, bytes]:
        saved = BytesIO()
        self._workbook.save(saved)
        with ZipFile(saved) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


def _part(number: int) -> str:
    return f"xl/worksheets/sheet{number}.xml"


def _write_text(cell: Cell, text: str, **style: object) -> None:
    if plain := sheet_text(text):
        cell.value = plain
        cell.data_type = "s"  # openpyxl takes a leading = for a formula
        cell.quotePrefix = True
    for name, value in style.items():
        setattr(cell, name, value)
