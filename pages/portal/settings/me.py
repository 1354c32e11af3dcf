"""Settings, about me: who I am here, in which language and on which clock the portal speaks to me."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

import streamlit as st

from data.engines import app_engine
from data.preferences import save_preferences
from pages.portal.settings.telling import FORM, say
from rules.principal import Principal
from ui import look
from ui.text import _, languages, plain


def me(principal: Principal) -> None:
    with look.card(_("About me"), key="me"):
        with st.container(gap="xxsmall"):
            st.markdown(f"**{plain(principal.name)}**")
            st.text(principal.email)
        with st.form("preferences", border=False, width=FORM):
            language = _choice(_("Language"), languages(), principal.language)
            zones = {name: name for name in _zones(principal.time_zone)}
            zone = _choice(_("Time zone"), zones, principal.time_zone)
            st.caption(_("For pages and mails. What you choose at the top right counts in this browser, before this."))
            st.caption(_("Light or dark follows what your device or browser is set to."))
            if st.form_submit_button(_("Save")):
                save_preferences(app_engine(), principal, language=language, time_zone=zone)
                say(_("Your settings are saved."))


def _choice(label: str, words: Mapping[str, str], chosen: str | None) -> str | None:
    """None: as the browser says; so begins also who chose what is not there any more."""
    options = ["", *words]
    at = options.index(chosen) if chosen is not None and chosen in words else 0
    return st.selectbox(label, options, at, lambda value: words[value] if value else _("As the browser says")) or None


@cache
def _zones(also: str | None) -> tuple[str, ...]:
    return tuple(sorted(available_timezones() | ({also} if also else set())))
