"""The ways to ask for something: a button for each kind that somebody may open, and its form in a dialog."""

from __future__ import annotations

import streamlit as st

from data.ticketing.reach import accounts_for
from pages.portal.ticket.request_form import show_request_form
from rules.permissions import Permission
from rules.principal import Principal
from rules.request_types import REQUEST_TYPES, TicketKind
from rules.words import N_
from ui.errors import telling
from ui.news import show_news, tell
from ui.text import _, translated
from ui.wall import to_page

#: `/tickets?new=remote_hands` opens that form.
NEW = "new"
ASKS: dict[TicketKind, str] = {
    TicketKind.REMOTE_HANDS: N_("Request remote hands"),
    TicketKind.FAULT: N_("Report a fault"),
    TicketKind.SHIPMENT: N_("Arrange a shipment"),
    TicketKind.SITE_VISIT: N_("Book a site visit"),
}


def kinds_for(principal: Principal) -> tuple[TicketKind, ...]:
    """What this person may ask for somewhere; the desk files any kind for a customer."""
    if principal.is_staff:
        return tuple(TicketKind) if principal.may(Permission.TICKET_WORK) else ()
    return tuple(kind for kind in TicketKind if accounts_for(principal, kind))


def request_buttons(principal: Principal, *, elsewhere: bool = False) -> None:
    """Side by side where there is room, else in one menu (ui/look.py hides one of the two). `elsewhere`: the form
    opens on the tickets page."""
    kinds = kinds_for(principal)
    if not kinds:
        return
    if principal.is_staff:
        chosen = _menu(_("File for a customer"), kinds)
    else:
        with st.container(horizontal=True, gap="small", key="requests-wide", width="content"):
            beside = _buttons(kinds)
        with st.container(key="requests-phone", width="content"):
            chosen = _menu(_("New request"), kinds) or beside
    if chosen is not None:
        _open(chosen, elsewhere=elsewhere)


def _buttons(kinds: tuple[TicketKind, ...]) -> TicketKind | None:
    """The one that was clicked. The first is what most people come for."""
    chosen = None
    for kind in kinds:
        icon, looks = f":material/{REQUEST_TYPES[kind].icon}:", "primary" if kind is kinds[0] else "secondary"
        if st.button(translated(ASKS[kind]), icon=icon, key=f"new.{kind}", type=looks):
            chosen = kind
    return chosen


def _menu(label: str, kinds: tuple[TicketKind, ...]) -> TicketKind | None:
    words = {f":material/{REQUEST_TYPES[kind].icon}: {translated(ASKS[kind])}": kind for kind in kinds}
    picked = st.menu_button(label, list(words), icon=":material/add:", key="new", type="primary")
    return words.get(picked or "")


def _open(kind: TicketKind, *, elsewhere: bool) -> None:
    if elsewhere:
        to_page("tickets", new=kind).follow()
    st.query_params.pop("ticket", None)  # one dialog at a time
    st.query_params[NEW] = kind
    st.rerun()


def request_asked_for(principal: Principal) -> None:
    """Opens the form that the address names, or says politely that there is none; tells of the one just sent."""
    asked = st.query_params.get(NEW)
    if asked is None:
        show_news(NEW)
    elif asked not in kinds_for(principal):
        words = _("This form is not available to you. Ask the administrator of your account.")
        st.info(words, icon=":material/lock:")
    else:
        _dialog(principal, TicketKind(asked))


def _dialog(principal: Principal, kind: TicketKind) -> None:
    st.query_params.pop("ticket", None)

    def closed() -> None:
        st.query_params.pop(NEW, None)

    icon = f":material/{REQUEST_TYPES[kind].icon}:"

    @st.dialog(translated(ASKS[kind]), width="medium", icon=icon, on_dismiss=closed)
    def dialog() -> None:
        with telling():
            filed = show_request_form(principal, kind)
            if filed is not None:
                said = _("{number} was sent.", number=f"**{filed.number}**")
                tell(NEW, f"{said} {filed.promise}")
                closed()
                st.rerun()

    dialog()
