"""The filters above a list: search, the choices people use most, and the rest behind one button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from data.engines import app_engine
from data.listing import Amount, Asked, Choice, Country, ListSpec, Period, Place, Written, countries_of
from data.listing.asked import MOST_WRITTEN
from data.listing.search import MAX_WORDS, tidy
from data.listing.spec import Filter, Offering
from data.sites import SiteRef, list_issuers
from rules.principal import Principal
from ui.list_view import parts
from ui.list_view.address import asked_now, go
from ui.list_view.views import follows_filters, views_button
from ui.list_view.whose import which_account
from ui.report import filter_title
from ui.scheduling import may_schedule, offer_schedule
from ui.state import ListState
from ui.text import _, country_text, p_, term
from ui.words import translated

#: Among usual periods: days of one's own.
OWN_DAYS = "own_days"
#: The greatest amount that can be asked for.
MOST = 9_999_999_999_999.99


def filter_bar(
    spec: ListSpec, state: ListState, asked: Asked, sites: tuple[SiteRef, ...], principal: Principal
) -> Asked:
    """Draws the filters as asked and returns what they say now. Where one of the bar is changed that no other follows,
    only what is found is drawn again: the bar says so already."""
    bar = [spec.filter_named(key) for key in spec.bar]
    beside = {wanted.usual_of for wanted in bar if isinstance(wanted, Choice)}
    more = [wanted for wanted in spec.filters if wanted.key not in (*spec.bar, *beside)]
    drawing = _Drawing(spec, state, asked, sites, principal)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"filters-{spec.name}"):
        now = replace(asked, words=drawing.search())
        for wanted in bar:
            now = drawing.draw(now, wanted)
        set_apart = sum(_is_set(asked, wanted) for wanted in more) + (asked.account is not None)
        label = _("More filters") if not set_apart else _("More filters ({n})", n=set_apart)
        others = st.popover(label, icon=":material/tune:", key=_key(spec, state, "more"), on_change="rerun")
        if others.open:  # until then they say what the address says, and nobody waits for them
            with others:
                now = drawing.draw_all(now, more)
                now = replace(now, sort=drawing.order(now), account=drawing.account())
        views_button(spec, state, asked, principal)
        if may_schedule(principal, spec.name):
            offer_schedule(principal, spec.name, now.pairs(spec, with_place=False))
    return now


def _key(spec: ListSpec, state: ListState, name: str) -> str:
    return f"{spec.name}.{name}.{state.edition}"


@dataclass(frozen=True)
class _Drawing:
    """One drawing of the filters of a list, each as it is asked."""

    spec: ListSpec
    state: ListState
    asked: Asked
    sites: tuple[SiteRef, ...]
    principal: Principal

    def search(self) -> str:
        typed = st.text_input(
            _("Search"),
            self.asked.words,
            max_chars=MAX_WORDS,
            type="search",
            placeholder=translated(self.spec.hint),
            icon=":material/search:",
            key=self._widget("q"),
            on_change=self._changed("q", lambda asked, typed: replace(asked, words=tidy(typed or ""))),
            width=220,
        )
        return tidy(typed or "")

    def _changed(self, name: str, said: Callable[[Asked, Any], Asked]) -> Callable[[], None]:
        """Called before anything runs: what this filter says now goes into the address."""

        def changed() -> None:
            if st.session_state.get(self._widget("more")) or follows_filters(self.spec):
                self.followed()  # the filters behind the button stand open, or a view's name does
            now = said(asked_now(self.spec), st.session_state[self._widget(name)])
            go(self.spec, self.state, replace(now, at=None))
            st.rerun(parts.found(self.spec.name))

        return changed

    def followed(self) -> None:
        """Of a filter by which others change: the bar is drawn again as well."""
        st.rerun(parts.both(self.spec.name))

    def draw_all(self, now: Asked, filters: list[Filter]) -> Asked:
        """Those with two ends stand in a line of their own, the others two to a line."""
        narrow = [wanted for wanted in filters if not isinstance(wanted, Period | Amount)]
        wide = [wanted for wanted in filters if isinstance(wanted, Period | Amount)]
        lines = [narrow[at : at + 2] for at in range(0, len(narrow), 2)] + [[wanted] for wanted in wide]
        for line in lines:
            with st.container(horizontal=True, gap="small", width="content"):
                for wanted in line:
                    now = self.draw(now, wanted)
        return now

    def draw(self, now: Asked, wanted: Filter) -> Asked:
        match wanted:
            case Period():
                return now.within(wanted.key, *self._days(wanted))
            case Amount():
                return now.between(wanted.key, *self._amounts(wanted))
            case Written():
                return now.writing(wanted.key, self._words(wanted))
            case Choice(single=True, usual_of=str(period)):
                return self._usual_or_own(now, wanted, period)
            case Choice(single=True):
                return now.choosing(wanted.key, *self._one_of(wanted, self._names(wanted)))
            case _:
                return now.choosing(wanted.key, *self._some_of(wanted))

    def _widget(self, name: str) -> str:
        return _key(self.spec, self.state, name)

    def _some_of(self, wanted: Offering) -> list[str]:
        names = self._names(wanted)
        return st.multiselect(
            filter_title(wanted),
            list(names),
            default=[value for value in self.asked.chosen(wanted.key) if value in names],
            format_func=names.__getitem__,
            placeholder=_("All"),
            key=self._widget(wanted.key),
            on_change=self._changed(wanted.key, lambda asked, values: asked.choosing(wanted.key, *values)),
            width=210,
        )

    def account(self) -> str | None:
        key = self._widget("account")

        def chosen() -> None:
            go(self.spec, self.state, replace(asked_now(self.spec), account=st.session_state[key], at=None))
            st.rerun()

        on_change = chosen if self.spec.page_is_of_account else self.followed
        return which_account(self.spec, self.asked, self.principal, key=key, on_change=on_change)

    def order(self, now: Asked) -> str | None:
        """None where it is the usual order of what is filtered now; the widget begins anew where that changes."""
        keys = [sort.key for sort in self.spec.sorts]
        usual = self.spec.usual_sort(now).key
        chosen = st.selectbox(
            p_("sort", "Order"),
            keys,
            index=keys.index(self.asked.sort or usual),
            format_func=lambda key: translated(self.spec.sort_named(key).title),
            key=self._widget(f"sort.{usual}"),
            on_change=self.followed,
        )
        return None if chosen == usual else chosen

    def _usual_or_own(self, now: Asked, wanted: Choice, period: str) -> Asked:
        """Two fields for days stand beside the usual periods once somebody wants them, or an address has them."""
        has_days, chosen = any(self.asked.period(period)), self.asked.chosen(wanted.key)
        names = self._names(wanted) | {OWN_DAYS: _("Choose days")}
        said = self._one_of(wanted, names, follow=True, now=OWN_DAYS if has_days and not chosen else None)
        usual = [value for value in said if value != OWN_DAYS]
        if said != usual or (has_days and usual == list(chosen) != []):
            days = self._days(self.spec.filter_named(period))
            return now.choosing(wanted.key, *usual).within(period, *days)
        return now.choosing(wanted.key, *usual).within(period, None, None)

    def _one_of(
        self, wanted: Choice, names: dict[str, str], *, now: str | None = None, follow: bool = False
    ) -> list[str]:
        chosen = self.asked.chosen(wanted.key)
        now = chosen[0] if chosen else now

        def chose(asked: Asked, value: str | None) -> Asked:
            return asked.choosing(wanted.key, *_listed(value))

        value = st.selectbox(
            filter_title(wanted),
            list(names),
            None if now is None else list(names).index(now),
            format_func=names.__getitem__,
            placeholder=_("All"),
            key=self._widget(wanted.key),
            on_change=self.followed if follow else self._changed(wanted.key, chose),
            width=210,
        )
        return _listed(value)

    def _names(self, wanted: Offering) -> dict[str, str]:
        """What can be chosen, in words; a site or an entity that is asked for and unknown stays as it is."""
        match wanted:
            case Choice():
                return {value: _word(wanted.vocabulary, value) for value in wanted.values}
            case Place():
                named = {site.code: site.name for site in self.sites}
            case Country():
                codes = {*countries_of(app_engine(), self.principal, self.spec), *self.asked.chosen(wanted.key)}
                return dict(sorted(((code, country_text(code)) for code in codes), key=lambda named: named[1]))
            case _:
                named = {issuer.code: issuer.name for issuer in list_issuers(app_engine(), self.principal)}
        return named | {value: value for value in self.asked.chosen(wanted.key) if value not in named}

    def _words(self, wanted: Written) -> str:
        now = self.asked.text(wanted.key)
        label, key = filter_title(wanted), self._widget(wanted.key)
        hint = _("How it begins")
        typed = st.text_input(
            label, now, max_chars=MOST_WRITTEN, placeholder=hint, key=key, on_change=self.followed, width=210
        )
        return tidy(typed or "")

    def _days(self, wanted: Period) -> tuple[date | None, date | None]:
        first, last = self.asked.period(wanted.key)
        ends = []
        for end, label, day in (
            ("from", _("{what} from", what=translated(wanted.title)), first),
            ("to", _("{what} to", what=translated(wanted.title)), last),
        ):
            key = self._widget(f"{wanted.key}_{end}")
            ends.append(st.date_input(label, day, format="YYYY-MM-DD", key=key, on_change=self.followed, width=150))
        if ends[0] and ends[1] and ends[0] > ends[1]:
            st.caption(_("The first day comes after the last one."))
            return first, last
        return ends[0], ends[1]

    def _amounts(self, wanted: Amount) -> tuple[Decimal | None, Decimal | None]:
        ends = []
        for end, label, amount in zip(
            ("from", "to"),
            (_("{what}, at least", what=translated(wanted.title)), _("{what}, at most", what=translated(wanted.title))),
            self.asked.amount(wanted.key),
            strict=True,
        ):
            now = None if amount is None else float(amount)  # what a field of numbers takes; the address is exact
            key = self._widget(f"{wanted.key}_{end}")
            looks = {"step": 0.01, "format": "%.2f", "width": 150}
            typed = st.number_input(label, 0.0, MOST, now, key=key, on_change=self.followed, **looks)
            ends.append(_exact(typed, amount))
        if ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
            st.caption(_("The least amount is more than the most."))
            return self.asked.amount(wanted.key)
        return ends[0], ends[1]


def _listed(value: str | None) -> list[str]:
    return [] if value is None else [value]


def _exact(typed: float | None, before: Decimal | None) -> Decimal | None:
    """What the field says, to the cent; as the address wrote it where it says the same."""
    if typed is None:
        return None
    said = Decimal(f"{typed:.2f}")
    return before if before == said else said.normalize() + 0 if said == said.to_integral() else said


def _word(vocabulary: str, value: str) -> str:
    return value if vocabulary in ("", "currency") else term(vocabulary, value)


def _is_set(asked: Asked, wanted: Filter) -> bool:
    match wanted:
        case Period():
            return any(asked.period(wanted.key))
        case Amount():
            return any(end is not None for end in asked.amount(wanted.key))
        case Written():
            return bool(asked.text(wanted.key))
        case Choice():
            return asked.chosen(wanted.key) != wanted.default
        case _:
            return bool(asked.chosen(wanted.key))
