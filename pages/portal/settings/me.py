"""Settings, about me: who I am here, in which language and on which clock the portal speaks to me."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

import streamlit as st

from auth import visitor
from data.engines import app_engine
from data.preferences import save_preferences
from pages.portal.settings.telling import FORM, say
from rules.looks import Theme
from rules.principal import Principal
from ui import look
from ui.text import _, languages, plain, terms

#: The page comes anew in the colours that were chosen.
WEAR = "/auth/theme?next=/settings"


def me(principal: Principal) -> None:
    with look.card(_("About me"), key="me"):
        with st.container(gap="xxsmall"):
            st.markdown(f"**{plain(principal.name)}**")
            st.text(principal.email)
        with st.form("preferences", border=False, width=FORM):
            language = _choice(_("Language"), languages(), principal.language)
            zones = {name: name for name in _zones(principal.time_zone)}
            zone = _choice(_("Time zone"), zones, principal.time_zone)
            st.caption(_("For pages and mails. In this browser, what you choose at the top right comes first."))
            theme = _choice(_("Light or dark"), terms("theme", Theme), principal.theme)
            if st.form_submit_button(_("Save")):
                chosen = Theme(theme) if theme else None
                save_preferences(app_engine(), principal, language=language, time_zone=zone, theme=chosen)
                if chosen is not principal.theme:
                    visitor.go(WEAR)  # Streamlit asks once, before it draws a page
                say(_("Your settings are saved."))


def _choice(label: str, words: Mapping[str, str], chosen: str | None) -> str | None:
    """None: as the browser says; so begins also who chose what is not there any more."""
    options, by_itself = ["", *words], _("Same as the browser")
    at = options.index(chosen) if chosen is not None and chosen in words else 0
    return st.selectbox(label, options, at, lambda value: words[value] if value else by_itself) or None


@cache
def _zones(also: str | None) -> tuple[str, ...]:
    return tuple(sorted(available_timezones() | ({also} if also else set())))
