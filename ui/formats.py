"""Dates, times, numbers and money as the reader writes them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, dates, numbers
from babel.core import get_global

from rules.money import CURRENCIES
from ui.reader import SOURCE_LANGUAGE, locale_of, reader, zone_of
from ui.words import NOTHING, _, n_

# --- dates and times

_HOUR = timedelta(hours=1)


def weekday_text(day: int) -> str:
    """The name of a day of the week, from Monday (1) on."""
    return str(dates.get_day_names("wide", "stand-alone", locale=reader().locale)[day - 1])


def date_text(day: date | datetime | None, *, weekday: bool = False) -> str:
    """A day as the reader writes it; of a moment, the day it is on their clock."""
    if day is None:
        return NOTHING
    day = _on_their_clock(day) if isinstance(day, datetime) else day
    if weekday:
        return dates.format_skeleton("yMMMEd", _at_midnight(day), locale=reader().locale)
    return dates.format_date(day, "medium", locale=reader().locale)


def days_text(first: date, last: date) -> str:
    """From a day to another: "Nov 1, 2026 – Nov 30, 2026", "2026/11/01～2026/11/30"."""
    return str(reader().locale.interval_formats[None]).format(date_text(first), date_text(last))


def month_text(day: date) -> str:
    return _month(day, reader().language)


@lru_cache(maxsize=2_000)  # the axis of every chart over time; Babel takes 70 µs for each
def _month(day: date, language: str) -> str:
    return dates.format_skeleton("yMMM", _at_midnight(day), locale=locale_of(language))


def time_text(moment: datetime | None, *, zone: str | None = None) -> str:
    """A moment on the reader's clock (or a site's), always with the zone's name: "Nov 22, 2026, 15:04 KST"."""
    if moment is None:
        return NOTHING
    local = _on_their_clock(moment, zone)
    language = reader().locale
    parts = dates.format_date(local, "medium", locale=language), _clock(local)
    day_and_time = str(language.datetime_formats["medium"]).format(parts[1], parts[0])
    return f"{day_and_time} {zone_text(local)}"


def hour_text(moment: datetime, *, zone: str | None = None) -> str:
    """Only the time of day: "15:04 KST"."""
    local = _on_their_clock(moment, zone)
    return f"{_clock(local)} {zone_text(local)}"


def _clock(local: datetime) -> str:
    """The time of day, on 24 hours everywhere: "15:04", in Indonesian "15.04"."""
    return f"{local:%H}{_between_hour_and_minute(reader().language)}{local:%M}"


@cache
def _between_hour_and_minute(language: str) -> str:
    found = re.fullmatch(r"HH?(\W)mm", str(locale_of(language).datetime_skeletons["Hm"]))
    return found[1] if found else ":"


#: Abbreviations that mean something else elsewhere: they stand with their distance from UTC.
_AMBIGUOUS = frozenset({"PST", "PDT", "CST", "CDT", "IST", "EST", "EDT", "AST", "BST", "AMT", "GST", "SST", "WST"})


def language_name(code: str) -> str:
    """A language in the reader's own: "Korean", "한국어"."""
    return str(locale_of(code).get_display_name(reader().locale) or code)


def zone_text(moment: datetime) -> str:
    """The zone as "KST"; "PST (UTC+8)" where the letters name other places too; "UTC+8" where there are none."""
    letters = moment.tzname() or ""
    if letters.isalpha() and letters not in _AMBIGUOUS:
        return letters
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    distance = f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")
    return f"{letters} ({distance})" if letters.isalpha() else distance


def zone_name() -> str:
    """The reader's zone in words, for the line under a list: "Korean Standard Time (KST)"."""
    now = datetime.now(reader().zone)
    letters = zone_text(now).replace(" (", ", ").removesuffix(")")
    return f"{long_zone_name(now)} ({letters})"


def long_zone_name(moment: datetime) -> str:
    """As "India Standard Time"; where a zone has no such name, its place: "Morocco Time"."""
    zone, locale = moment.tzinfo, reader().locale
    name = dates.get_timezone_name(moment, "long", locale=locale)
    if name != dates.get_timezone_gmt(moment, locale=locale) or not isinstance(zone, ZoneInfo):
        return name
    names = locale.meta_zones.get(_meta_zone(zone.key), {}).get("long", {})
    variant = "daylight" if moment.dst() else "standard"
    return str(names.get(variant) or names.get("generic") or dates.get_timezone_location(zone, locale=locale))


@cache
def _meta_zone(key: str) -> str | None:
    """What several zones are called together. Babel looks for it by the name of today, and the data has some by their
    former one: it finds nothing for Asia/Kolkata, once Asia/Calcutta."""
    same, known = get_global("zone_aliases"), get_global("meta_zones")
    today = same.get(key, key)
    former = (name for name, now in same.items() if now == today)
    return next((known[name] for name in (key, today, *former) if name in known), None)


def ago_text(moment: datetime | None, now: datetime | None = None) -> str:
    """How far from now: "3 minutes ago", "in 2 hours"."""
    if moment is None:
        return NOTHING
    distance = moment - (now or datetime.now(UTC))
    if abs(distance) < timedelta(minutes=1):
        return _("just now")
    return dates.format_timedelta(distance, add_direction=True, threshold=1.2, locale=reader().locale)


