"""A form as somebody has filled it in so far: what each field begins with, says now, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from rules.errors import Invalid
from rules.fields import Field, FieldKind, tidy
from ui.drafts import Draft
from ui.reader import zone_of

#: Digits in groups of three, as people write amounts: "1,500,000.50".
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
_EMPTY: dict[FieldKind, Any] = {
    FieldKind.TEXT: "",
    FieldKind.LONG_TEXT: "",
    FieldKind.LINES: "",
    FieldKind.AMOUNT: "",
    FieldKind.TICK: False,
    FieldKind.ITEMS: [],
}


def begins(fields: Sequence[Field]) -> dict[str, Any]:
    """What a draft of these fields begins with; a cell of a row is a field of its own, `visitors.0.email`."""
    return {name: value for each in fields for name, value in _begins(each)}


def _begins(each: Field) -> Iterator[tuple[str, Any]]:
    if each.kind is not FieldKind.ROWS:
        yield each.name, _EMPTY.get(each.kind) if each.default is None else _plain(each.default)
        return
    yield how_many(each), 1 if each.required else 0
    for number in range(each.most or 1):
        for column in each.columns:
            yield cell(each, number, column), _EMPTY.get(column.kind)


def _plain(value: Any) -> Any:
    """An enum's member as JSON brings it back."""
    return str(value) if isinstance(value, str) else value


def how_many(each: Field) -> str:
    """The draft's name for the number of rows on the screen."""
    return f"{each.name}.n"


def cell(each: Field, number: int, column: Field) -> str:
    """The draft's name for one cell, and that of its problem (rules/fields.py)."""
    return f"{each.name}.{number}.{column.name}"


@dataclass(frozen=True)
class Filled:
    """The fields of one form with all that drawing them needs; `zone` is the clock that moments are entered in."""

    draft: Draft
    fields: tuple[Field, ...]
    zone: str = "UTC"
    #: Field → id → its words, for what is picked from the customer's own.
    options: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    #: What is proposed as long as nothing was chosen.
    proposed: Mapping[str, Any] = field(default_factory=dict)
    problems: Mapping[str | None, Invalid] = field(default_factory=dict)

    @property
    def clock(self) -> tzinfo:
        return zone_of(self.zone)

    def values(self) -> dict[str, Any]:
        """What every field says now, as rules/fields.py takes it."""
        return {each.name: self.value(each) for each in self.fields}

    def value(self, each: Field) -> Any:
        if each.kind is FieldKind.ROWS:
            return [self._row(each, number) for number in range(self.rows(each))]
        said = self.draft.value(each.name)
        match each.kind:
            case FieldKind.MOMENT if isinstance(said, datetime):
                return said.replace(tzinfo=self.clock)
            case FieldKind.LINES:
                return (said or "").splitlines()
            case FieldKind.AMOUNT:
                return said.replace(",", "") if _GROUPED.fullmatch((said or "").strip()) else said
            case FieldKind.SPACE | FieldKind.ITEMS:
                return self.still_there(each, said)
        return self.proposed.get(each.name) if said is None else said

    def still_there(self, each: Field, said: Any) -> Any:
        """Of what was picked, what can be picked now: another site has other cabinets."""
        among = self.options.get(each.name, {})
        if each.kind is FieldKind.ITEMS:
            return [one for one in said or [] if one in among]
        return said if said in among else None

    def rows(self, each: Field) -> int:
        return int(self.draft.value(how_many(each)))

    def _row(self, each: Field, number: int) -> dict[str, Any]:
        return {column.name: self.draft.value(cell(each, number, column)) for column in each.columns}

    def placed(self, found: Sequence[Invalid]) -> dict[str | None, Invalid]:
        """The first problem of each field on the screen. Empty rows were left out when problems were looked for."""
        placed: dict[str | None, Invalid] = {}
        for problem in found:
            if not self._is_gone(problem.field):
                placed.setdefault(self._on_screen(problem.field), problem)
        return placed

    def _is_gone(self, name: str | None) -> bool:
        """A row that was refused and then removed has no problem any more."""
        each, number, _column = self._cell(name)
        return each is not None and number >= len(self._full(each))

    def _on_screen(self, name: str | None) -> str | None:
        each, number, column = self._cell(name)
        return name if each is None else f"{each.name}.{self._full(each)[number]}.{column}"

    def _cell(self, name: str | None) -> tuple[Field | None, int, str]:
        """The field of rows, the row among those that are filled in, and its column; no field where it is none."""
        of, _dot, rest = (name or "").partition(".")
        each = next((one for one in self.fields if one.name == of and one.kind is FieldKind.ROWS), None)
        number, _dot, column = rest.partition(".")
        return (None, 0, "") if each is None or not column else (each, int(number), column)

    def _full(self, each: Field) -> list[int]:
        """Where on the screen the rows are that somebody filled in."""
        return [at for at, row in enumerate(self.value(each)) if any(tidy(each.columns, row).values())]
