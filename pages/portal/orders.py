"""Orders: what was ordered, and how far it is."""

from __future__ import annotations

from data.orders import ORDERS
from pages.portal.message.link import write_about
from rules.messages import About
from rules.principal import Principal
from ui import look
from ui.list_view import list_view
from ui.text import _


def show(principal: Principal) -> None:
    look.title(_("Orders"))
    list_view(ORDERS, principal, more=lambda row: write_about(principal.anywhere(), About.ORDER, row["uuid"]))
