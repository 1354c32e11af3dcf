"""Cells of a sheet: a column's values become XML, a few thousand rows at a time.

Speed comes from working along columns: one join, one pass of replacements and one split for all texts of a column,
instead of a call per cell; and from rendering once what a column repeats.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from itertools import chain, repeat
from types import NoneType
from typing import Any, TypeAlias

from reports.sheet_text import joined_for_sheet, looks_like_formula, needs_space_kept, split, xml_escaped

Piece: TypeAlias = str | Sequence[str]  # the same for every row, or one for each


class CellKind(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"  # a Decimal with as many decimals as its currency has, unless the column fixes a format
    DATE = "date"
    TIME = "time"  # naive, already in the viewer's zone


@dataclass(frozen=True)
class SheetColumn:
    title: str
    kind: CellKind
    width: float = 16
    number_format: str | None = None
    #: How the reader calls these values, where they are stored under other names: a whole column at a time.
    in_words: Callable[[Sequence[Any]], Sequence[object]] | None = None


NUMBER_FORMATS = {CellKind.DATE: "yyyy-mm-dd", CellKind.TIME: "yyyy-mm-dd hh:mm"}
ACCEPTED: dict[CellKind, frozenset[type]] = {
    CellKind.TEXT: frozenset({str}),
    CellKind.INTEGER: frozenset({int}),
    CellKind.DECIMAL: frozenset({Decimal, int, float}),
    CellKind.MONEY: frozenset({Decimal}),
    CellKind.DATE: frozenset({date}),
    CellKind.TIME: frozenset({datetime}),
}
# Equal values of these kinds are the same cell; equal amounts may differ in their decimals.
ALIKE_WHEN_EQUAL = frozenset({CellKind.TEXT, CellKind.INTEGER, CellKind.DATE})
OFTEN = 4  # times a value has to come, on average, to be worth looking up

# Day 1 is 1 January 1900, but sheets believe in a 29 February 1900; from 1 March on this zero gives their count.
DAY_ZERO = date(1899, 12, 30)
DAY_ZERO_ORDINAL = DAY_ZERO.toordinal()
TIME_ZERO = datetime.combine(DAY_ZERO, time.min)
FIRST_CERTAIN_DAY = date(1900, 3, 1)
FIRST_CERTAIN_TIME = datetime.combine(FIRST_CERTAIN_DAY, time.min)
SECONDS_A_DAY = 86_400

NOT_PLAIN_DIGITS = re.compile(r"[^0-9. \-]")
LONGEST_PLAIN_NUMBER = 300  # a double ends near 1.8e308
MOST_PLACES = 30  # the longest fraction a number format may have


class ColumnCells:
    """Turns the values of one column into cells; `style` gives the number of a style in this workbook."""

    def __init__(self, letter: str, column: SheetColumn, style: Callable[..., int]) -> None:
        self._opening = f'<c r="{letter}'
        self._column = column
        self._style = style
        self._render: Callable[[Sequence[Any]], list[Piece]] = {
            CellKind.TEXT: self._texts,
            CellKind.INTEGER: self._numbers,
            CellKind.DECIMAL: self._numbers,
            CellKind.MONEY: self._money,
            CellKind.DATE: self._dates,
            CellKind.TIME: self._times,
        }[column.kind]

    def pieces(self, values: Sequence[object], row_numbers: Sequence[str]) -> list[Piece]:
        """The cells as pieces to be strung together row by row; an empty value is no cell at all."""
        if self._column.in_words:
            values = self._column.in_words(values)
        if not self._check(values):
            return [self._opening, row_numbers, *self._rendered(values)]
        filled = [value is not None and value != "" for value in values]
        if not any(filled):
            return [""]
        present = [value for value, there in zip(values, filled, strict=True) if there]
        numbers = [number for number, there in zip(row_numbers, filled, strict=True) if there]
        cells = strung([self._opening, numbers, *self._rendered(present)])
        return [[next(cells) if there else "" for there in filled]]

    def _rendered(self, values: Sequence[Any]) -> list[Piece]:
        """What follows the address of each cell."""
        if self._column.kind in ALIKE_WHEN_EQUAL:
            once = list(set(values))
            if OFTEN * len(once) <= len(values):
                cells = dict(zip(once, strung(self._render(once)), strict=True))
                return [list(map(cells.__getitem__, values))]
        return self._render(values)

    def _check(self, values: Sequence[object]) -> bool:
        """Refuse what does not belong in this column; say whether some values are empty."""
        kind = self._column.kind
        found = set(map(type, values))
        for wrong in found - ACCEPTED[kind] - {NoneType}:
            if not (kind is CellKind.TEXT and issubclass(wrong, str)):
                raise TypeError(f"column {self._column.title!r} takes {kind} cells, not {wrong.__name__}")
        return NoneType in found or (kind is CellKind.TEXT and "" in values)

    def _styled(self, number_format: str | None) -> str:
        return f' s="{self._style(number_format)}"' if number_format else ""

    def _texts(self, values: Sequence[str]) -> list[Piece]:
        joined = joined_for_sheet(values)
        space = ' xml:space="preserve"' if needs_space_kept(joined) else ""
        opening = f' t="inlineStr"><is><t{space}>'
        texts = split(xml_escaped(joined))
        plain = f'"{self._styled(self._column.number_format)}{opening}'
        between: Piece = plain
        if risky := looks_like_formula(joined, texts):
            # still text when somebody edits the cell and presses Enter, as if typed with a leading apostrophe
            quoted = f'" s="{self._style(self._column.number_format or "General", quoted=True)}"{opening}'
            between = [quoted if risk else plain for risk in risky]
        return [between, texts, "</t></is></c>"]

    def _numbers(self, values: Sequence[int | float | Decimal]) -> list[Piece]:
        texts, _ = self._digits(values)
        return [f'"{self._styled(self._column.number_format)}><v>', texts, "</v></c>"]

    def _money(self, values: Sequence[Decimal]) -> list[Piece]:
        if self._column.number_format:
            return self._numbers(values)
        texts, plain = self._digits(values)
        if not plain:
            texts = [f"{value:f}" for value in values]
        places = [len(text.partition(".")[2]) for text in texts]
        between = {count: f'"{self._styled(money_format(count))}><v>' for count in set(places)}
        if len(between) == 1:
            return [between[places[0]], texts, "</v></c>"]
        return [[between[count] for count in places], texts, "</v></c>"]

    def _digits(self, values: Sequence[int | float | Decimal]) -> tuple[list[str], bool]:
        """The exact digits, never by way of a float, and whether all are plain: digits, sign and point."""
        texts = list(map(str, values))
        plain = not NOT_PLAIN_DIGITS.search(" ".join(texts)) and max(map(len, texts)) <= LONGEST_PLAIN_NUMBER
        if not plain and not all(map(math.isfinite, values)):
            raise ValueError(f"column {self._column.title!r} holds a number that no sheet can hold")
        return texts, plain

    def _dates(self, values: Sequence[date]) -> list[Piece]:
        if min(values) >= FIRST_CERTAIN_DAY:
            return self._serials([str(day.toordinal() - DAY_ZERO_ORDINAL) for day in values])
        return self._one_by_one(values, FIRST_CERTAIN_DAY, date.isoformat)

    def _times(self, values: Sequence[datetime]) -> list[Piece]:
        if any(value.tzinfo is not None for value in values):
            raise ValueError(
                f"column {self._column.title!r} holds a time with a zone; convert it to the viewer's zone in SQL"
            )
        if min(values) >= FIRST_CERTAIN_TIME:
            return self._serials([f"{(moment - TIME_ZERO).total_seconds() / SECONDS_A_DAY:.10f}" for moment in values])
        return self._one_by_one(values, FIRST_CERTAIN_TIME, lambda moment: moment.isoformat(" "))

    def _serials(self, texts: list[str]) -> list[Piece]:
        number_format = self._column.number_format or NUMBER_FORMATS[self._column.kind]
        return [f'"{self._styled(number_format)}><v>', texts, "</v></c>"]

    def _one_by_one(self, values: Sequence[Any], first: date, written: Callable[..., str]) -> list[Piece]:
        """Sheets cannot count days before 1900 and miscount its first weeks: such a day is written out as text."""
        rendered = (self._texts([written(value)]) if value < first else self._render([value]) for value in values)
        return [[next(strung(pieces)) for pieces in rendered]]


def money_format(places: int) -> str:
    """Thousands separated, and as many decimals as the amount itself has."""
    return "#,##0." + "0" * min(places, MOST_PLACES) if places > 0 else "#,##0"


def strung(pieces: Sequence[Piece]) -> Iterator[str]:
    """One string for each row: its share of every piece, in order."""
    return map("".join, _by_row(pieces))


def strung_together(pieces: Sequence[Piece]) -> str:
    return "".join(chain.from_iterable(_by_row(pieces)))


def _by_row(pieces: Sequence[Piece]) -> Iterator[tuple[str, ...]]:
    return zip(*(repeat(piece) if isinstance(piece, str) else piece for piece in _merged(pieces)), strict=False)


def _merged(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Neighbouring constants become one, so that every row is strung together from fewer parts."""
    constant = ""
    for piece in pieces:
        if isinstance(piece, str):
            constant += piece
        else:
            yield from (constant, piece)
            constant = ""
    yield constant
