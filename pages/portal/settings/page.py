"""Settings: who I am here, what I am told and how, my password, second factor and browsers."""

from __future__ import annotations

import streamlit as st

from pages.portal.settings.calendar import calendar
from pages.portal.settings.me import me
from pages.portal.settings.news import news
from pages.portal.settings.password import my_password
from pages.portal.settings.reports import reports
from pages.portal.settings.second_factor import second_factor
from pages.portal.settings.sessions import sessions
from pages.portal.settings.telling import HERE
from rules.principal import Principal
from ui import look
from ui.news import show_news
from ui.text import _


def show(principal: Principal) -> None:
    look.title(_("Settings"))
    show_news(HERE, good_stays=True)
    left, right = st.columns(2)
    with left:
        me(principal)
        news(principal)
        reports(principal)
    with right:
        my_password(principal)
        second_factor(principal)
        sessions(principal)
        calendar(principal)
