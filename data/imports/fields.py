"""The kinds of cell a file may have: text → value, or the words for what was expected.

Each looks at the text before it is turned into anything: dates, numbers and codes have one spelling here, because
`1e5`, `1_000`, full-width digits or `1704067200` as a date are more likely a slip than a wish."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from pydantic import PlainValidator, ValidationInfo

from data.imports.known import Directory, Known
from rules.money import CURRENCIES, quantize
from rules.words import N_, Phrase

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_IN_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
#: As account and site codes stand in addresses and grants.
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,50}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_DECIMAL = re.compile(r"-?[0-9]{1,16}(?:\.[0-9]{1,6})?")
_WHOLE = re.compile(r"[0-9]{1,6}")
_EMAIL = re.compile(r"[^\s@<>\",;]{1,64}@(?:[\w-]+\.)+[\w-]{2,}")
#: Anything outside is a typing slip, and some of it is out of PostgreSQL's or Excel's reach.
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
#: The same days and prices come again and again.
_REMEMBERED = 10_000


class Unexpected(ValueError):
    """A cell is not as expected, which is said in words marked with N_; `column` names it where several were looked at
    together."""

    def __init__(self, expected: str, *, column: str | None = None, **values: object) -> None:
        self.says = Phrase(expected, values)
        super().__init__(str(self.says))
        self.column = column


def check_decimals(column: str, amount: Decimal, currency: str) -> None:
    """A currency has only so many of them: there is no half yen."""
    if amount != quantize(amount, currency):
        expected = N_("at most {n} decimals in {currency}")
        raise Unexpected(expected, column=column, n=CURRENCIES[currency], currency=currency)


def _line(longest: int) -> PlainValidator:
    def check(value: str | None) -> str:
        if not value or len(value) > longest or _CONTROL.search(value):
            raise Unexpected(N_("one line of text of at most {most} characters"), most=longest)
        return value

    return PlainValidator(check)


def _lines(longest: int) -> PlainValidator:
    def check(value: str | None) -> str:
        text = (value or "").replace("\r\n", "\n").replace("\r", "\n")
        if not text or len(text) > longest or _CONTROL_IN_LINES.search(text):
            raise Unexpected(N_("text of at most {most} characters"), most=longest)
        return text

    return PlainValidator(check)


def _code(value: str | None) -> str:
    if not value or not _CODE.fullmatch(value):
        raise Unexpected("a code of at most 50 letters, digits, '-', '_' or '.'")
    return value


@lru_cache(_REMEMBERED)
def _day(value: str | None) -> date:
    try:
        if value and _DAY.fullmatch(value) and _FIRST_YEAR <= int(value[:4]) <= _LAST_YEAR:
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise Unexpected(N_("a date like 2026-10-31"))


def _moment(value: str | None, info: ValidationInfo) -> datetime:
    """Without a zone it is on the clock of the row's site, else of its account; a day is its first moment there."""
    here: Known | None = info.data.get("site") or info.data.get("account")
    zone = here.zone if here else ZoneInfo("UTC")
    try:
        if value and _MOMENT.fullmatch(value) and _FIRST_YEAR <= int(value[:4]) <= _LAST_YEAR:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except ValueError:
        pass
    raise Unexpected("a date like 2026-10-31 or a time like 2026-10-31T14:30 or 2026-10-31T14:30+09:00")


def _decimal(
    expected: str, *, decimals: int, digits: int, fits: Callable[[Decimal], bool] = lambda _number: True
) -> PlainValidator:
    """Zeros behind the last decimal do no harm: 10.5000 is 10.50."""
    unit = Decimal(1).scaleb(-decimals)

    @lru_cache(_REMEMBERED)
    def check(value: str | None) -> Decimal:
        if value and _DECIMAL.fullmatch(value):
            number = Decimal(value)
            rounded = number.quantize(unit)
            if rounded == number and abs(number) < 10**digits and fits(number):
                return rounded
        raise Unexpected(N_("{number}; '.' before the decimals and nothing between thousands"), number=Phrase(expected))

    return PlainValidator(check)


