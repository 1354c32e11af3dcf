"""A list as a workbook: the same rows that are filtered, in the reader's words, zone and order of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from data.listing import Amount, Asked, Choice, Column, Country, Issuer, Kind, ListSpec, Period, Place, Written
from data.listing.spec import REPORT, Filter, Offering
from data.ticketing.service import ServiceAsked
from reports.workbook import CellKind, Cover, SheetColumn
from ui.changes import change_text
from ui.codes import NAMED
from ui.text import (
    NOTHING,
    _,
    country_text,
    date_text,
    month_text,
    number_text,
    p_,
    term,
    terms,
    time_text,
    translated,
    zone_name,
)

_KINDS: dict[Kind, CellKind] = {
    Kind.DATE: CellKind.DATE,
    Kind.MOMENT: CellKind.TIME,
    Kind.CLOCK: CellKind.TIME,
    Kind.MONEY: CellKind.MONEY,
    Kind.INTEGER: CellKind.INTEGER,
}
_WIDTHS: dict[CellKind, float] = {CellKind.DATE: 12, CellKind.TIME: 18, CellKind.MONEY: 18, CellKind.INTEGER: 10}
_WIDE = frozenset({"subject", "description", "label", "attributes", "account", "change"})


def report_columns(spec: ListSpec, *, several_accounts: bool) -> tuple[Column, ...]:
    return spec.shown_in(REPORT, several_accounts=several_accounts)


def sheet_columns(columns: Sequence[Column]) -> list[SheetColumn]:
    return [SheetColumn(_title(c), _kind(c), _width(c), in_words=_in_words(c)) for c in columns]


def _title(column: Column) -> str:
    """On paper a clock does not run: what is written is the moment it runs out."""
    return _("Next deadline") if column.kind is Kind.CLOCK else translated(column.title)


def _kind(column: Column) -> CellKind:
    return _KINDS.get(column.kind, CellKind.TEXT)


def _width(column: Column) -> float:
    return 40 if column.key in _WIDE else _WIDTHS.get(_kind(column), 20)


def _in_words(column: Column) -> Callable[[Sequence[Any]], Sequence[Any]] | None:
    """Stored words become the reader's, a column at a time; what has no word stays as it is."""
    if column.kind is Kind.CHANGE:
        return lambda values: list(map(change_text, values))
    if name := NAMED.get(column.kind):
        return lambda values: [None if value is None else name(value) for value in values]
    if column.vocabulary:
        words = terms(column.vocabulary or "")
        return lambda values: list(map(words.get, values, values))
    if column.kind is Kind.ATTRIBUTES:
        return lambda values: ["; ".join(f"{name}: {held}" for name, held in (value or {}).items()) for value in values]
    return None


def cover_of(spec: ListSpec, asked: Asked, *, person: str, accounts: Sequence[str]) -> Cover:
    """What was asked, by whom, when: the page that makes a printed report understandable."""
    order = spec.sort_named(asked.sort) if asked.sort else spec.sorts[0]
    facts = [
        (_("Accounts"), ", ".join(accounts) or _("All accounts")),
        *_filters(spec, asked),
        (p_("sort", "Order"), translated(order.title)),
    ]
    return cover_with(spec.title, person, facts)


def cover_with(title: str, person: str, facts: Sequence[tuple[str, str]]) -> Cover:
    """What every report says of itself, around what only this one has to say."""
    generated = f"{time_text(datetime.now(UTC))}, {person}"
    first = [(_("List"), translated(title)), (_("Generated"), generated)]
    return Cover(_("About this report"), (*first, *facts, (_("Times are in"), zone_name())))


def _filters(spec: ListSpec, asked: Asked) -> Iterator[tuple[str, str]]:
    if asked.words:
        yield _("Search"), asked.words
    for wanted in spec.filters:
        if isinstance(wanted, Period):
            first, last = asked.period(wanted.key)
            if first or last:
                yield translated(wanted.title), f"{date_text(first)} – {date_text(last)}"
        elif isinstance(wanted, Amount):
            least, most = asked.amount(wanted.key)
            if least is not None or most is not None:
                ends = (NOTHING if end is None else number_text(end) for end in (least, most))
                yield translated(wanted.title), " – ".join(ends)
        elif isinstance(wanted, Written):
            if asked.text(wanted.key):
                yield translated(wanted.title), asked.text(wanted.key)
        elif values := asked.chosen(wanted.key):
            yield filter_title(wanted), ", ".join(_word(wanted, value) for value in values)


def _word(wanted: Offering, value: str) -> str:
    match wanted:
        case Choice() if wanted.vocabulary != "currency":
            return term(wanted.vocabulary, value)
        case Country():
            return country_text(value)
        case _:
            return value


def filter_title(wanted: Filter) -> str:
    """What a filter is called; those that name places and entities are called the same in every list."""
    match wanted:
        case Place():
            return _("Site")
        case Issuer():
            return _("Issued by")
        case Country():
            return _("Country")
        case _:
            return translated(wanted.title)


def service_facts(asked: ServiceAsked) -> list[tuple[str, str]]:
    """The months and filters of a report about service levels, as its page names them."""
    first, last = asked.months()
    months = month_text(first) if first == last else f"{month_text(first)} – {month_text(last)}"
    facts = [
        (_("Period"), f"{months} (UTC)"),
        (_("Type"), ", ".join(terms("ticket.kind", asked.kinds).values())),
        (_("Site"), ", ".join(asked.sites)),
        (_("Account"), asked.account or ""),
        (_("Promise"), term("clock", asked.clock) if asked.clock else ""),
        (_("Outcome"), term("clock.outcome", asked.outcome) if asked.outcome and asked.tickets else ""),
    ]
    return [(name, value) for name, value in facts if value]
