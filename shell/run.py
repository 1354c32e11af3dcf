"""Every run of the portal: sign in, or navigation and one page inside the error boundary."""

from __future__ import annotations

import streamlit as st

from auth import visitor
from auth.presence import current
from auth.sign_in import sign_in_page
from data.settings import settings
from pages import PAGES
from shell.menu import Menu, way_in
from shell.view import in_view, reader_of, tell_header
from ui import links
from ui.errors import telling
from ui.text import _, read_as

LAYOUT = {"layout": "wide", "initial_sidebar_state": "collapsed"}


def main() -> None:
    signed = current()
    if signed is None:
        _outside()
        return
    reader = reader_of(signed.principal)
    read_as(reader)
    principal = in_view(signed.principal)
    links.helped_by("")  # until a page says otherwise
    chosen = st.navigation(Menu.of("").for_whom(principal, reader.language), position="top")
    st.set_page_config(page_title=f"{chosen.title} · {settings().brand_name}", **LAYOUT)
    tell_header(principal, chosen.url_path)
    with telling():
        chosen.run()


def _outside() -> None:
    """Signed out, every address shows the way in, so that a link to a page survives signing in."""
    read_as(visitor.reader())
    pages = [st.Page(_sign_in, title=_("Sign in"), url_path=spec.path or None, default=not spec.path) for spec in PAGES]
    chosen = st.navigation([*pages, *way_in()], position="hidden")
    st.set_page_config(page_title=f"{chosen.title} · {settings().brand_name}", **LAYOUT)
    with telling():
        chosen.run()


def _sign_in() -> None:
    sign_in_page(visitor.here())
