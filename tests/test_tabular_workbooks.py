"""Reading an xlsx workbook that somebody gives us: the values that a person sees in the sheet."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from data.tabular import COMMAND_LINE, Limits, Refused, read_rows
from tests.xlsx_files import COLUMNS, book, saved, values_of, with_cells


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (0.1, "0.1"),
        (9.90, "9.9"),
        (1234567890123.45, "1234567890123.45"),
        (-0.0, "0"),
        (1.0, "1"),
        (1e-7, "0.0000001"),
        (999_999_999_999_999, "999999999999999"),
        (dt.date(2026, 10, 1), "2026-10-01"),
        (dt.datetime.fromisoformat("2026-10-01T09:30:00"), "2026-10-01T09:30:00"),
        (dt.datetime.fromisoformat("2026-10-01T09:29:59.999"), "2026-10-01T09:30:00"),
        (dt.datetime.fromisoformat("2026-09-30T23:59:59.999"), "2026-10-01"),
        (dt.time(9, 30), "09:30:00"),
        (dt.timedelta(hours=30, minutes=5), "30:05:00"),
        (True, "true"),
        ("00123", "00123"),
        ("  서울 \u00a0", "서울"),
        ("two\nlines", "two\nlines"),
        ("#N/A is text here", "#N/A is text here"),
        (None, ""),
    ],
)
def test_a_cell_is_read_as_its_canonical_text(tmp_path: Path, typed: object, read: str) -> None:
    path = saved(book(["A-1", typed, "x"]), tmp_path / "invoices.xlsx")
    assert values_of(path) == [(2, ("A-1", read, "x"))]


def test_float_noise_of_a_formula_is_not_money(tmp_path: Path) -> None:
    path = tmp_path / "invoices.xlsx"
    path.write_bytes(with_cells('<row r="2"><c r="C2"><f>0.1+0.2</f><v>0.30000000000000004</v></c></row>'))
    assert values_of(path) == [(2, ("", "", "0.3"))]


def test_dates_of_a_workbook_that_counts_from_1904_are_the_same_dates(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.epoch = CALENDAR_MAC_1904
    made.worksheets[0].append([*COLUMNS])
    made.worksheets[0].append(["A-1", dt.date(2026, 10, 1), None])
    assert values_of(saved(made, tmp_path / "mac.xlsx")) == [(2, ("A-1", "2026-10-01", ""))]


def test_a_formula_that_says_nothing_is_an_empty_cell(tmp_path: Path) -> None:
    path = tmp_path / "invoices.xlsx"
    path.write_bytes(with_cells('<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="str"><f>""</f><v></v></c></row>'))
    assert values_of(path) == [(2, ("1", "", ""))]


def test_rows_keep_their_numbers_and_empty_ones_at_the_end_do_not_count(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for cell, value in {"C4": "number", "D4": "total", "E4": "account", "C7": "A-1", "D7": 1, "E7": "Acme"}.items():
        sheet[cell] = value
    for row in range(8, 400):
        sheet.cell(row, 3).number_format = "yyyy-mm-dd"
        sheet.cell(row, 4).value = "  "
    assert values_of(saved(made, tmp_path / "invoices.xlsx"), limits=Limits(rows=1)) == [(7, ("A-1", "Acme", "1"))]


def test_the_sheet_with_our_columns_is_read_whatever_stands_beside_it(tmp_path: Path) -> None:
    made = book(["A-1", "Acme", 1])
    made.create_sheet("Cover", 0)["A1"] = "Invoices of Acme"
    made.worksheets[0]["A2"] = "=1/0"
    hidden = made.create_sheet("Choices")
    hidden.append([*COLUMNS])
    hidden.append(["A-9", "Bolt", 9])
    hidden.sheet_state = "hidden"
    assert values_of(saved(made, tmp_path / "invoices.xlsx")) == [(2, ("A-1", "Acme", "1"))]


def test_a_workbook_over_the_limits_is_refused_and_the_command_line_has_wider_ones(tmp_path: Path) -> None:
    path = saved(book(*(["A-1", "Acme", n] for n in range(40))), tmp_path / "invoices.xlsx")
    with pytest.raises(Refused, match="more than 39 rows"):
        values_of(path, limits=Limits(rows=39))
    broken_later = tmp_path / "broken later.xlsx"
    broken_later.write_bytes(with_cells("<row><c><v>1</v></c></row>" * 9 + "<row><c><v>1e99</v></c></row>"))
    with pytest.raises(Refused, match="more than 3 rows"):
        values_of(broken_later, limits=Limits(rows=3))
    with pytest.raises(Refused, match="unpacked"):
        values_of(path, limits=Limits(unpacked_bytes=path.stat().st_size))
    assert len(values_of(path, limits=COMMAND_LINE)) == 40


def test_a_wrong_header_is_refused_by_row_and_column(tmp_path: Path) -> None:
    path = saved(book(["A-1", "Acme", 1]), tmp_path / "invoices.xlsx")
    with pytest.raises(Refused, match="row 1: column 'paid' is missing; column 'total' is unknown"):
        list(read_rows(path, columns=("number", "account", "paid")))
