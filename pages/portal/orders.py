"""Orders: what was ordered, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import streamlit as st

from data.engines import app_engine
from data.orders import ORDERS, OrderLineRow, lines_of
from pages.portal.message.link import write_about
from rules.messages import About
from rules.principal import Principal
from ui import look, table
from ui.list_view import list_view
from ui.text import _, exact_text, money_text


def show(principal: Principal) -> None:
    look.title(_("Orders"))
    list_view(ORDERS, principal, more=lambda row: more_of(principal, row))


def more_of(principal: Principal, row: Mapping[str, Any]) -> None:
    """What an order's drawer shows beside its own facts."""
    lines = lines_of(app_engine(), principal, row["uuid"])
    if lines:
        st.subheader(_("Lines"), anchor=False)
        _table(lines, row)
    write_about(principal.anywhere(), About.ORDER, row["uuid"])


def _table(lines: Sequence[OrderLineRow], order: Mapping[str, Any]) -> None:
    columns = {
        "product": table.words(_("Product"), [one.product for one in lines], 170),
        "quantity": table.amounts(_("Quantity"), [exact_text(one.quantity) for one in lines]),
        "status": table.states(_("Status"), "order.status", [one.status for one in lines]),
        "monthly": table.amounts(_("Monthly charge"), [_charge(one, one.monthly_charge) for one in lines]),
        "once": table.amounts(_("One-time"), [_charge(one, one.one_time_charge) for one in lines]),
        "cabinet": table.words(_("Cage or cabinet"), [one.cabinet for one in lines]),
        "site": table.words(_("Site"), [one.site for one in lines]),
    }
    if {one.site for one in lines} <= {order["site"]}:
        del columns["site"]  # it stands above, for the whole order
    if not any(one.one_time_charge for one in lines):
        del columns["once"]
    table.show(columns, key=f"lines.{order['uuid']}", label=_("Lines"))


def _charge(line: OrderLineRow, amount: Decimal) -> str:
    if not amount:
        return ""
    return money_text(amount, line.currency) if line.currency else exact_text(amount)
