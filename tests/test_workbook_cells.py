"""Cells of a workbook: what went in comes out of every reader, and no text is ever a formula."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell import Cell

from reports.workbook import CellKind, Cover, SheetColumn
from tests.workbook_files import by_calamine, cells_of, column_of, opened, rows_xml, written

EXCEL_LONGEST = 32_767


def by_openpyxl(content: bytes) -> list[str | None]:
    """Texts as Excel would show them: openpyxl leaves the escape of `_x0041_` in place, Excel takes it back."""
    return [None if cell.value is None else cell.value.replace("_x005F_", "_") for cell in cells_of(content)]


def printable(text: str) -> str:
    """What a sheet can show of a text: lines and tabs, but no other control character and no half of a pair."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        c for c in lines if c in "\t\n" or (unicodedata.category(c) not in {"Cc", "Cs"} and c not in "\ufffe\uffff")
    )


AWKWARD = [
    "_x0041_",
    "_x005F_",
    "_",
    "x0041_",
    "=",
    "\r\n",
    "\n",
    " ",
    "\t",
    "\0",
    "\1",
    "&amp;",
    "<",
    "]]>",
    "😀",
    "가",
    "\ud800",
]
texts = st.lists(st.sampled_from(AWKWARD) | st.text(max_size=5), max_size=8).map("".join)


@settings(deadline=None, max_examples=80)
@given(st.lists(texts | st.none(), min_size=1, max_size=12))
def test_any_text_comes_back_from_every_reader_without_its_control_characters(values: list[str | None]) -> None:
    content = column_of(CellKind.TEXT, values)
    expected = [printable(value or "") for value in values]
    while expected and not expected[-1]:
        expected.pop()  # readers end at the last cell that holds something

    assert [value or "" for value in by_openpyxl(content)][: len(expected)] == expected
    assert [row[0] for row in by_calamine(content)[1:]][: len(expected)] == expected
    assert all(cell.data_type != "f" for cell in cells_of(content))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1", "=cmd|' /C calc'!A0", "＝1+1"])
def test_text_that_looks_like_a_formula_stays_text_even_when_somebody_edits_the_cell(text: str) -> None:
    risky, harmless = cells_of(column_of(CellKind.TEXT, [text, "harmless"]))
    assert (risky.value, risky.data_type, risky.quotePrefix) == (text, "s", True)
    assert not harmless.quotePrefix
    assert "<f" not in rows_xml(column_of(CellKind.TEXT, [text]))


