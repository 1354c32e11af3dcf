"""Workbooks: header, sheets and cover around the rows, and a file that is only ever written forward."""

from __future__ import annotations

import gc
import io
import re
import tracemalloc
import zipfile
from collections.abc import Iterator

import openpyxl
import pytest
import time_machine

from reports.workbook import CellKind, Cover, SheetColumn, write_workbook
from tests.workbook_files import COVER, WriteOnly, by_calamine, opened, written


def numbered(count: int) -> list[tuple[int]]:
    return [(number,) for number in range(count)]


NUMBERS = [SheetColumn("Number", CellKind.INTEGER, width=11)]


def test_the_frame_has_a_bold_filled_frozen_header_a_filter_widths_and_a_cover_at_the_end() -> None:
    book = opened(written(NUMBERS, numbered(3)))
    sheet, cover = book.worksheets
    assert (sheet.title, cover.title) == ("Invoices", "Invoices, overdue")
    assert sheet["A1"].font.bold
    assert sheet["A1"].fill.fill_type == "solid"
    assert not sheet["A2"].font.bold
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:A4"
    assert sheet.column_dimensions["A"].width == 11
    assert [[cell.value for cell in row] for row in cover.iter_rows(min_row=3)] == [list(fact) for fact in COVER.facts]
    assert book.properties.title == "Invoices, overdue"
    assert not book.calculation.fullCalcOnLoad, "Excel would ask to save what nobody changed"


def test_a_reader_that_trusts_the_size_a_sheet_states_still_sees_every_row() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(NUMBERS, numbered(3))), read_only=True)
    assert list(book.worksheets[0].iter_rows(values_only=True)) == [("Number",), (0,), (1,), (2,)]


def test_a_cell_of_a_text_always_has_one() -> None:
    content = written([SheetColumn("", CellKind.TEXT)], [("",)], cover=Cover("", (("", ""), ("Status", ""))))
    archive = zipfile.ZipFile(io.BytesIO(content))
    for sheet in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"):
        assert not re.search(rb'<c [^>]*t="inlineStr"[^>]*/>', archive.read(sheet))


def test_a_report_without_rows_is_a_header() -> None:
    for batches in ([], [[]], [[], []]):
        out = WriteOnly()
        assert write_workbook(out, "Invoices", NUMBERS, batches, COVER) == 0
        assert by_calamine(out.content) == [["Number"]]
        assert opened(out.content).worksheets[0].auto_filter.ref == "A1:A1"


@pytest.mark.parametrize(("rows", "sheets"), [(8, [8]), (9, [9]), (10, [9, 1]), (18, [9, 9]), (19, [9, 9, 1])])
@pytest.mark.parametrize("batch", [1, 4, 9, 50])
def test_rows_beyond_the_limit_of_a_sheet_go_on_in_the_next(rows: int, sheets: list[int], batch: int) -> None:
    out, given_rows = WriteOnly(), numbered(rows)
    batches = [given_rows[at : at + batch] for at in range(0, rows, batch)]
    assert write_workbook(out, "Invoices", NUMBERS, batches, COVER, row_limit=10) == rows

    book = opened(out.content)
    assert book.sheetnames == [*["Invoices", "Invoices (2)", "Invoices (3)"][: len(sheets)], "Invoices, overdue"]
    filled = [[cell.value for cell in sheet["A"]] for sheet in book.worksheets[:-1]]
    assert [len(column) - 1 for column in filled] == sheets
    assert {column[0] for column in filled} == {"Number"}
    assert [value for column in filled for value in column[1:]] == list(range(rows))
    assert [sheet.auto_filter.ref for sheet in book.worksheets[:-1]] == [f"A1:A{count + 1}" for count in sheets]
    assert [sheet["A1"].font.bold for sheet in book.worksheets[:-1]] == [True] * len(sheets)
    assert [bool(sheet.sheet_view.tabSelected) for sheet in book.worksheets] == [True] + [False] * len(sheets)


def test_a_sheet_that_grows_too_large_for_its_part_goes_on_in_the_next_without_losing_a_row() -> None:
    out = WriteOnly()
    batches = [[("x" * 100,)] * 10] * 5
    columns = [SheetColumn("Text", CellKind.TEXT)]
    assert write_workbook(out, "Long", columns, batches, COVER, byte_limit=2_000) == 50
    assert [len(by_calamine(out.content, sheet)) - 1 for sheet in range(3)] == [20, 20, 10]


