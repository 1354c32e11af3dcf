"""The sheet that was meant, and its cells as the text that CSV would have."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from decimal import Decimal

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from data.tabular.header import column_names
from data.tabular.refusal import Refusal

#: Excel keeps 15 digits of a number; what has more was altered before it came to us.
_EXACT_BELOW = 1e15

Cell = str | float | dt.date | dt.time | dt.timedelta


def chosen_sheet(workbook: CalamineWorkbook, columns: list[str]) -> CalamineSheet:
    """The one visible sheet with our columns: a cover or a hidden list of choices beside it does no harm."""
    visible = [
        workbook.get_sheet_by_name(about.name)
        for about in workbook.sheets_metadata
        if about.visible == SheetVisibleEnum.Visible and about.typ == SheetTypeEnum.WorkSheet
    ]
    headers = {sheet.name: header for sheet in visible if (header := _header(sheet)) is not None}
    if not headers:
        raise Refusal("the workbook has no row in any visible sheet", "Put the column names into the first row")
    fitting = [name for name, header in headers.items() if header.issuperset(columns)]
    if len(fitting) > 1:
        raise Refusal(f"{len(fitting)} sheets have these columns", "Keep one of them, or hide the others")
    name = fitting[0] if fitting else next(iter(headers))
    return next(sheet for sheet in visible if sheet.name == name)


def _header(sheet: CalamineSheet) -> set[str] | None:
    _, cells = next(filled_rows(sheet), (0, None))
    return None if cells is None else set(column_names([str(cell) for cell in cells]))


def filled_rows(sheet: CalamineSheet) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Rows that hold anything, numbered as the spreadsheet shows them."""
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if any(cell != "" for cell in cells):
            yield number, cells


def row_texts(number: int, cells: Sequence[Cell], sheet: CalamineSheet) -> list[str]:
    """The cells as text; a refusal names the cell."""
    texts: list[str] = []
    try:
        for cell in cells:
            texts.append(_text(cell))  # noqa: PERF401 - how far we came is the place of a refusal
    except Refusal as refusal:
        refusal.where = f"cell {_letters(sheet, len(texts))}{number}"
        raise
    return texts


def _text(value: Cell) -> str:
    """What the cell means, in the one form that CSV would have: ISO dates, plain decimals."""
    match value:
        case str():
            if "\0" in value:
                raise Refusal("the cell contains a NUL character", "Type it again")
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _number(value)
        case dt.datetime():
            return _moment(value)
        case dt.date() | dt.time():
            return value.isoformat()
        case dt.timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _number(value: float) -> str:
    if not math.isfinite(value) or abs(value) >= _EXACT_BELOW:
        problem = "the number has more than the 15 digits that a number cell can keep"
        raise Refusal(problem, "Make it a text cell and type it again")
    if value == int(value):
        return str(int(value))
    text = format(value, ".15g")  # 0.1 + 0.2 is 0.3, as the spreadsheet shows it
    return format(Decimal(text), "f") if "e" in text else text


def _moment(value: dt.datetime) -> str:
    """Excel counts in fractions of a day: 9:30 may come as 9:29:59.999."""
    rounded = (value + dt.timedelta(milliseconds=500)).replace(microsecond=0)
    return (rounded.date() if rounded.time() == dt.time() else rounded).isoformat()


def _letters(sheet: CalamineSheet, index: int) -> str:
    """The name of a column, counted from where the sheet's content starts: 0 → A, 26 → AA."""
    column, letters = (sheet.start or (0, 0))[1] + index + 1, ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
