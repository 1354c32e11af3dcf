"""What somebody asks of a list, exactly as its address says it: page, charts and report read the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from data.listing.search import MAX_WORDS, tidy
from data.listing.spec import OFFERING, Amount, Choice, Filter, ListSpec, Offering, Period, Written
from rules.errors import Invalid
from rules.words import N_

#: Said in the address where a filter has a default and none is wanted.
ANY = "any"
#: As an address writes an amount: no sign, no exponent, at most two decimals.
_AMOUNT = re.compile(r"[0-9]{1,13}(\.[0-9]{1,2})?")
MOST_WRITTEN = 100
_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,64}")


@dataclass(frozen=True)
class Asked:
    """Filters, words, order and the place in the list. Values are language-neutral."""

    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    periods: tuple[tuple[str, date | None, date | None], ...] = ()
    amounts: tuple[tuple[str, Decimal | None, Decimal | None], ...] = ()
    written: tuple[tuple[str, str], ...] = ()
    account: str | None = None
    words: str = ""
    sort: str | None = None
    at: str | None = None

    def chosen(self, key: str) -> tuple[str, ...]:
        return next((values for name, values in self.choices if name == key), ())

    def period(self, key: str) -> tuple[date | None, date | None]:
        return next(((first, last) for name, first, last in self.periods if name == key), (None, None))

    def amount(self, key: str) -> tuple[Decimal | None, Decimal | None]:
        return next(((least, most) for name, least, most in self.amounts if name == key), (None, None))

    def text(self, key: str) -> str:
        return next((text for name, text in self.written if name == key), "")

    def choosing(self, key: str, *values: str) -> Asked:
        """The same with this filter set (no values: none wanted), from the top of the list."""
        changed = {**dict(self.choices), key: values}  # in its own place: two that ask the same are equal
        return replace(self, choices=tuple(changed.items()), at=None)

    def within(self, key: str, first: date | None, last: date | None) -> Asked:
        changed = {name: (name, *days) for name, *days in self.periods} | {key: (key, first, last)}
        return replace(self, periods=tuple(changed.values()), at=None)

    def between(self, key: str, least: Decimal | None, most: Decimal | None) -> Asked:
        changed = {name: (name, *ends) for name, *ends in self.amounts} | {key: (key, least, most)}
        return replace(self, amounts=tuple(changed.values()), at=None)

    def writing(self, key: str, text: str) -> Asked:
        return replace(self, written=tuple({**dict(self.written), key: text}.items()), at=None)

    def query(self, spec: ListSpec, *, with_place: bool = True) -> str:
        """The query string that says the same; what is the default is left out."""
        return urlencode(self.pairs(spec, with_place=with_place))

    def pairs(self, spec: ListSpec, *, with_place: bool = True) -> tuple[tuple[str, str], ...]:
        """Name and value of all that its query string says."""
        return tuple(self._said(spec, with_place=with_place))

    def parameters(self, spec: ListSpec) -> dict[str, list[str]]:
        """The same by name, as a page's address is set."""
        named: dict[str, list[str]] = {}
        for name, value in self.pairs(spec):
            named.setdefault(name, []).append(value)
        return named

    def _said(self, spec: ListSpec, *, with_place: bool) -> Iterator[tuple[str, str]]:
        if self.account:
            yield "account", self.account
        for wanted in spec.filters:
            yield from self._said_of(wanted)
        if self.words:
            yield "q", self.words
        if self.sort and self.sort != spec.usual_sort(self).key:
            yield "sort", self.sort
        if self.at and with_place:
            yield "at", self.at

    def _said_of(self, wanted: Filter) -> Iterator[tuple[str, str]]:
        key = wanted.key
        match wanted:
            case Period():
                yield from _ends(key, *(day and day.isoformat() for day in self.period(key)))
            case Amount():
                yield from _ends(key, *(None if amount is None else f"{amount:f}" for amount in self.amount(key)))
            case Written():
                yield from ((key, text) for text in (self.text(key),) if text)
            case _:
                default = wanted.default if isinstance(wanted, Choice) else ()
                values = self.chosen(key)
                yield from ((key, value) for value in (values or (ANY,)) if values != default)


