"""The dashboard: what goes on, what is due, what the customer has with us, and whom to talk to (SPEC R24–R27)."""

from __future__ import annotations

import streamlit as st

from data.engines import app_engine
from data.inventory import INVENTORY
from data.orders import ORDERS
from data.summary import InventoryFigures, OrderFigures, dashboard_of
from pages.portal.board import (
    all_contacts,
    attainment_line,
    figures,
    not_to_be_missed,
    team_text,
    tickets_that_run_out,
)
from pages.portal.message.link import write_to_team
from rules.inventory import ItemKind
from rules.orders import OrderStatus
from rules.principal import AccountRef, Principal
from ui import wall
from ui.charts import BarChart, Click, Series, show_chart
from ui.in_view import tell_parts_left_out
from ui.text import _, p_, reader, term
from ui.tones import Tone

CHART_HEIGHT = 252  # as tall as six rows of tickets


def show_dashboard(principal: Principal, customer: AccountRef | None = None) -> None:
    """Of the accounts in view; `customer`: of this one, for the manager who looks after it."""
    of = principal.looking_at((customer.id,)) if customer else principal
    board = dashboard_of(
        app_engine(),
        of,
        account=customer.code if customer else None,
        time_zone=reader().time_zone,
        language=reader().language,
    )
    if customer is None:
        tell_parts_left_out(principal)
    not_to_be_missed(board, principal)
    figures(board)
    cards = wall.cards()
    if board.tickets:
        with cards.cell(column_span=2):
            tickets_that_run_out(board.tickets, customer)
            if board.attainment and board.attainment.n:
                attainment_line(board.attainment, customer)
    if board.team:
        with cards.cell():
            st.markdown(team_text(board.team, of))
            all_contacts()
            write_to_team(principal)
    if board.orders:
        with cards.cell():
            _orders(board.orders)
    if board.inventory:
        with cards.cell(column_span=2):
            _inventory(board.inventory)


def _orders(orders: OrderFigures) -> None:
    st.header(_("Orders of the last 30 days"), anchor=False)
    counts = sorted(orders.by_status, key=lambda one: list(OrderStatus).index(OrderStatus(one.status)))
    if not counts:
        st.markdown(f":material/inbox: {_('No order was requested or installed.')}")
        return
    chart = BarChart(
        _("Orders of the last 30 days"),
        {one.status: term("order.status", one.status) for one in counts},
        [
            Series("requested", p_("orders", "Requested"), [one.requested for one in counts], Tone.ACTIVE),
            Series("installed", p_("orders", "Installed"), [one.installed for one in counts], Tone.GOOD),
        ],
        stacked=False,
        height=CHART_HEIGHT,
    )
    click = show_chart(chart, key="dashboard.orders", on_pick=_look)
    if click is not None:
        figure = orders.requested if click.series == "requested" else orders.installed
        wall.to_list(ORDERS, figure.asked.choosing("status", click.category)).follow()


def _inventory(inventory: InventoryFigures) -> None:
    st.header(_("Inventory by site and type"), anchor=False)
    if not inventory.counts:
        st.markdown(f":material/inbox: {_('There is no inventory yet.')}")
        return
    sites = {one.site_code or "": one.site_name or _("no site") for one in inventory.counts}
    kinds = [kind for kind in ItemKind if any(one.kind == kind for one in inventory.counts)]
    counted = {(one.site_code or "", one.kind): one.n for one in inventory.counts}
    series = [
        Series(kind, term("inventory.kind", kind), [counted.get((site, kind), 0) for site in sites]) for kind in kinds
    ]
    chart = BarChart(_("Inventory by site and type"), sites, series, height=CHART_HEIGHT)
    click = show_chart(chart, key="dashboard.inventory", on_pick=_look)
    if click is not None and click.category:
        asked = inventory.items.asked.choosing("kind", click.series).choosing("site", click.category)
        wall.to_list(INVENTORY, asked).follow()


def _look(_click: Click | None) -> None:
    """A bar was clicked: the run that follows goes to its list."""
