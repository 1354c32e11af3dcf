"""Tickets: what was asked, how far it is, and which clock runs; and the ways to ask for more."""

from __future__ import annotations

from data.tickets import TICKETS
from pages.portal.ticket.claim import claim_asked_for, claim_button
from pages.portal.ticket.drawer import ticket_drawer
from pages.portal.ticket.requests import request_asked_for, request_buttons
from rules.principal import Principal
from ui import look
from ui.list_view import list_view
from ui.text import _


def show(principal: Principal) -> None:
    look.title(_("Tickets"), actions=lambda: _ways_to_ask(principal))
    request_asked_for(principal)
    claim_asked_for(principal)
    list_view(TICKETS, principal, more=ticket_drawer(principal.anywhere()), fields=False)


def _ways_to_ask(principal: Principal) -> None:
    claim_button(principal)
    request_buttons(principal)
