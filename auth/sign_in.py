"""Signing in: streamlit-authenticator's form over our directory, then a session of our own in a cookie."""

from __future__ import annotations

import secrets
from html import escape
from typing import Any, NoReturn
from urllib.parse import urlencode

import streamlit as st
from streamlit_authenticator import Authenticate
from streamlit_authenticator.controllers import AuthenticationController

from auth import single_sign_on, visitor
from auth.directory import Candidate, Directory
from auth.front_door import front_door, trouble
from auth.half_way import password_proven
from auth.next_page import NOTICE, Notice, safe_next
from auth.password_links import FORGOTTEN
from auth.presence import send_away
from auth.second_step import go_in, second_step
from data.engines import auth_engine
from data.settings import settings
from ui.text import Word, _, read_as

NOTICES: dict[str, Word] = {
    Notice.ENDED: Word("Your session has ended. Sign in to go on where you were."),
    Notice.OUT: Word("You are signed out."),
    Notice.OUT_HERE: Word("You are signed out of the portal."),
    Notice.EXPIRED: Word("Signing in took too long. Please sign in again."),
    Notice.READY: Word("Your new password is set. Sign in with it."),
}
#: Where the library keeps what it found out; to us nobody is signed in because of what stands there.
LIBRARY_STATE = ("authentication_status", "username", "name", "email", "roles", "logout", "password_hint")


def sign_in_page(next_path: str) -> None:
    """The form, under whatever address was asked for; `next_path` is where signing in leads."""
    reader = visitor.reader()
    read_as(reader)
    notice = st.query_params.get(NOTICE)
    if visitor.session_token() is not None and notice not in NOTICES:
        send_away(next_path, Notice.ENDED)
    with front_door(next_path, reader.language):
        if notice in NOTICES:
            (st.success if notice == Notice.READY else st.info)(str(NOTICES[notice]))
        if notice == Notice.OUT_HERE and single_sign_on.has_way_out():
            _offer_way_out()
        trouble(sign_in_form(next_path))


def sign_in_form(next_path: str) -> str:
    """Wherever somebody is asked to sign in; what helps those who cannot, where that differs."""
    browser = visitor.browser()
    if browser is None:
        st.error(
            _("Your browser kept no cookie. Allow cookies for this site, then load the page again to sign in."),
            icon=":material/cookie_off:",
        )
    elif second_step(browser, next_path):
        return _("Lost your phone and your recovery codes? The service desk can have your second factor reset.")
    else:
        _ask(browser, next_path)
    st.html(f'<a href="{FORGOTTEN}" target="_self">{escape(_("Forgot your password?"))}</a>')
    if settings().has_sign_on and browser is not None:
        _offer_sign_on(next_path)
    return ""


def _ask(browser: str, next_path: str) -> None:
    answer = st.container()
    directory = Directory(auth_engine(), visitor.address())
    form = SignInForm(directory)
    try:
        form.login(
            key="sign-in",
            fields={
                "Form name": _("Sign in"),
                "Username": _("E-mail"),
                "Password": _("Password"),
                "Login": _("Sign in"),
            },
        )
        is_refused = st.session_state["authentication_status"] is False
    finally:
        for key in LIBRARY_STATE:
            st.session_state.pop(key, None)
    with answer:
        if directory.proven is not None:
            _let_in(directory.proven, browser, next_path)
        if form.is_empty:
            st.warning(_("Please enter your e-mail address and your password."), icon=":material/edit:")
        elif is_refused:
            st.error(
                _("E-mail or password is not correct, or there were too many tries. Wait a little and try again."),
                icon=":material/error:",
            )


def _offer_sign_on(next_path: str) -> None:
    """A link, as it leads away from this page: what the browser keeps for the way is set by the answer to it."""
    words = _("Sign in with {name}").format(name=_company())
    address = f"{single_sign_on.START}?{urlencode({'next': safe_next(next_path)})}"
    st.html(
        f'<div class="or"><span>{escape(_("For our staff"))}</span></div>'
        f'<a class="sign-on" href="{escape(address)}" target="_self">{escape(words)}</a>'
    )


def _offer_way_out() -> None:
    words = _("Sign out of {name} as well").format(name=_company())
    st.html(f'<a href="{single_sign_on.SIGN_OUT}" target="_self">{escape(words)}</a>')


def _company() -> str:
    """What the operator calls their single sign-on."""
    return settings().oidc_label or _("single sign-on")


def _let_in(person: Candidate, browser: str, next_path: str) -> NoReturn:
    """To the page they asked for, or to the second step."""
    then_to = safe_next(next_path)
    code = password_proven(auth_engine(), person, browser=browser, then_to=then_to)
    if code is None:
        st.rerun()
    go_in(code, then_to)


class SignInForm(Authenticate):
    """The library's form with its cookie, its users and its verification replaced by ours.

    These seams are private: the version is pinned, and tests/test_sign_in.py holds each of them."""

    def __init__(self, directory: Directory) -> None:
        # Not the library's own way in: it begins with its cookie, which it would believe even where it sets none.
        self.attrs = {"login_sleep_time": 0}
        self.path = None
        self.secret_key = secrets.token_hex(32)
        self.cookie_controller = NoCookie()
        self.asked = Controller({"usernames": {}}, auto_hash=False, secret_key=self.secret_key)
        self.authentication_controller = self.asked
        model = self.authentication_controller.authentication_model
        model.credentials = {"usernames": directory}
        model.check_credentials = directory.proves

    @property
    def is_empty(self) -> bool:
        """Was it sent with a field left empty? Then nobody's password was tried."""
        return self.asked.is_empty


class Controller(AuthenticationController):
    """The library says nothing to a form without an e-mail, and tries an empty password."""

    is_empty = False

    def login(self, username: str | None = None, password: str | None = None, *rest: Any, **more: Any) -> bool | None:
        self.is_empty = not (username or "").strip() or not (password or "").strip()
        return None if self.is_empty else super().login(username, password, *rest, **more)


class NoCookie:
    """In the place of the library's cookie: reads none, sets none."""

    def get_cookie(self) -> None: ...

    def set_cookie(self) -> None: ...

    def delete_cookie(self) -> None: ...