def _line_number(value: str | None) -> int:
    if value and _WHOLE.fullmatch(value) and int(value) > 0:
        return int(value)
    raise Unexpected(N_("the line's number on the invoice: 1, 2, 3 …"))


def one_of(values: frozenset[str], expected: str, **named: str) -> PlainValidator:
    def check(value: str | None) -> str:
        if value not in values:
            raise Unexpected(expected, column=None, **named)
        return value

    return PlainValidator(check)


def language_code(value: str | None) -> str:
    try:
        if value and len(value) <= 20:
            Locale.parse(value.replace("_", "-"), sep="-")
            return value
    except (ValueError, UnknownLocaleError):
        pass
    raise Unexpected("a language like en, ko or zh-Hans")


def _email(value: str | None) -> str:
    if not value or len(value) > 254 or not _EMAIL.fullmatch(value):
        raise Unexpected("an e-mail address")
    return value


def directory_of(info: ValidationInfo) -> Directory:
    assert isinstance(info.context, Directory)
    return info.context


def _reference(names: Callable[[Directory], dict[str, Any]], expected: str) -> PlainValidator:
    def find(value: str | None, info: ValidationInfo) -> Any:
        found = names(directory_of(info)).get(value) if value else None
        if found is None:
            raise Unexpected(expected)
        return found

    return PlainValidator(find)


#: Without the names that differ between this machine's list and PostgreSQL's.
ZONES = frozenset(name for name in available_timezones() if "/" in name or name == "UTC")
#: Not the world, and not "unknown".
COUNTRIES = frozenset(str(code) for code in get_global("territory_zones")) - {"001", "ZZ"}

Code = Annotated[str, PlainValidator(_code)]
Number = Annotated[str, _line(50)]
Word = Annotated[str, _line(100)]
Line = Annotated[str, _line(200)]
Paragraph = Annotated[str, _lines(1_000)]
Lines = Annotated[str, _lines(4_000)]
Day = Annotated[date, PlainValidator(_day)]
Moment = Annotated[datetime, PlainValidator(_moment)]
Amount = Annotated[Decimal, _decimal(N_("an amount like -1234.50"), decimals=2, digits=16)]
AmountFromZero = Annotated[
    Decimal, _decimal(N_("an amount of 0 or more like 1234.50"), decimals=2, digits=16, fits=lambda number: number >= 0)
]
UnitPrice = Annotated[Decimal, _decimal(N_("a price like 0.125"), decimals=6, digits=12)]
Quantity = Annotated[
    Decimal, _decimal(N_("a quantity above 0 like 1 or 2.5"), decimals=4, digits=10, fits=lambda number: number > 0)
]
Degrees = Annotated[Decimal, _decimal("degrees like 35.6895", decimals=6, digits=3)]
LineNumber = Annotated[int, PlainValidator(_line_number)]
Country = Annotated[str, one_of(COUNTRIES, "a country's two letters, like KR")]
Currency = Annotated[str, one_of(frozenset(CURRENCIES), N_("one of {words}"), words=", ".join(CURRENCIES))]
Zone = Annotated[str, one_of(ZONES, "a time zone like Asia/Seoul")]
Language = Annotated[str, PlainValidator(language_code)]
Email = Annotated[str, PlainValidator(_email)]
OfAccount = Annotated[
    Known,
    _reference(
        lambda known: known.accounts, N_("the code of an account; bring it in with ./portal import accounts FILE")
    ),
]
AtSite = Annotated[
    Known, _reference(lambda known: known.sites, N_("the code of a site; bring it in with ./portal import sites FILE"))
]
FromEntity = Annotated[
    Known,
    _reference(
        lambda known: known.entities, N_("the code of an issuing entity; run ./portal import entities FILE first")
    ),
]
