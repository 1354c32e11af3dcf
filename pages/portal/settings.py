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
from ui.news import show_news, tell
from ui.state import Remembered
from ui.text import _, ago_text, languages, n_, plain, time_text

FORM = 560  # pixels; less on a phone


#: Where it is said what came of a click.
HERE = "settings"


@dataclass
class PasswordForm(Remembered):
    """How often it began anew, empty, and what was wrong with what was typed last."""

    edition: int = 0
    problems: dict[str | None, Invalid] = field(default_factory=dict)


def show(principal: Principal) -> None:
    look.title(_("Settings"))
    show_news(HERE, good_stays=True)
    left, right = st.columns(2)
    with left:
        _me(principal)
        _password(principal, PasswordForm.of("settings"))
    with right:
        second_factor(principal)
        _sessions(principal)


def _say(sentence: str) -> None:
    tell(HERE, sentence)
    st.rerun()


# --- who I am, and how the portal speaks to me


def _me(principal: Principal) -> None:
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
                _say(_("Your settings are saved."))


def _choice(label: str, words: Mapping[str, str], chosen: str | None) -> str | None:
    """None: as the browser says; so begins also who chose what is not there any more."""
    options = ["", *words]
    at = options.index(chosen) if chosen is not None and chosen in words else 0
    return st.selectbox(label, options, at, lambda value: words[value] if value else _("As the browser says")) or None


@cache
def _zones(also: str | None) -> tuple[str, ...]:
    return tuple(sorted(available_timezones() | ({also} if also else set())))


# --- my password


def _password(principal: Principal, form: PasswordForm) -> None:
    with (
        look.card(_("Change my password"), key="password"),
        st.form(f"change-password-{form.edition}", border=False, width=FORM),
    ):
        current = _secret(_("Current password"), "current", "current-password", form)
        password = _secret(_("New password"), "password", "new-password", form)
        st.caption(_("At least 12 characters, in any script. A sentence only you would think of is a good password."))
        repeated = _secret(_("New password again"), "repeated", "new-password", form)
        st.caption(_("In all other browsers you will be signed out, and a mail tells you that it was changed."))
        is_submitted = st.form_submit_button(_("Change password"), type="primary")
    if is_submitted:
        _change(principal, current, password, repeated, form)


def _secret(label: str, name: str, autocomplete: str, form: PasswordForm) -> str:
    with st.container(gap="xxsmall"):
        key = f"settings.{name}.{form.edition}"
        typed = st.text_input(label, type="password", autocomplete=autocomplete, key=key)
        beside(form.problems.get(name))
    return typed or ""


def _change(principal: Principal, current: str, password: str, repeated: str, form: PasswordForm) -> None:
    form.problems = {}
    try:
        change_password(
            auth_engine(), principal, current, password, repeated,
            device=visitor.device(), address=visitor.address(),
        )  # fmt: skip
    except Problems as problems:
        form.problems = problems.by_field
        tell(HERE)
        st.rerun()
    form.edition += 1
    _say(_("Your password is changed, and all your other browsers are signed out."))


# --- where I am signed in


def _sessions(principal: Principal) -> None:
    mine = own_sessions.own_sessions(auth_engine(), principal.token)
    with look.card(_("Where I am signed in"), key="sessions"):
        for session in mine:
            _session(principal, session)
        if len(mine) > 1 and st.button(_("Sign out everywhere else"), icon=":material/logout:", key="end-others"):
            ended = own_sessions.end_other_sessions(auth_engine(), principal.token)
            _say(n_("{n} other browser is signed out.", "{n} other browsers are signed out.", ended))


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
        _say(_("That browser is signed out."))
    _say(_("That browser was signed out already."))
