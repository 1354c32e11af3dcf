"""Puts a list together: what the address asks, the filters, the table, its charts, the report and the drawer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from data.engines import app_engine
from data.listing import Asked, ListSpec, Opened, Page, Period, everything, get_row, opened, page_in
from data.listing.spec import TABLE, Kind
from data.listing.summary import Dimension
from data.sites import list_sites
from rules.errors import Invalid
from rules.permissions import Permission
from rules.principal import Principal
from ui.charts import Click
from ui.errors import sentence, telling
from ui.in_view import report_facts, tell_left_out
from ui.list_view import parts
from ui.list_view.address import asked_by_address, asked_now, go, open_row, turn_page
from ui.list_view.drawer import Drawer, More, show_drawer
from ui.list_view.filter_bar import filter_bar
from ui.list_view.proved import report_once_proved
from ui.list_view.selection import Selection, see, ticking
from ui.list_view.summary import at_hand, choose_chart, show_summary
from ui.list_view.table import show_table
from ui.list_view.views import begin_with_default
from ui.look import card
from ui.state import ListState
from ui.text import _, number_text, reader, translated, zone_name


def list_view(
    spec: ListSpec,
    principal: Principal,
    *,
    more: More | None = None,
    fields: bool = True,
    selection: Selection | None = None,
) -> None:
    """The whole list of a page; `more(row)` draws what only this list's drawer has, without `fields` the fields too;
    `selection` says what can be done to several rows at once.

    Two fragments: a click runs neither the shell nor the rest of the page, and a filter only what it changes."""
    begin_with_default(spec, principal)
    _asking(spec.name)(spec, principal)
    _found(spec.name)(spec, principal, Drawer(more, fields), selection)


@cache  # wrapping a function inspects it, which takes as long as drawing a button
def _asking(name: str) -> Callable[..., None]:
    return st.fragment(_ask, key=parts.asking(name))


@cache
def _found(name: str) -> Callable[..., None]:
    return st.fragment(_find, key=parts.found(name))


def _ask(spec: ListSpec, principal: Principal) -> None:
    with telling():
        state = ListState.of(spec.name)
        asked = asked_by_address(spec, state)
        now = filter_bar(spec, state, asked, list_sites(app_engine(), principal), principal)
        if replace(now, at=None) != replace(asked, at=None):
            go(spec, state, replace(now, at=None))
        if spec.charts:
            choose_chart(spec, state)


def _find(spec: ListSpec, principal: Principal, drawer: Drawer, selection: Selection | None) -> None:
    with telling():
        state, asked = ListState.of(spec.name), asked_now(spec)
        with opened(app_engine(), principal, spec, asked.account, reader().time_zone) as its:
            page, asked = _page(its, asked)
            has_charts = bool(spec.charts and page.length)
            known = at_hand(its, asked) if has_charts else None  # what is drawn while the database works travels alone
            tell_left_out(principal, *spec.permissions)
            rows = partial(_rows, spec, principal, state, asked, page, selection)
            if has_charts:
                place, are_few = card(key=f"summary-{spec.name}"), not page.count.capped
                narrow = partial(_narrow, spec, state, asked)
                charts = partial(show_summary, place, its, principal, asked, known, are_few=are_few, on_pick=narrow)
                # rows that are on their way do not wait for what is counted
                for draw in (charts, rows) if known else (rows, charts):
                    draw()
            else:
                rows()
        if not report_once_proved(spec, principal):
            _drawer(spec, principal.anywhere(), drawer)


def _page(its: Opened, asked: Asked) -> tuple[Page, Asked]:
    """The page that is asked; where its place in the list is gone, the first."""
    try:
        return page_in(its, asked), asked
    except Invalid as error:
        if asked.at is None:
            raise
        st.warning(sentence(error), icon=":material/link_off:")
        return page_in(its, replace(asked, at=None)), replace(asked, at=None)


def _rows(
    spec: ListSpec, principal: Principal, state: ListState, asked: Asked, page: Page, selection: Selection | None
) -> None:
    with card(key=f"{spec.name}-rows", horizontal=True):  # ui/look.py gives the table a line of its own
        keys = [str(value) for value in page.values[_key_column(spec)]] if page.length else []
        see(state, keys, page.values["version"] if keys and selection is not None else None)
        state.neighbours = page.previous, page.next
        st.markdown(f"{_counted(spec, page)} {_report(spec, principal, asked, page)}", width="stretch")
        if selection is not None:
            selection.draw(state)
        _pager(spec, state, page)
        if not page.length:
            _nothing(spec, state, asked)
            return
        table: dict[str, Any] = {"key": f"{spec.name}.table"}
        if selection is not None:
            table = ticking(state, **table)
        show_table(spec, page, on_open=lambda at: open_row(spec, state.row_keys[at]), **table)


def _key_column(spec: ListSpec) -> str:
    """The column of the frame that carries what addresses call a row."""
    number = next(c for c in spec.columns if c.kind is Kind.NUMBER)
    return number.key if spec.row_key is spec.number else "uuid"


def _counted(spec: ListSpec, page: Page) -> str:
    """How many there are, and on whose clock their times are, where any are shown."""
    n = f"{number_text(page.count.n)}+" if page.count.capped else number_text(page.count.n)
    last = page.first + page.length - 1
    shown = _("{first}–{last} of {n}", first=number_text(page.first), last=number_text(last), n=n)
    tells_times = any(c.kind is Kind.MOMENT and TABLE in c.shown for c in spec.columns)
    return f"**{shown}**{f' :gray[· {zone_name()}]' if tells_times else ''}" if page.length else ""


def _report(spec: ListSpec, principal: Principal, asked: Asked, page: Page) -> str:
    """A link that looks like a button (ui/look.py) and costs no element of its own.

    Its address is the page's own, with what only the page knows: the accounts in view, the zone."""
    if not principal.may(Permission.REPORT_EXPORT):
        return ""
    query = urlencode((*asked.pairs(spec, with_place=False), *report_facts(principal).items()))
    report = f"[:material/download: {_('Generate report')}](/reports/{spec.name}.xlsx?{query})"
    if not spec.has_documents or not page.length:
        return report
    if page.count.capped:  # as many as can be taken along at once
        return f"{report} :gray[{_('Narrow the list to download its documents.')}]"
    return f"{report} [:material/folder_zip: {_('Download all')}](/{spec.name}.zip?{query})"


