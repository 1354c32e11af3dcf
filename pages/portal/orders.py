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
from ui import lines as lines_table
from ui import look
from ui.lines import Said
from ui.list_view import list_view
from ui.text import _, exact_text, money_text, term


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
    is_elsewhere = not {one.site for one in lines} <= {order["site"]}  # else it stands above, for the whole order
    monthly = [_charge(one, one.monthly_charge) for one in lines]
    once = [_charge(one, one.one_time_charge) for one in lines]
    lines_table.show(
        (
            Said(_("Product"), [one.product for one in lines], is_beside=False),
            Said(_("Quantity"), [exact_text(one.quantity) for one in lines], is_number=True),
            Said(_("Monthly charge"), monthly, is_number=True, is_beside=False),
            Said(_("One-time"), once, is_number=True, is_beside=any(monthly)),
            Said(_("Status"), [term("order.status", one.status) for one in lines]),
            Said(_("Cage or cabinet"), [one.cabinet for one in lines]),
            Said(_("Site"), [one.site if is_elsewhere else None for one in lines]),
        ),
        label=_("Lines"),
    )


def _charge(line: OrderLineRow, amount: Decimal) -> str:
    if not amount:
        return ""
    return money_text(amount, line.currency) if line.currency else exact_text(amount)
