"""Whoever is at the door: what their browser brought along, and where they want to go.

Cookies and headers are those of the websocket's handshake: a cookie that changes is seen after a navigation only."""

from __future__ import annotations

from html import escape
from typing import NoReturn
from urllib.parse import urlencode, urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from auth import cookies
from auth.next_page import safe_next
from ui.text import Reader, _, language_of_page


def session_token() -> str | None:
    return st.context.cookies.get(cookies.session_cookie()) or None


def browser() -> str | None:
    """What a sign-in code is bound to."""
    held = st.context.cookies.get(cookies.pre_login_cookie())
    return held if cookies.is_pre_login(held) else None


def address() -> str | None:
    """Safe to count by: web/proxies.py has settled which address counts. None for loopback, and for no browser."""
    found = st.context.ip_address
    return found if isinstance(found, str) else None


def device() -> str:
    """What the browser says of itself."""
    return st.context.headers.get("User-Agent") or ""


def reader() -> Reader:
    """What was chosen here before, else what the browser prefers; as the plain routes answer (web/language.py)."""
    return Reader(language(), time_zone())


def time_zone() -> str:
    return st.context.timezone or "UTC"


def language(own: str | None = None) -> str:
    """`own`: what the person in this browser has set for themselves."""
    chosen = st.context.cookies.get(cookies.LANGUAGE)
    return language_of_page(chosen, own, st.context.headers.get("Accept-Language"))


def path() -> str | None:
    """The page in the address bar, as its spec names it (Streamlit's own word for it leaves out the pages it knows);
    None where no browser says."""
    run = get_script_run_ctx(suppress_warning=True)
    url = run.context_info.url if run is not None and run.context_info is not None else None
    return urlsplit(url).path.strip("/") if url else None


def here() -> str:
    """The page that was asked for, filters included."""
    path = urlsplit(st.context.url or "/").path or "/"
    asked = [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    return safe_next(f"{path}?{urlencode(asked)}" if asked else path)


def go(where: str) -> NoReturn:
    """Leave this page by a navigation, which needs no script; the link is for browsers that do not follow it."""
    target = escape(where, quote=True)
    refresh = f'<meta http-equiv="refresh" content="0;url={target}">'
    st.markdown(f'{refresh}<a href="{target}" target="_self">{escape(_("Continue"))}</a>', unsafe_allow_html=True)
    st.stop()
