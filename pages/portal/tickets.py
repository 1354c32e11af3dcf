"""Tickets: what was asked, how far it is, and which clock runs."""

from __future__ import annotations

from data.tickets import TICKETS
from rules.principal import Principal
from ui import look
from ui.list_view import list_view
from ui.text import _


def show(principal: Principal) -> None:
    look.title(_("Tickets"))
    list_view(TICKETS, principal)
