"""Customers: how every account stands that this manager looks after, and each one's dashboard."""

from __future__ import annotations

import streamlit as st

from data.customers import Attention, Customer, CustomerOrder, CustomerPage, CustomersAsked, list_customers
from data.engines import app_engine
from data.invoices import INVOICES
from data.listing import read_asked
from data.tickets import TICKETS
from pages.portal.dashboard import show_dashboard
from rules.errors import NotFound
from rules.principal import Principal
from ui import look, table, wall
from ui.asking import choose_one, leave, page_number, words_to_look_for
from ui.charts import BarChart, Click, Series, show_chart
from ui.taking_along import report_buttons
from ui.text import _, ago_text, money_text, n_, number_text, p_, plain
from ui.tones import Tone

#: Name a customer in the address; the second is what the browser's Back brings here from a list that a chart of the
#: dashboard had opened.
ONE = ("customer", "account")


def show(principal: Principal) -> None:
    code = next(filter(None, map(st.query_params.get, ONE)), None)
    if code is not None:
        _one(principal, code)
    else:
        _all(principal)


def _one(principal: Principal, code: str) -> None:
    """A customer's own dashboard; who does not look after them learns nothing, not even that they exist."""
    customer = next((account for account in principal.accounts if account.code == code), None)
    if customer is None:
        raise NotFound(code)
    look.title(plain(customer.name), actions=lambda: leave(_("All customers"), *ONE))
    show_dashboard(principal, customer)


def _all(principal: Principal) -> None:
    look.title(_("Customers"))
    with st.container(horizontal=True, vertical_alignment="center", key="asking"):
        words = words_to_look_for(_("Name or code"))
        order = choose_one("sort", p_("sort", "Order"), _orders())
        report_buttons(principal, "customers", _chosen(words, order))
    asked = CustomersAsked(words, CustomerOrder(order), page_number())
    found = list_customers(app_engine(), principal, asked)
    _figures(found, everything=not words)
    if not found.rows:
        _nobody(principal)
        return
    cards = wall.cards()
    with cards.cell(column_span=2 if found.attention else 3):
        _table(found)
    if found.attention:
        with cards.cell():
            _chart(found.attention)


def _orders() -> dict[str, str]:
    return {
        CustomerOrder.ATTENTION: _("Needs attention"),
        CustomerOrder.OPEN: _("Most open tickets"),
        CustomerOrder.NAME: _("By name"),
    }


def _chosen(words: str, order: str) -> list[tuple[str, str]]:
    """As the address says it: what is so anyway stands nowhere."""
    return [
        (name, value) for name, value in (("q", words), ("sort", order)) if value and value != CustomerOrder.ATTENTION
    ]


def _figures(found: CustomerPage, *, everything: bool) -> None:
    """Where all are shown, the figures lead to the lists of all."""
    accounts = wall.to_page("accounts") if everything else None
    tickets = wall.to_list(TICKETS, read_asked(TICKETS, {"sort": ("deadline",)})) if everything else None
    overdue = wall.to_list(INVOICES, read_asked(INVOICES, {"status": ("overdue",)})) if everything else None
    with wall.figures(4):
        wall.figure(_("Customers"), number_text(found.accounts), link=accounts, note=_("that you look after"))
        wall.figure(_("Open tickets"), number_text(found.open_tickets), link=tickets, note=_("altogether"))
        late = Tone.BAD if found.late_clocks else Tone.GOOD
        note = _("past what we promised") if found.late_clocks else _("all in time")
        wall.figure(_("Late clocks"), number_text(found.late_clocks), link=tickets, note=note, tone=late)
        bad = Tone.BAD if found.overdue_invoices else None
        note = _("past their due date") if found.overdue_invoices else _("nothing")
        wall.figure(_("Overdue invoices"), number_text(found.overdue_invoices), link=overdue, note=note, tone=bad)


def _nobody(principal: Principal) -> None:
    with look.card(key="nobody"):
        if principal.accounts:
            st.markdown(f":material/search_off: {_('No customer has such a name or code.')}")
            st.caption(_("Search finds customers by a part of their name or code."))
        else:
            st.markdown(f":material/group_off: {_('You look after no customer yet. An administrator assigns them.')}")


def _table(found: CustomerPage) -> None:
    rows = found.rows
    table.show(
        {
            "name": table.link(
                _("Customer"), [r.name for r in rows], lambda at: open_customer(rows[at].code), width=190
            ),
            "open": table.counts(_("Tickets"), [row.open_tickets for row in rows], 80),
            "late": table.badges(_("Clocks"), [_late(row) for row in rows], "red", 95),
            "overdue": table.amounts(_("Overdue"), [_overdue(row) for row in rows], 180),
            "items": table.counts(_("Items"), [row.items for row in rows], 70),
            "last": table.words(_("Last activity"), [ago_text(row.last_activity) for row in rows], 105),
            "code": table.words(_("Code"), [row.code for row in rows], 135),
        },
        key="customers",
        label=_("Customers"),
    )


def _late(row: Customer) -> str:
    return n_("{n} late", "{n} late", row.late_clocks) if row.late_clocks else ""


def _overdue(row: Customer) -> str:
    """In each currency; they are never added up."""
    return " · ".join(money_text(one.amount, one.currency) for one in row.overdue)


def _chart(attention: tuple[Attention, ...]) -> None:
    st.header(_("Who needs attention"), anchor=False)
    series = [
        Series("late", _("Late clocks"), [one.late_clocks for one in attention], Tone.BAD),
        Series("overdue", _("Overdue invoices"), [one.overdue_invoices for one in attention], Tone.WAITING),
    ]
    names = {one.code: one.name for one in attention}
    chart = BarChart(_("Who needs attention"), names, series, horizontal=True, height=90 + 28 * len(attention))
    show_chart(chart, key="customers.chart", on_pick=_picked)


def _picked(click: Click | None) -> None:
    if click is not None:
        open_customer(click.category)


def open_customer(code: str) -> None:
    """Their dashboard stands in the address, so it can be sent to a colleague."""
    st.query_params.from_dict({"customer": code})
