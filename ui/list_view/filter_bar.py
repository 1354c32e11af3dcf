"""The filters above a list: search, the choices people use most, and the rest behind one button."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import streamlit as st

from data.listing import Asked, Choice, ListSpec, Period, Place
from data.listing.search import MAX_WORDS, tidy
from data.listing.spec import Filter
from data.sites import SiteRef
from rules.principal import Principal
from ui.state import ListState
from ui.text import _, term
from ui.words import translated


def filter_bar(
    spec: ListSpec, state: ListState, asked: Asked, sites: tuple[SiteRef, ...], principal: Principal
) -> Asked:
    """Draws the filters as asked and returns what they say now."""
    bar = [spec.filter_named(key) for key in spec.bar]
    more = [wanted for wanted in spec.filters if wanted.key not in spec.bar]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"filters-{spec.name}"):
        now = replace(asked, words=_search(spec, state, asked))
        for wanted in bar:
            now = _draw(spec, state, asked, now, wanted, sites)
        set_apart = sum(_is_set(asked, wanted) for wanted in more) + (asked.account is not None)
        label = _("More filters") if not set_apart else _("More filters ({n})", n=set_apart)
        others = st.popover(label, icon=":material/tune:", key=_key(spec, state, "more"), on_change="rerun")
        if others.open:  # until then they say what the address says, and nobody waits for them
            with others:
                for wanted in more:
                    with st.container(horizontal=True, gap="small", width="content"):
                        now = _draw(spec, state, asked, now, wanted, sites)
                now = replace(
                    now, sort=_order(spec, state, now, asked.sort), account=_account(spec, state, asked, principal)
                )
    return now


def _key(spec: ListSpec, state: ListState, name: str) -> str:
    return f"{spec.name}.{name}.{state.edition}"


def _search(spec: ListSpec, state: ListState, asked: Asked) -> str:
    typed = st.text_input(
        _("Search"),
        asked.words,
        max_chars=MAX_WORDS,
        type="search",
        placeholder=translated(spec.hint),
        icon=":material/search:",
        key=_key(spec, state, "q"),
        width=220,
    )
    return tidy(typed or "")


def _draw(
    spec: ListSpec, state: ListState, asked: Asked, now: Asked, wanted: Filter, sites: tuple[SiteRef, ...]
) -> Asked:
    if isinstance(wanted, Period):
        return now.within(wanted.key, *_days(spec, state, asked, wanted))
    label = _("Site") if isinstance(wanted, Place) else translated(wanted.title)
    values = _site_codes(sites, asked) if isinstance(wanted, Place) else list(wanted.values)
    names = {site.code: site.name for site in sites}
    vocabulary = wanted.vocabulary if isinstance(wanted, Choice) else ""
    chosen = st.multiselect(
        label,
        values,
        default=[value for value in asked.chosen(wanted.key) if value in values],
        format_func=lambda value: names.get(value) or _word(vocabulary, value),
        placeholder=_("All"),
        key=_key(spec, state, wanted.key),
        width=210,
    )
    return now.choosing(wanted.key, *chosen)


def _site_codes(sites: tuple[SiteRef, ...], asked: Asked) -> list[str]:
    return list(dict.fromkeys([*(site.code for site in sites), *asked.chosen("site")]))


def _word(vocabulary: str, value: str) -> str:
    return value if vocabulary in ("", "currency") else term(vocabulary, value)


def _days(spec: ListSpec, state: ListState, asked: Asked, wanted: Period) -> tuple[date | None, date | None]:
    first, last = asked.period(wanted.key)
    ends = []
    for end, label, day in (
        ("from", _("{what} from", what=translated(wanted.title)), first),
        ("to", _("{what} to", what=translated(wanted.title)), last),
    ):
        key = _key(spec, state, f"{wanted.key}_{end}")
        ends.append(st.date_input(label, day, format="YYYY-MM-DD", key=key, width=150))
    if ends[0] and ends[1] and ends[0] > ends[1]:
        st.caption(_("The first day comes after the last one."))
        return first, last
    return ends[0], ends[1]


def _order(spec: ListSpec, state: ListState, now: Asked, wanted: str | None) -> str | None:
    """None where it is the usual order of what is filtered now; the widget begins anew where that changes."""
    keys = [sort.key for sort in spec.sorts]
    usual = spec.usual_sort(now).key
    chosen = st.selectbox(
        _("Order"),
        keys,
        index=keys.index(wanted or usual),
        format_func=lambda key: translated(spec.sort_named(key).title),
        key=_key(spec, state, f"sort.{usual}"),
    )
    return None if chosen == usual else chosen


def _account(spec: ListSpec, state: ListState, asked: Asked, principal: Principal) -> str | None:
    """Staff narrow a list to one customer by its code; a manager chooses among theirs, and whoever has several accounts
    in view among these."""
    key = _key(spec, state, "account")
    in_view = [a for a in principal.accounts if principal.is_staff or a.id in principal.chosen]
    if "account_id" not in spec.table.c or not (principal.is_staff or len(in_view) > 1):
        return asked.account
    if in_view:
        names = {account.code: account.name for account in in_view}
        codes = list(names)
        at = codes.index(asked.account) if asked.account in names else None
        return st.selectbox(_("Account"), codes, at, format_func=names.__getitem__, placeholder=_("All"), key=key)
    code = st.text_input(_("Account code"), asked.account or "", max_chars=64, key=key)
    return (code or "").strip() or None


def _is_set(asked: Asked, wanted: Filter) -> bool:
    if isinstance(wanted, Period):
        return any(asked.period(wanted.key))
    default = wanted.default if isinstance(wanted, Choice) else ()
    return asked.chosen(wanted.key) != default
