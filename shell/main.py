"""The entry of every run: sign in, or header, navigation and one page inside the error boundary."""

from __future__ import annotations

import streamlit as st

from auth import visitor
from auth.heartbeat import heartbeat
from auth.presence import current
from auth.set_password import set_password_page
from auth.sign_in import sign_in_page
from data.settings import settings
from pages import PAGES, PageSpec, pages_for
from rules.principal import Principal
from shell import brand
from shell.header import header, in_view, reader_of
from ui import links, look
from ui.errors import telling
from ui.text import _, read_as, translated

LAYOUT = {"layout": "wide", "initial_sidebar_state": "collapsed"}


def main() -> None:
    signed = current()
    if signed is None:
        _outside()
        return
    read_as(reader_of(signed.principal))
    principal = in_view(signed.principal)
    specs = pages_for(principal)
    pages = {spec.path: _page(spec, principal) for spec in specs}
    elsewhere = [_unavailable(spec) for spec in PAGES if spec not in specs]
    links.remember(pages)
    chosen = st.navigation([*pages.values(), *elsewhere], position="top")
    st.set_page_config(page_title=f"{chosen.title} · {settings().brand_name}", page_icon=brand.icon(), **LAYOUT)
    st.logo(brand.logo(), size="large")
    look.apply()
    heartbeat()  # first: a page may stop the run where it likes
    with telling():
        header(signed, chosen.url_path)
        chosen.run()


def _page(spec: PageSpec, principal: Principal) -> st.Page:
    return st.Page(
        lambda: spec.show(principal),
        title=translated(spec.title),
        icon=f":material/{spec.icon}:",
        url_path=spec.path or None,
        default=not spec.path,
        # staff have no dashboard of their own: Home leads them to where their role begins
        visibility="visible" if spec.in_menu and (spec.path or not principal.is_staff) else "hidden",
    )


def _unavailable(spec: PageSpec) -> st.Page:
    """A colleague's link to a page this person does not have says so, instead of pretending there is no such page."""

    def show() -> None:
        look.title(translated(spec.title))
        st.info(_("This page is not available to you. Ask the administrator of your account."), icon=":material/lock:")

    return st.Page(show, title=translated(spec.title), url_path=spec.path, visibility="hidden")


def _outside() -> None:
    """Signed out, every address shows the way in, so that a link to a page survives signing in."""
    read_as(visitor.reader())
    pages = [st.Page(_sign_in, title=_("Sign in"), url_path=spec.path or None, default=not spec.path) for spec in PAGES]
    password = st.Page(_set_password, title=_("Set your password"), url_path="password")
    chosen = st.navigation([*pages, password], position="hidden")
    st.set_page_config(page_title=f"{chosen.title} · {settings().brand_name}", **LAYOUT)
    with telling():
        chosen.run()


def _sign_in() -> None:
    sign_in_page(visitor.here())


def _set_password() -> None:
    set_password_page(st.query_params.get("link", ""))


main()
