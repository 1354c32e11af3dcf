"""Rows to xlsx: openpyxl makes the frame, the rows are spliced in as they come, memory stays flat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from openpyxl.utils import get_column_letter

from reports.cells import CellKind, ColumnCells, Piece, SheetColumn, strung_together
from reports.frame import Cover, Frame, SheetStart
from reports.zip_stream import ForwardZip, Output

__all__ = ["EXCEL_ROWS", "CellKind", "Cover", "SheetColumn", "write_workbook"]

EXCEL_ROWS = 1_048_576  # of one sheet, its header included
SHEET_BYTES = 1 << 30  # a zip part without the zip64 extension, at which Excel offers a repair, ends at 2 GiB
ROWS_AT_ONCE = 1_000  # enough to spread the cost of a pass; more is not faster, only larger

Row = Sequence[object]


def write_workbook(
    out: Output,
    sheet_title: str,
    columns: Sequence[SheetColumn],
    batches: Iterable[Sequence[Row]],
    cover: Cover,
    *,
    row_limit: int = EXCEL_ROWS,
    byte_limit: int = SHEET_BYTES,
) -> int:
    """Write all batches as one workbook, strictly forward, and return the number of rows.

    A sheet that reaches one of the limits is followed by another one, "Invoices (2)". The cover comes last, so that
    whoever reads the first sheet, person or program, reads rows.
    """
    frame = Frame(sheet_title, columns, cover)
    rows = _Rows(batches, columns, frame, row_limit, byte_limit)
    with ForwardZip(out) as archive:
        sheet = frame.begin_sheet()
        archive.add_all(frame.opening_parts())
        total = rows.write_sheet(archive, sheet)
        while rows.has_more():
            total += rows.write_sheet(archive, frame.begin_sheet())
        archive.add_all(frame.closing_parts())
    return total


class _Rows:
    """The rows still to be written, handed out a few at a time whatever the size of the batches."""

    def __init__(
        self,
        batches: Iterable[Sequence[Row]],
        columns: Sequence[SheetColumn],
        frame: Frame,
        row_limit: int,
        byte_limit: int,
    ) -> None:
        self._batches = iter(batches)
        self._batch: Sequence[Row] = ()
        self._at = 0
        self._columns = [
            ColumnCells(get_column_letter(number), column, frame.style)
            for number, column in enumerate(columns, start=1)
        ]
        self._frame = frame
        self._row_limit, self._byte_limit = row_limit, byte_limit

    def has_more(self) -> bool:
        while self._at >= len(self._batch):
            batch = next(self._batches, None)
            if batch is None:
                return False
            self._batch, self._at = batch, 0
        return True

    def write_sheet(self, archive: ForwardZip, sheet: SheetStart) -> int:
        """Fill one sheet, up to its limits, and return how many rows it took."""
        last_row, size = 1, 0
        with archive.part(sheet.part) as part:
            part.write(sheet.head)
            while last_row < self._row_limit and size < self._byte_limit and self.has_more():
                rows = self._take(min(ROWS_AT_ONCE, self._row_limit - last_row))
                xml = self._xml(rows, last_row + 1)
                part.write(xml)
                last_row, size = last_row + len(rows), size + len(xml)
            part.write(self._frame.end_sheet(last_row))
        return last_row - 1

    def _take(self, most: int) -> Sequence[Row]:
        rows = self._batch[self._at : self._at + most]
        self._at += len(rows)
        return rows

    def _xml(self, rows: Sequence[Row], first_row: int) -> bytes:
        values = list(zip(*rows, strict=True))
        if len(values) != len(self._columns):
            raise ValueError(f"rows of {len(values)} values do not fit {len(self._columns)} columns")
        numbers = [str(number) for number in range(first_row, first_row + len(rows))]
        pieces: list[Piece] = ['<row r="', numbers, '">']
        for column, column_values in zip(self._columns, values, strict=True):
            pieces += column.pieces(column_values, numbers)
        pieces.append("</row>")
        return strung_together(pieces).encode()
