"""Settings, where I am signed in: the browsers, each of which can be ended."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from auth import own_sessions
from auth.own_sessions import OwnSession
from auth.presence import IDLE_LIMIT
from data.engines import auth_engine
from pages.portal.settings.telling import say
from rules.principal import Principal
from ui import look
from ui.device import device_text
from ui.text import _, ago_text, n_, plain, time_text


def sessions(principal: Principal) -> None:
    mine = own_sessions.own_sessions(auth_engine(), principal.token)
    with look.card(_("Where I am signed in"), key="sessions"):
        for session in mine:
            _session(principal, session)
        if len(mine) > 1 and st.button(_("Sign out everywhere else"), icon=":material/logout:", key="end-others"):
            ended = own_sessions.end_other_sessions(auth_engine(), principal.token)
            say(n_("{n} other browser is signed out.", "{n} other browsers are signed out.", ended))


def _session(principal: Principal, session: OwnSession) -> None:
    name = device_text(session.device)
    with st.container(horizontal=True, vertical_alignment="center", key=f"session-{session.uuid}"):
        st.markdown("  \n".join(_lines(session, name)), width="stretch")
        if not session.is_this and st.button(
            _("Sign out"), key=f"end-{session.uuid}", help=_("Sign out {device}", device=name)
        ):
            _end(principal, session.uuid)


def _lines(session: OwnSession, name: str) -> tuple[str, ...]:
    this = f" :green-badge[{_('This one')}]" if session.is_this else ""
    since = _("signed in {time}", time=time_text(session.began_at))
    seen = _("last seen {ago}", ago=ago_text(session.last_seen))
    ends = _("ends {time}, or after {n} minutes without a click", time=time_text(session.ends_at), n=_idle_minutes())
    where = plain(session.address) or _("unknown address")
    return f"**{plain(name)}**{this}", f":small[:gray[{where} · {since} · {seen}]]", f":small[:gray[{ends}]]"


def _idle_minutes() -> int:
    return int(IDLE_LIMIT.total_seconds()) // 60


def _end(principal: Principal, session: UUID) -> None:
    if own_sessions.end_session(auth_engine(), principal.token, session):
        say(_("That browser is signed out."))
    say(_("That browser was signed out already."))