def duration_text(length: timedelta | None) -> str:
    """How long, in its two largest units: "2 h 14 min", "3 d 4 h"; before or after is the caller's to say."""
    if length is None:
        return NOTHING
    seconds = int(abs(length).total_seconds())
    if seconds < 60:
        return _("{n} s", n=seconds)
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        parts = [_("{n} d", n=number_text(days)), _("{n} h", n=hours) if hours else ""]
    else:
        parts = [_("{n} h", n=hours) if hours else "", _("{n} min", n=minutes) if minutes else ""]
    return " ".join(filter(None, parts))


def span_text(least: timedelta, most: timedelta) -> str:
    """How long we may take, written out and exact: "15 minutes", "15 minutes to 2 hours", "2 to 24 hours"."""
    if least == most:
        return _length(most)
    if not (least % _HOUR or most % _HOUR):
        return _("{least} to {most} hours", least=least // _HOUR, most=most // _HOUR)
    return _("{least} to {most}", least=_length(least), most=_length(most))


def _length(length: timedelta) -> str:
    if length % _HOUR:
        return n_("{n} minute", "{n} minutes", round(length.total_seconds() / 60))
    return n_("{n} hour", "{n} hours", length // _HOUR)


def date_pattern(*, with_time: bool = False) -> str:
    """The reader's date order for a column of `st.dataframe`, which formats in the browser ("YYYY. M. D. HH:mm")."""
    formats, language = reader().locale.date_formats, reader().language
    pattern = str(formats["medium"].pattern)
    if "MMM" in pattern and language != SOURCE_LANGUAGE:  # the browser's names of months are English
        pattern = str(formats["short"].pattern)
    quoted = re.sub(r"'([^']*)'", r"[\1]", pattern)
    day = re.sub(r"y+", "YYYY", quoted).replace("d", "D")
    if not with_time:
        return day
    return str(reader().locale.datetime_formats["medium"]).format(f"HH{_between_hour_and_minute(language)}mm", day)


def _on_their_clock(moment: datetime, zone: str | None = None) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown on anybody's clock")
    return moment.astimezone(zone_of(zone) if zone else reader().zone)


def _at_midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a calendar day has no zone


# --- languages


def language_text(language: str) -> str:
    """By its name in the reader's language: "Korean"; one that nobody knows by its code."""
    try:
        return Locale.parse(language.replace("-", "_")).get_display_name(reader().locale) or language
    except (ValueError, UnknownLocaleError):
        return language


def country_text(code: str) -> str:
    """By its name in the reader's language: "South Korea"; one that nobody knows by its code."""
    return str(reader().locale.territories.get(code, code))


# --- numbers and money


def number_text(number: float | Decimal | None, decimals: int | None = None) -> str:
    return NOTHING if number is None else _number(number, decimals, reader().language)


def exact_text(number: Decimal, least: int = 0) -> str:
    """With all its decimals, and at least so many: a quantity or a unit price is never rounded for its reader."""
    exponent = number.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "a number, not infinity"
    return _number(number, max(least, -exponent), reader().language)


def compact_text(number: float | Decimal) -> str:
    """A number for an axis, where room is short: "2.3M", "234.5만"."""
    return numbers.format_compact_decimal(number, fraction_digits=1, locale=reader().locale)


def compact_money_text(amount: Decimal, currency: str) -> str:
    """Where only the order of magnitude has room: "₩14.4M", "₩1442.5만"."""
    locale = reader().locale
    said = str(numbers.format_compact_currency(amount, currency, fraction_digits=1, locale=locale))
    symbol = numbers.get_currency_symbol(currency, locale)
    return said.replace(symbol, f"{symbol}\xa0") if symbol[-1].isalpha() else said


def percent_text(ratio: float | Decimal | None, decimals: int = 1) -> str:
    """0.987 as "98.7%"."""
    if ratio is None:
        return NOTHING
    rounded = _half_up(Decimal(str(ratio)), decimals + 2)
    return numbers.format_percent(rounded, format=f"{_fixed(decimals)}%", locale=reader().locale)


def money_text(amount: Decimal | None, currency: str) -> str:
    """Exact money in the decimals we invoice in; rounded half-up here, because Babel would round half to even."""
    return NOTHING if amount is None else _money(amount, currency, reader().language)


# The same numbers stand on a page again and again: Babel takes 40 µs for each.


@lru_cache(maxsize=20_000)
def _number(number: float | Decimal, decimals: int | None, language: str) -> str:
    if decimals is None:
        return numbers.format_decimal(number, locale=locale_of(language))
    rounded = _half_up(Decimal(str(number)), decimals)
    return numbers.format_decimal(rounded, format=_fixed(decimals), locale=locale_of(language))


@lru_cache(maxsize=20_000)
def _money(amount: Decimal, currency: str, language: str) -> str:
    decimals = decimals_of(currency)
    return numbers.format_currency(
        _half_up(amount, decimals),
        currency,
        format=_money_pattern(currency, decimals, language),
        locale=locale_of(language),
        currency_digits=False,
    )


def decimals_of(currency: str) -> int:
    return CURRENCIES.get(currency, numbers.get_currency_precision(currency))


@cache
def _money_pattern(currency: str, decimals: int, language_code: str) -> str:
    """The reader's pattern with these decimals, and a space where letters would touch the digits: "SGD 12.00"."""
    language = locale_of(language_code)
    pattern = str(language.currency_formats["standard"].pattern)
    symbol = numbers.get_currency_symbol(currency, language)
    if symbol[-1].isalpha():
        pattern = pattern.replace("¤#", "¤\xa0#")
    return re.sub(r"0\.0+", f"0.{'0' * decimals}" if decimals else "0", pattern)


def _half_up(number: Decimal, decimals: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _fixed(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")