def test_neither_titles_nor_the_cover_become_formulas() -> None:
    cover = Cover("=title", (("=label", '=HYPERLINK("http://evil.example")'), ("+empty", "")))
    content = written([SheetColumn("=header", CellKind.TEXT)], [("x",)], cover=cover)
    found = [cell for sheet in opened(content) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert [cell.value for cell in found if cell.data_type == "f"] == []
    assert {"=header", "=title", "=label", '=HYPERLINK("http://evil.example")', "+empty"} <= {c.value for c in found}


def test_what_readers_would_decode_is_escaped() -> None:
    xml = rows_xml(column_of(CellKind.TEXT, ["_x0041_", "_x0041_x0042_", "_x41_", "_x0041", "snake_case"]))
    assert "<t>_x005F_x0041_</t>" in xml
    assert "<t>_x005F_x0041_x005F_x0042_</t>" in xml
    assert "<t>_x41_</t>" in xml
    assert "<t>_x0041</t>" in xml
    assert "<t>snake_case</t>" in xml


@pytest.mark.parametrize("sign", ["x", "가", "😀"])
def test_a_text_too_long_for_a_cell_is_cut_between_characters(sign: str) -> None:
    units = len(sign.encode("utf-16-le")) // 2
    fits, too_long = sign * (EXCEL_LONGEST // units), sign * (EXCEL_LONGEST // units + 1)
    whole, cut = by_openpyxl(column_of(CellKind.TEXT, [fits, too_long]))
    assert whole == fits
    assert cut is not None
    assert cut.endswith(sign + "…")
    assert EXCEL_LONGEST - 1 <= len(cut.encode("utf-16-le")) // 2 <= EXCEL_LONGEST


def test_a_text_of_an_enumeration_is_its_value() -> None:
    class Status(StrEnum):
        OVERDUE = "overdue"

    assert by_openpyxl(column_of(CellKind.TEXT, [Status.OVERDUE])) == ["overdue"]


def test_empty_values_leave_their_cell_out_and_move_no_other() -> None:
    columns = [SheetColumn(title, CellKind.TEXT) for title in "abc"]
    content = written(columns, [("1", "", None), (None, "2", None), ("", "", None), ("3", "4", None)])
    assert by_calamine(content) == [["a", "b", "c"], ["1", "", ""], ["", "2", ""], ["", "", ""], ["3", "4", ""]]
    assert re.findall(r'<c r="(\w+)"', rows_xml(content)) == ["A2", "B3", "A5", "B5"]


def test_blanks_and_lines_are_kept_where_a_reader_might_drop_them() -> None:
    for text in (" led", "trailed ", "two\nlines", "a\ttab"):
        assert f'<t xml:space="preserve">{text}</t>' in rows_xml(column_of(CellKind.TEXT, ["plain", text, "plain"]))
    assert "xml:space" not in rows_xml(column_of(CellKind.TEXT, ["in between"]))


def test_all_line_ends_are_the_one_that_sheets_know() -> None:
    assert '<t xml:space="preserve">a\nb\nc\nd</t>' in rows_xml(column_of(CellKind.TEXT, ["a\r\nb\rc\nd"]))


@pytest.mark.parametrize("kind", [CellKind.TEXT, CellKind.DATE, CellKind.INTEGER, CellKind.MONEY])
def test_a_column_that_repeats_itself_looks_like_one_that_does_not(kind: CellKind) -> None:
    values: list[Any] = {
        CellKind.TEXT: ["=1+1", " led", "a & b", None, "\r", "_x0041_", ""],
        CellKind.DATE: [date(2026, 11, 22), None, date(2026, 11, 23)],
        CellKind.INTEGER: [0, -5, None, 10**9],
        CellKind.MONEY: [Decimal("1.00"), Decimal(1), Decimal("1.000"), None],  # equal, and not alike
    }[kind]
    often, once = cells_of(column_of(kind, values * 20)), cells_of(column_of(kind, values))
    assert [_look(cell) for cell in often[: 19 * len(values)]] == [_look(cell) for cell in _filled(once, values)] * 19


def _filled(cells: list[Cell], values: list[Any]) -> list[Cell | None]:
    """A sheet ends at its last cell that holds something; after it come as many empty ones as there were values."""
    return [*cells, *[None] * (len(values) - len(cells))]


def _look(cell: Cell | None) -> tuple[object, ...]:
    if cell is None or cell.value is None:
        return ()
    return cell.value, cell.data_type, cell.number_format, cell.quotePrefix


def test_a_column_in_the_readers_words_has_no_stored_one_left() -> None:
    words = {"overdue": "연체", "paid": "=완료"}
    column = SheetColumn("Status", CellKind.TEXT, in_words=lambda values: [words.get(value, value) for value in values])
    cells = cells_of(written([column], [("overdue",), ("paid",), (None,), ("other",)] * 10))
    assert [cell.value for cell in cells[:4]] == ["연체", "=완료", None, "other"]
    assert {cell.value for cell in cells} == {"연체", "=완료", None, "other"}
    assert all(cell.data_type != "f" for cell in cells)


amounts = st.integers(0, 3).flatmap(lambda places: st.decimals("-999999999999", "999999999999", places=places))


@settings(deadline=None, max_examples=60)
@given(st.lists(amounts | st.none(), min_size=1, max_size=12))
def test_money_comes_back_exactly(values: list[Decimal | None]) -> None:
    content = column_of(CellKind.MONEY, values)
    expected = [value for value in values if value is not None]
    assert re.findall("<v>(.*?)</v>", rows_xml(content)) == [f"{value:f}" for value in expected]
    assert [Decimal(str(c.value)) for c in cells_of(content) if c.value is not None] == expected
    assert [Decimal(str(row[0])) for row in by_calamine(content)[1:] if row[0] != ""] == expected


def test_money_shows_the_decimals_of_its_currency() -> None:
    won, dollars, dinars = Decimal(1200), Decimal("12.50"), Decimal("-3.125")
    content = column_of(CellKind.MONEY, [won, dollars, dinars])
    assert [cell.number_format for cell in cells_of(content)] == ["#,##0", "#,##0.00", "#,##0.000"]
    fixed = column_of(CellKind.MONEY, [won, dollars, dinars], number_format="0.0")
    assert {cell.number_format for cell in cells_of(fixed)} == {"0.0"}


def test_more_digits_than_a_float_has_are_written_all_the_same() -> None:
    digits = "12345678901234567890.12"
    for kind in (CellKind.MONEY, CellKind.DECIMAL):
        assert f"<v>{digits}</v>" in rows_xml(column_of(kind, [Decimal(digits)]))
    assert "<v>100000</v>" in rows_xml(column_of(CellKind.MONEY, [Decimal("1E+5")]))


def test_numbers_are_numbers_in_both_readers() -> None:
    content = written(
        [SheetColumn("n", CellKind.INTEGER), SheetColumn("kW", CellKind.DECIMAL, number_format="0.00")],
        [(-3, Decimal("4.25")), (10**9, 0.5), (0, 7)],
    )
    assert by_calamine(content)[1:] == [[-3, 4.25], [10**9, 0.5], [0, 7]]
    assert [cell.number_format for cell in opened(content).worksheets[0]["B"][1:]] == ["0.00"] * 3


@pytest.mark.parametrize("number", [Decimal("NaN"), Decimal("-Infinity"), float("inf"), float("nan"), 10**309])
def test_a_number_that_no_sheet_can_hold_is_refused(number: object) -> None:
    with pytest.raises((ValueError, OverflowError)):
        column_of(CellKind.DECIMAL, [Decimal(1), number])


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 31)).map(lambda t: t.replace(microsecond=0)), min_size=1
    )
)
def test_dates_and_times_come_back_to_the_second(moments: list[datetime]) -> None:
    columns = [SheetColumn("Due", CellKind.DATE), SheetColumn("Opened", CellKind.TIME)]
    content = written(columns, [(moment.date(), moment) for moment in moments])
    rows = opened(content).worksheets[0].iter_rows(min_row=2, values_only=True)
    assert [(due.date(), opened_at) for due, opened_at in rows] == [(moment.date(), moment) for moment in moments]
    for (due, opened_at), moment in zip(by_calamine(content)[1:], moments, strict=True):
        assert due == moment.date()
        assert opened_at in (moment, moment.date())  # calamine gives midnight as a date


