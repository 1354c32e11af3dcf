"""A ticket in its drawer: how its clocks stand, what can be done now, what was said, and how it came here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from data.engines import app_engine
from data.ticketing import TicketDetail, get_ticket
from pages.portal.message.link import write_about
from pages.portal.ticket.clocks import show_clocks
from pages.portal.ticket.conversation import show_conversation
from pages.portal.ticket.deeds import show_deeds
from pages.portal.ticket.details import is_at_the_door, show_details, show_visitors
from pages.portal.ticket.mails import may_see_mails, show_mails
from pages.portal.ticket.storage import show_storage
from pages.portal.ticket.timeline import show_reason, show_timeline
from pages.portal.ticket.watchers import show_watchers
from rules.messages import About
from rules.principal import Principal
from ui.errors import telling
from ui.text import _, number_text, plain, term, time_text


def ticket_drawer(principal: Principal) -> Callable[[Mapping[str, Any]], None]:
    """What `list_view` calls with the row whose drawer is open."""

    def show(row: Mapping[str, Any]) -> None:
        with telling():
            show_ticket(principal, get_ticket(app_engine(), principal, row["number"]))

    return show


def show_ticket(principal: Principal, detail: TicketDetail) -> None:
    with st.container(gap="xsmall"):
        st.subheader(plain(detail.subject), anchor=False)
        st.markdown(f":small[:gray[{_where_and_who(detail)}]]")
        show_reason(detail)
    show_clocks(detail, for_staff=principal.is_staff)
    show_storage(detail, for_staff=principal.is_staff)
    show_deeds(principal, detail)
    write_about(principal, About.TICKET, detail.ticket.uuid, detail.ticket.account_id)
    if detail.visitors and is_at_the_door(principal, detail):
        show_visitors(principal, detail)
    n = len(detail.conversation)
    said = _("Conversation ({n})", n=number_text(n)) if n else _("Conversation")
    names = [said, _("Details"), _("History"), _("Watchers")]
    names = [*names, _("Mail")] if may_see_mails(principal) else names
    talk, facts, history, watching, *mails = st.tabs(names, key=f"tabs.{detail.ticket.number}")
    with talk:
        show_conversation(principal, detail)
    with facts:
        show_details(principal, detail)
    with history:
        show_timeline(detail)
    with watching:
        show_watchers(principal, detail)
    for tab in mails:
        with tab:
            show_mails(principal, detail)


def _where_and_who(detail: TicketDetail) -> str:
    words = [term("ticket.type", detail.ticket.direction or detail.ticket.kind), plain(detail.account)]
    if detail.site:
        words.append(plain(detail.site))
    words.append(time_text(detail.ticket.opened_at))
    if detail.requester:
        words.append(plain(detail.requester))
    return " · ".join(words)