@pytest.mark.parametrize(
    ("wanted", "given_title"),
    [
        ("Invoices 2026/11: [all]*?\\", "Invoices 2026 11 all"),
        ("'quoted'", "quoted"),
        ("", "Sheet"),
        ("\x01/", "Sheet"),
        ("History", "History (2)"),
        ("x" * 40, "x" * 30 + "…"),
        ("😀" * 16, "😀" * 15 + "…"),
        ("청구서", "청구서"),
        ("Sheet", "Sheet"),
    ],
)
def test_a_sheet_title_is_one_that_excel_accepts(wanted: str, given_title: str) -> None:
    assert opened(written(NUMBERS, numbered(1), title=wanted)).sheetnames[0] == given_title


def test_sheets_with_long_or_equal_titles_get_different_ones() -> None:
    content = written(NUMBERS, numbered(3), title="x" * 40, row_limit=2, cover=Cover("X" * 40, ()))
    names = opened(content).sheetnames
    assert names == ["x" * 30 + "…", "x" * 26 + "… (2)", "x" * 26 + "… (3)", "X" * 26 + "… (4)"]
    assert {len(name) for name in names} == {31}


def test_the_same_rows_give_the_same_file_at_any_time() -> None:
    with time_machine.travel("2026-01-01"):
        first = written(NUMBERS, numbered(5))
    with time_machine.travel("2031-06-30"):
        assert written(NUMBERS, numbered(5)) == first
        assert written(NUMBERS, numbered(5), cover=Cover("Other", ())) != first


def test_the_zip_is_written_strictly_forward_and_every_part_is_sound() -> None:
    archive = zipfile.ZipFile(io.BytesIO(written(NUMBERS, numbered(30), row_limit=10)))
    assert archive.testzip() is None
    assert len(archive.namelist()) == len(set(archive.namelist()))
    for part in archive.infolist():
        assert part.flag_bits & 0x08, "sizes follow the part, they are not filled in afterwards"
        assert part.extra == b"", "no zip64, at which Excel offers a repair"


def test_even_an_output_that_could_go_back_is_written_forward() -> None:
    class Seekable(io.BytesIO):
        def seek(self, *_: object) -> int:
            raise AssertionError("went back")

    out = Seekable()
    write_workbook(out, "Invoices", NUMBERS, [numbered(3)], COVER)
    assert by_calamine(out.getvalue())[1:] == [[0], [1], [2]]


def test_the_first_bytes_leave_before_the_first_row_is_asked_for() -> None:
    out = WriteOnly()

    def batches() -> Iterator[list[tuple[int]]]:
        assert out.content.startswith(b"PK\x03\x04")
        yield numbered(1)

    assert write_workbook(out, "Invoices", NUMBERS, batches(), COVER) == 1


@pytest.mark.parametrize("fault", [RuntimeError("the cursor broke"), KeyboardInterrupt()])
def test_a_failure_in_the_middle_never_looks_like_a_whole_file(fault: BaseException) -> None:
    out = WriteOnly()

    def batches() -> Iterator[list[tuple[int]]]:
        yield numbered(5_000)
        raise fault

    with pytest.raises(type(fault)):
        write_workbook(out, "Invoices", NUMBERS, batches(), COVER)
    gc.collect()  # an abandoned archive of the zip module would write its directory now
    assert len(out.content) > 1_000
    assert not zipfile.is_zipfile(io.BytesIO(out.content))
    assert b"PK\x01\x02" not in out.content


def test_an_output_that_fails_ends_the_report() -> None:
    class Full(WriteOnly):
        def write(self, data: bytes) -> int:
            if len(self.pieces) > 20:
                raise OSError("no space left")
            return super().write(data)

    out = Full()
    with pytest.raises(OSError, match="no space left"):
        write_workbook(out, "Invoices", NUMBERS, (numbered(1_000) for _ in range(100)), COVER)
    gc.collect()
    assert len(out.pieces) == 21


def test_memory_does_not_grow_with_the_rows() -> None:
    class Nowhere:
        def write(self, data: bytes) -> int:
            return len(data)

    def peak(batches: int) -> int:
        columns = [SheetColumn("Number", CellKind.INTEGER), SheetColumn("Text", CellKind.TEXT)]
        tracemalloc.start()
        write_workbook(
            Nowhere(), "Invoices", columns, ([(n, f"row {n}") for n in range(500)] for _ in range(batches)), COVER
        )
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(2)  # what is loaded on first use counts for neither
    assert peak(60) < 1.3 * peak(6)
