"""The fields of a request form: what each asks for, when it is asked, and what may be typed into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from rules.errors import Invalid
from rules.words import N_

Values = Mapping[str, Any]


class FieldKind(StrEnum):
    """What a field holds, and so how a form draws it."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    TICK = "tick"
    #: An aware moment; the form shows and takes it in the site's zone and says so.
    MOMENT = "moment"
    DAY = "day"
    NUMBER = "number"
    AMOUNT = "amount"
    #: Several short texts, such as tracking numbers.
    LINES = "lines"
    #: One inventory item of the account at the site, or several: their ids (data/ticketing `spaces`, `items`).
    SPACE = "space"
    ITEMS = "items"
    #: Rows of their own: each a mapping with the names of `columns`.
    ROWS = "rows"


class When(StrEnum):
    """On which side of now a moment or day must lie."""

    PAST = "past"
    FUTURE = "future"


@dataclass(frozen=True)
class Only:
    """The field is asked only where another one has one of these values."""

    field: str
    among: tuple[object, ...]

    def holds(self, values: Values) -> bool:
        return values.get(self.field) in self.among


@dataclass(frozen=True)
class Field:
    """One field. `required` counts where it is asked at all; limits are of characters, rows or size."""

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()
    #: Under which the choices have their words (ui/terms).
    vocabulary: str = ""
    default: Any = None
    longest: int | None = None
    least: int | None = None
    most: int | None = None
    when: When | None = None
    only: Only | None = None
    columns: tuple[Field, ...] = ()
    #: A sentence below the field.
    hint: str = ""
    #: It or another one is needed: neither is called optional (rules/together.py asks for one of them).
    either: bool = False
    #: What it is called instead where another field says so.
    elsewhere: tuple[Only, str] | None = None

    def asked(self, values: Values) -> bool:
        return self.only is None or self.only.holds(values)

    def called(self, values: Values) -> str:
        return self.elsewhere[1] if self.elsewhere and self.elsewhere[0].holds(values) else self.label


#: Looks at several fields together: what is wrong, if anything.
Together = Callable[[Values], list[Invalid]]


def tidy(fields: Sequence[Field], values: Values) -> dict[str, Any]:
    """What was typed, of the fields that are asked: text without spaces around it, and defaults for nothing."""
    given = {f.name: f.default if values.get(f.name) is None else values[f.name] for f in fields}
    return {f.name: _tidied(f, given[f.name]) for f in fields if f.asked(given)}


def problems(fields: Sequence[Field], values: Values, now: datetime) -> list[Invalid]:
    """All that cannot be accepted, in the order of the form; `values` come from `tidy`."""
    found = []
    for field in fields:
        if field.name in values:
            found += _field_problems(field, values[field.name], now)
    return found


def _tidied(field: Field, value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip() or None
    if field.kind is FieldKind.LINES:
        return tuple(dict.fromkeys(line.strip() for line in value or () if line and line.strip()))
    if field.kind is FieldKind.ITEMS:
        return tuple(dict.fromkeys(value or ()))
    if field.kind is FieldKind.ROWS:
        rows = tuple(tidy(field.columns, row) for row in value or ())
        return tuple(row for row in rows if any(row.values()))
    if field.kind is FieldKind.TICK:
        return bool(value)
    return value


def _field_problems(field: Field, value: Any, now: datetime) -> list[Invalid]:
    if value is None or value == ():
        return [Invalid(N_("Please fill this in."), field.name)] if field.required else []
    if field.kind is FieldKind.ROWS:
        return _row_problems(field, value, now)
    message, more = _wrong(field, value, now)
    return [Invalid(message, field.name, **more)] if message else []


def _row_problems(field: Field, rows: Sequence[Values], now: datetime) -> list[Invalid]:
    """Problems of row 2's e-mail are named `visitors.1.email`."""
    if field.most is not None and len(rows) > field.most:
        return [Invalid(N_("At most {most}."), field.name, most=field.most)]
    return [
        Invalid(problem.message, f"{field.name}.{number}.{problem.field}", **problem.values)
        for number, row in enumerate(rows)
        for problem in problems(field.columns, row, now)
    ]


def _wrong(field: Field, value: Any, now: datetime) -> tuple[str, dict[str, Any]]:
    match field.kind:
        case FieldKind.TEXT | FieldKind.LONG_TEXT:
            return _wrong_text(field, value)
        case FieldKind.CHOICE if value not in field.choices:
            return N_("Choose one of the list."), {}
        case FieldKind.LINES:
            if field.most is not None and len(value) > field.most:
                return N_("At most {most}."), {"most": field.most}
            return next((wrong for line in value if (wrong := _wrong_text(field, line))[0]), ("", {}))
        case FieldKind.MOMENT:
            return _wrong_moment(field, value, now)
        case FieldKind.DAY if not isinstance(value, date) or isinstance(value, datetime):
            return N_("This is no date."), {}
        case FieldKind.DAY if field.when is When.FUTURE and value < (now - timedelta(days=1)).date():
            return N_("This day is over. Choose a later one."), {}
        case FieldKind.NUMBER | FieldKind.AMOUNT:
            return _wrong_number(field, value)
        case FieldKind.ITEMS if field.most is not None and len(value) > field.most:
            return N_("At most {most}."), {"most": field.most}
    return "", {}


def _wrong_text(field: Field, value: Any) -> tuple[str, dict[str, Any]]:
    if not isinstance(value, str) or "\x00" in value:
        return N_("This is no text."), {}
    if field.longest is not None and len(value) > field.longest:
        return N_("At most {most} characters; this has {count}."), {"most": field.longest, "count": len(value)}
    return "", {}


def _wrong_moment(field: Field, value: Any, now: datetime) -> tuple[str, dict[str, Any]]:
    if not isinstance(value, datetime):
        return N_("This is no time."), {}
    assert value.tzinfo is not None, "the form knows the site's zone"
    if field.when is When.FUTURE and value < now:
        return N_("This time has passed. Choose a later one."), {}
    if field.when is When.PAST and value > now:
        return N_("This time is still to come. Choose an earlier one."), {}
    return "", {}


def _wrong_number(field: Field, value: Any) -> tuple[str, dict[str, Any]]:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return N_("This is no number."), {}
    if not number.is_finite() or (field.kind is FieldKind.NUMBER and number != number.to_integral_value()):
        return N_("This is no number."), {}
    if field.least is not None and number < field.least:
        return N_("At least {least}."), {"least": field.least}
    if field.most is not None and number > field.most:
        return N_("At most {most}."), {"most": field.most}
    return "", {}
