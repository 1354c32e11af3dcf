"""Puts a list together: what the address asks, the filters, the table, its charts, the report and the drawer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from data.engines import app_engine
from data.listing import Asked, ListSpec, Page, Period, get_row, page_of
from data.listing.spec import Kind
from data.listing.summary import Dimension
from data.sites import list_sites
from rules.permissions import Permission
from rules.principal import Principal
from ui.charts import Click
from ui.errors import telling
from ui.list_view.address import asked_by_address, go, open_row, turn_page
from ui.list_view.drawer import More, show_drawer
from ui.list_view.filter_bar import filter_bar
from ui.list_view.summary import show_summary
from ui.list_view.table import show_table
from ui.look import card
from ui.state import ListState
from ui.text import _, number_text, reader, zone_name


def list_view(spec: ListSpec, principal: Principal, *, more: More | None = None) -> None:
    """The whole list of a page; `more(row)` draws what only this list's drawer has.

    A fragment: a click in it runs neither the shell nor the rest of the page."""
    st.fragment(_list, key=f"list-{spec.name}")(spec, principal, more)


def _list(spec: ListSpec, principal: Principal, more: More | None) -> None:
    with telling():
        state = ListState.of(spec.name)
        asked = asked_by_address(spec, state)
        sites = list_sites(app_engine(), principal)
        now = filter_bar(spec, state, asked, sites, principal)
        if replace(now, at=None) != replace(asked, at=None):
            asked = replace(now, at=None)
            go(spec, state, asked)
        page = page_of(app_engine(), principal, spec, asked, time_zone=reader().time_zone)
        summary = st.container(key=f"summary-{spec.name}")
        _rows(spec, principal, state, asked, page)
        with summary:
            show_summary(spec, principal, asked, on_pick=lambda group, click: _narrow(spec, state, asked, group, click))
        _drawer(spec, principal, more)


def _rows(spec: ListSpec, principal: Principal, state: ListState, asked: Asked, page: Page) -> None:
    with card(key=f"{spec.name}-rows"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(_counted(page), width="stretch")
            if principal.may(Permission.REPORT_EXPORT):
                _report_button(spec, principal, asked)
        if not page.length:
            _nothing(spec, state, asked)
            return
        key = _key_column(spec)
        state.row_keys = [str(value) for value in page.values[key]]
        state.neighbours = page.previous, page.next
        show_table(spec, page, key=f"{spec.name}.table", on_open=lambda at: open_row(spec, state.row_keys[at]))
        _pager(spec, state, page)


def _key_column(spec: ListSpec) -> str:
    """The column of the frame that carries what addresses call a row."""
    number = next(c for c in spec.columns if c.kind is Kind.NUMBER)
    return number.key if spec.row_key is spec.number else "uuid"


def _counted(page: Page) -> str:
    n = f"{number_text(page.count.n)}+" if page.count.capped else number_text(page.count.n)
    last = page.first + page.length - 1
    shown = _("{first}–{last} of {n}", first=number_text(page.first), last=number_text(last), n=n)
    return f"**{shown}** :gray[· {zone_name()}]" if page.length else ""


def _report_button(spec: ListSpec, principal: Principal, asked: Asked) -> None:
    """The address of the report is the page's own, with what only the page knows: the account in view, the zone."""
    if not principal.is_staff and len(principal.chosen) == 1 and len(principal.accounts) > 1:
        in_view = next(account for account in principal.accounts if account.id == principal.chosen[0])
        asked = replace(asked, account=in_view.code)
    query = "&".join(filter(None, (asked.query(spec, with_place=False), urlencode({"zone": reader().time_zone}))))
    st.link_button(_("Generate report"), f"/reports/{spec.name}.xlsx?{query}", icon=":material/download:")


def _nothing(spec: ListSpec, state: ListState, asked: Asked) -> None:
    with st.container(horizontal_alignment="center", key=f"empty-{spec.name}"):
        st.markdown(f":material/search_off: {_('Nothing matches this choice.')}", width="content")
        if asked.query(spec):
            everything = Asked(choices=tuple((f.key, ()) for f in spec.filters if not isinstance(f, Period)))
            st.button(_("Show everything"), on_click=lambda: go(spec, state, everything, redraw=True))


def _pager(spec: ListSpec, state: ListState, page: Page) -> None:
    if page.previous is None and page.next is None:
        return
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        for label, icon, at, enabled in (
            (_("First"), "first_page", None, page.previous is not None),
            (_("Previous"), "chevron_left", page.previous, page.previous is not None),
            (_("Next"), "chevron_right", page.next, page.next is not None),
        ):
            st.button(
                label,
                icon=f":material/{icon}:",
                disabled=not enabled,
                key=f"{spec.name}.{icon}",
                on_click=turn_page,
                args=(spec, state, at),
            )


def _narrow(spec: ListSpec, state: ListState, asked: Asked, group: Dimension, click: Click) -> None:
    """A bar was clicked: the list shows what the bar counts."""
    if not group.is_month:
        go(spec, state, asked.choosing(group.key, click.category), redraw=True)
    elif any(isinstance(f, Period) and f.key == group.key for f in spec.filters):
        first = date.fromisoformat(click.category)
        last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        go(spec, state, asked.within(group.key, first, last), redraw=True)


def _drawer(spec: ListSpec, principal: Principal, more: More | None) -> None:
    key = st.query_params.get(spec.row_parameter)
    if key is None:
        return

    def fetch() -> Mapping[str, Any]:
        return get_row(app_engine(), principal, spec, key, time_zone=reader().time_zone)

    show_drawer(spec, fetch, on_close=lambda: open_row(spec, None), more=more)