def _nothing(spec: ListSpec, state: ListState, asked: Asked) -> None:
    with st.container(horizontal_alignment="center", key=f"empty-{spec.name}"):
        if spec.nothing and not asked.pairs(spec):
            st.markdown(f":material/task_alt: {translated(spec.nothing)}", width="content")
            return
        st.markdown(f":material/search_off: {_('Nothing matches this choice.')}", width="content")
        if asked.words:
            st.caption(translated(spec.searched), width="content")
        if not asked.pairs(spec):
            return
        unfiltered = everything(spec)
        everywhere = replace(unfiltered, words=asked.words)
        with st.container(horizontal=True, horizontal_alignment="center", gap="small"):
            if asked.words and everywhere.pairs(spec) != replace(asked, sort=None, at=None).pairs(spec):
                st.button(_("Search without filters"), on_click=_begin_anew, args=(spec, state, everywhere))
            st.button(_("Show everything"), on_click=_begin_anew, args=(spec, state, unfiltered))


def _begin_anew(spec: ListSpec, state: ListState, asked: Asked) -> None:
    """As the address would: the filters are drawn again with what is found."""
    go(spec, state, asked, redraw=True)
    st.rerun(parts.both(spec.name))


def _pager(spec: ListSpec, state: ListState, page: Page) -> None:
    """Only what leads somewhere: most people are on the first page."""
    turns = []
    if page.previous is not None:
        turns += [(_("First"), "first_page", None), (_("Previous"), "chevron_left", page.previous)]
    if page.next is not None:
        turns += [(_("Next"), "chevron_right", page.next)]
    for label, icon, at in turns:
        key = f"{spec.name}.{icon}"
        st.button(label, icon=f":material/{icon}:", key=key, on_click=turn_page, args=(spec, state, at))


def _narrow(spec: ListSpec, state: ListState, asked: Asked, group: Dimension, click: Click) -> None:
    """A bar was clicked: the list shows what the bar counts. Called before anything runs, so that the list runs in
    place of the chart's own fragment."""
    if group.is_month:
        if not any(isinstance(f, Period) and f.key == group.key for f in spec.filters):
            return
        first = date.fromisoformat(click.category)
        last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        _begin_anew(spec, state, asked.within(group.key, first, last))
    else:
        _begin_anew(spec, state, asked.choosing(group.key, click.category))


def _drawer(spec: ListSpec, principal: Principal, drawer: Drawer) -> None:
    key = st.query_params.get(spec.row_parameter)
    if key is None:
        return

    def fetch() -> Mapping[str, Any]:
        return get_row(app_engine(), principal, spec, key, time_zone=reader().time_zone)

    show_drawer(spec, fetch, on_close=lambda: open_row(spec, None), drawer=drawer)