def test_days_that_sheets_miscount_are_written_out_as_text() -> None:
    days = [date(1899, 12, 31), date(1900, 2, 28), date(1900, 3, 1)]
    assert [row[0] for row in by_calamine(column_of(CellKind.DATE, days))[1:]] == ["1899-12-31", "1900-02-28", days[2]]
    times = [datetime(1900, 1, 1, 12, 30), datetime(1900, 3, 1, 12, 30)]
    assert [row[0] for row in by_calamine(column_of(CellKind.TIME, times))[1:]] == ["1900-01-01 12:30:00", times[1]]


def test_a_time_with_a_zone_is_refused_and_says_where_to_convert_it() -> None:
    with pytest.raises(ValueError, match=r"'Value' holds a time with a zone; convert it .* in SQL"):
        column_of(CellKind.TIME, [datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)])


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (CellKind.TEXT, 5),
        (CellKind.INTEGER, True),
        (CellKind.INTEGER, "5"),
        (CellKind.MONEY, 1.5),
        (CellKind.DATE, datetime(2026, 1, 1)),
        (CellKind.TIME, date(2026, 1, 1)),
    ],
)
def test_a_value_of_another_kind_is_refused_with_the_name_of_its_column(kind: CellKind, wrong: object) -> None:
    with pytest.raises(TypeError, match=f"'Value' takes {kind} cells, not {type(wrong).__name__}"):
        column_of(kind, [None, wrong])


def test_rows_that_do_not_fit_the_columns_are_refused() -> None:
    columns = [SheetColumn("a", CellKind.TEXT)]
    with pytest.raises(ValueError, match="rows of 2 values do not fit 1 columns"):
        written(columns, [("a", "b")])
    with pytest.raises(ValueError, match="rows of 0 values do not fit 1 columns"):
        written(columns, [()])
    with pytest.raises(ValueError, match="longer than"):
        written(columns, [("a",), ("a", "b")])
