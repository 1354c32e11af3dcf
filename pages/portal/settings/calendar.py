"""Settings, my calendar: an address for other programs, shown once, which can be taken back at any time."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from auth.sessions import hashed, new_token
from data.commands import execute
from data.engines import app_engine
from data.feed_tokens import SHOWN_BY, CalendarAddress, CloseCalendar, OpenCalendar, calendar_address
from data.settings import settings
from pages.portal.settings.telling import say
from rules.principal import Principal
from ui import look
from ui.state import Remembered
from ui.text import _, ago_text, reader, time_text


@dataclass
class Shown(Remembered):
    """The address that was made in this tab just now; nobody can show it again."""

    address: str = ""


def calendar(principal: Principal) -> None:
    now = calendar_address(app_engine(), principal)
    if now is None and not any(map(principal.may, SHOWN_BY)):
        return
    with look.card(_("Calendar"), key="calendar"):
        st.caption(_("Maintenance, incidents, visits and scheduled work in your calendar, as far as you may see them."))
        _address(now)
        with st.container(horizontal=True):
            label = _("Make an address") if now is None else _("Make a new address")
            if st.button(label, icon=":material/calendar_add_on:", key="open-calendar"):
                _open(principal, is_first=now is None)
            if now is not None and st.button(_("Withdraw the address"), key="close-calendar"):
                execute(app_engine(), principal, CloseCalendar())
                Shown.of("calendar").address = ""
                say(_("The address is withdrawn: nobody can read your calendar by it."))


def _address(now: CalendarAddress | None) -> None:
    if now is None:
        return
    shown = Shown.of("calendar").address
    if shown:
        st.code(shown, language=None, wrap_lines=True)
        st.caption(
            _("Subscribe to it in your calendar program. It is shown only now, and whoever has it can read along.")
        )
    used = _("not read yet") if now.last_used_at is None else _("last read {ago}", ago=ago_text(now.last_used_at))
    made = _("made {time}", time=time_text(now.made_at))
    st.markdown(f":small[:gray[{_('An address works')} · {made} · {used}]]")


def _open(principal: Principal, *, is_first: bool) -> None:
    token = new_token()
    zone = principal.time_zone or reader().time_zone
    execute(app_engine(), principal, OpenCalendar(hashed(token), zone, reader().language))
    Shown.of("calendar").address = f"{settings().base_url}/calendar/{token}.ics"
    if is_first:
        say(_("Your calendar has an address."))
    say(_("Your calendar has a new address. The one before does not work any more."))