def _ends(key: str, *ends: str | None) -> Iterator[tuple[str, str]]:
    """Where a range begins and where it ends, as far as it does."""
    yield from ((f"{key}_{end}", said) for end, said in zip(("from", "to"), ends, strict=True) if said)


def read_asked(spec: ListSpec, parameters: Mapping[str, Sequence[str]]) -> Asked:
    """Read an address. Raises Invalid naming parameter and value; what is not ours is left alone."""
    choices = []
    periods, amounts, written = [], [], []
    for wanted in spec.filters:
        match wanted:
            case Period():
                periods.append((wanted.key, *_period(wanted, parameters)))
            case Amount():
                amounts.append((wanted.key, *_amounts(wanted, parameters)))
            case Written():
                written.append((wanted.key, _written(wanted, parameters)))
            case _:
                choices.append((wanted.key, _choice(wanted, parameters)))
    words = tidy(_last(parameters, "q") or "")
    if len(words) > MAX_WORDS:
        raise Invalid(N_("Search for at most 100 characters."), "q")
    sort = _last(parameters, "sort")
    if sort is not None and sort not in {s.key for s in spec.sorts}:
        raise Invalid(N_("This order does not exist: {value}"), "sort", value=sort[:40])
    account = _last(parameters, "account")
    if account is not None and not _CODE.fullmatch(account):
        raise Invalid(N_("This is not an account code: {value}"), "account", value=account[:40])
    return Asked(
        tuple(choices), tuple(periods), tuple(amounts), tuple(written), account, words, sort, _last(parameters, "at")
    )


def everything(spec: ListSpec) -> Asked:
    """No filter at all, not even those that hold where the address says nothing."""
    return read_asked(spec, {wanted.key: (ANY,) for wanted in spec.filters if isinstance(wanted, OFFERING)})


def _last(parameters: Mapping[str, Sequence[str]], key: str) -> str | None:
    values = parameters.get(key) or ()
    return values[-1] if values and values[-1] else None


def _choice(wanted: Offering, parameters: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(value for value in parameters.get(wanted.key) or () if value))
    if ANY in values:
        return ()
    if not isinstance(wanted, Choice):
        unknown = [value for value in values if not _CODE.fullmatch(value)]
    else:
        unknown = [value for value in values if value not in wanted.values]
    if unknown:
        raise Invalid(
            N_("This filter does not know the value: {value}"), wanted.key, value=f"{wanted.key}={unknown[0][:40]}"
        )
    if not isinstance(wanted, Choice):
        return values
    return (values[-1:] if wanted.single else values) or wanted.default


def _amounts(wanted: Amount, parameters: Mapping[str, Sequence[str]]) -> tuple[Decimal | None, Decimal | None]:
    least, most = (_amount(f"{wanted.key}_{end}", parameters) for end in ("from", "to"))
    if least is not None and most is not None and least > most:
        raise Invalid(N_("The least amount is more than the most."), wanted.key)
    return least, most


def _amount(key: str, parameters: Mapping[str, Sequence[str]]) -> Decimal | None:
    value = _last(parameters, key)
    if value is None:
        return None
    if not _AMOUNT.fullmatch(value):
        raise Invalid(N_("This is not an amount like 1250.50: {value}"), key, value=f"{key}={value[:40]}")
    return Decimal(value)


def _written(wanted: Written, parameters: Mapping[str, Sequence[str]]) -> str:
    text = tidy(_last(parameters, wanted.key) or "")
    if len(text) > MOST_WRITTEN:
        raise Invalid(N_("Write at most 100 characters."), wanted.key)
    return text


def _period(wanted: Period, parameters: Mapping[str, Sequence[str]]) -> tuple[date | None, date | None]:
    first, last = (_day(f"{wanted.key}_{end}", parameters) for end in ("from", "to"))
    if first and last and first > last:
        raise Invalid(N_("The first day comes after the last one."), wanted.key)
    return first, last


def _day(key: str, parameters: Mapping[str, Sequence[str]]) -> date | None:
    value = _last(parameters, key)
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Invalid(N_("This is not a day like 2026-12-31: {value}"), key, value=f"{key}={value[:40]}") from None
