"""Settings: who I am here, in which language and on which clock, my password, second factor and browsers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID
from zoneinfo import available_timezones

import streamlit as st

from auth import own_sessions, visitor
from auth.change_password import change_password
from auth.own_sessions import OwnSession
from auth.presence import IDLE_LIMIT
from data.engines import app_engine, auth_engine
from data.preferences import save_preferences
from pages.portal.second_factor import second_factor
from rules.errors import Invalid, Problems
from rules.principal import Principal
from ui import look
from ui.device import device_text
from ui.form.problems import beside
from ui.state import Remembered
from ui.text import _, ago_text, languages, n_, plain, time_text

FORM = 560  # pixels; less on a phone


@dataclass
class Said(Remembered):
    """What came of the last click, told once; and how often the password form began anew, empty."""

    sentence: str = ""
    edition: int = 0
    problems: dict[str | None, Invalid] = field(default_factory=dict)

    def tell(self, sentence: str) -> None:
        self.sentence = sentence
        st.rerun()


def show(principal: Principal) -> None:
    said = Said.of("settings")
    look.title(_("Settings"))
    if said.sentence:
        st.success(said.sentence, icon=":material/check_circle:")
        said.sentence = ""
    _me(principal, said)
    _password(principal, said)
    second_factor(principal)
    _sessions(principal, said)


# --- who I am, and how the portal speaks to me


def _me(principal: Principal, said: Said) -> None:
    with look.card(_("About me"), key="me"):
        with st.container(gap="xxsmall"):
            st.markdown(f"**{plain(principal.name)}**")
            st.text(principal.email)
        with st.form("preferences", border=False, width=FORM):
            language = _choice(_("Language"), languages(), principal.language)
            zones = {name: name for name in _zones(principal.time_zone)}
            zone = _choice(_("Time zone"), zones, principal.time_zone)
            st.caption(_("For pages and mails. What you choose at the top right counts in this browser, before this."))
            if st.form_submit_button(_("Save")):
                save_preferences(app_engine(), principal, language=language, time_zone=zone)
                said.tell(_("Your settings are saved."))


def _choice(label: str, words: Mapping[str, str], chosen: str | None) -> str | None:
    """None: as the browser says; so begins also who chose what is not there any more."""
    options = ["", *words]
    at = options.index(chosen) if chosen is not None and chosen in words else 0
    return st.selectbox(label, options, at, lambda value: words[value] if value else _("As the browser says")) or None


@cache
def _zones(also: str | None) -> tuple[str, ...]:
    return tuple(sorted(available_timezones() | ({also} if also else set())))


# --- my password


def _password(principal: Principal, said: Said) -> None:
    with (
        look.card(_("Change my password"), key="password"),
        st.form(f"change-password-{said.edition}", border=False, width=FORM),
    ):
        current = _secret(_("Current password"), "current", "current-password", said)
        password = _secret(_("New password"), "password", "new-password", said)
        st.caption(_("At least 12 characters, in any script. A sentence only you would think of is a good password."))
        repeated = _secret(_("New password again"), "repeated", "new-password", said)
        st.caption(_("In all other browsers you will be signed out, and a mail tells you that it was changed."))
        is_submitted = st.form_submit_button(_("Change password"), type="primary")
    if is_submitted:
        _change(principal, current, password, repeated, said)


def _secret(label: str, name: str, autocomplete: str, said: Said) -> str:
    with st.container(gap="xxsmall"):
        key = f"settings.{name}.{said.edition}"
        typed = st.text_input(label, type="password", autocomplete=autocomplete, key=key)
        beside(said.problems.get(name))
    return typed or ""


def _change(principal: Principal, current: str, password: str, repeated: str, said: Said) -> None:
    said.problems = {}
    try:
        change_password(
            auth_engine(), principal, current, password, repeated,
            device=visitor.device(), address=visitor.address(),
        )  # fmt: skip
    except Problems as problems:
        said.problems = problems.by_field
        st.rerun()
    said.edition += 1
    said.tell(_("Your password is changed, and all your other browsers are signed out."))


# --- where I am signed in


def _sessions(principal: Principal, said: Said) -> None:
    mine = own_sessions.own_sessions(auth_engine(), principal.token)
    with look.card(_("Where I am signed in"), key="sessions"):
        for session in mine:
            _session(principal, session, said)
        if len(mine) > 1 and st.button(_("Sign out everywhere else"), icon=":material/logout:", key="end-others"):
            ended = own_sessions.end_other_sessions(auth_engine(), principal.token)
            said.tell(n_("{n} other browser is signed out.", "{n} other browsers are signed out.", ended))


def _session(principal: Principal, session: OwnSession, said: Said) -> None:
    name = device_text(session.device)
    with st.container(horizontal=True, vertical_alignment="center", key=f"session-{session.uuid}"):
        st.markdown("  \n".join(_lines(session, name)), width="stretch")
        if not session.is_this and st.button(
            _("Sign out"), key=f"end-{session.uuid}", help=_("Sign out {device}", device=name)
        ):
            _end(principal, session.uuid, said)


def _lines(session: OwnSession, name: str) -> tuple[str, ...]:
    this = f" :green-badge[{_('This one')}]" if session.is_this else ""
    since = _("signed in {time}", time=time_text(session.began_at))
    seen = _("last seen {ago}", ago=ago_text(session.last_seen))
    ends = _("ends {time}, or after {n} minutes without a click", time=time_text(session.ends_at), n=_idle_minutes())
    where = plain(session.address) or _("unknown address")
    return f"**{plain(name)}**{this}", f":small[:gray[{where} · {since} · {seen}]]", f":small[:gray[{ends}]]"


def _idle_minutes() -> int:
    return int(IDLE_LIMIT.total_seconds()) // 60


def _end(principal: Principal, session: UUID, said: Said) -> None:
    if own_sessions.end_session(auth_engine(), principal.token, session):
        said.tell(_("That browser is signed out."))
    said.tell(_("That browser was signed out already."))
