"""Action required: everything that waits for the customer, until when, and the drawer in which it is answered."""

from __future__ import annotations

from data.engines import app_engine
from data.ticketing.waiting import OVERDUE, VIEWS, WAITING, count_waiting
from pages.portal.ticket.drawer import ticket_drawer
from rules.principal import Principal
from ui import look
from ui.asking import choose_one
from ui.list_view import list_view
from ui.text import _, number_text, terms
from ui.tones import Tone


def show(principal: Principal) -> None:
    look.title(_("Action required"))
    counts, words = count_waiting(app_engine(), principal), terms("ticket.waiting")
    choose_one("show", _("Show"), {view: _chip(view, words[view], counts[view]) for view in VIEWS})
    list_view(WAITING, principal, more=ticket_drawer(principal.anywhere()), fields=False)


def _chip(view: str, word: str, n: int) -> str:
    """Red where something is overdue; the word says it as well."""
    count = f"**{number_text(n)}**"
    return f"{word} :{Tone.BAD.badge}[{count}]" if view == OVERDUE and n else f"{word} {count}"
