"""The second step of signing in, in the card of the first: a code, or setting up what makes codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlencode

import streamlit as st

from auth import visitor
from auth.half_way import Answer, Asker, Half, begin_in_half, half_of, leave_half, pass_half, set_up_in_half
from auth.next_page import Notice, safe_next
from auth.presence import send_away
from auth.second_factor import WAIT, WRONG
from auth.setting_up import code_input, show_recovery_codes, show_secret
from data.engines import auth_engine
from ui.state import Remembered
from ui.text import _, translated


@dataclass
class SetUp(Remembered):
    """In this tab alone: the recovery codes that are shown now, and the code with which signing in goes on."""

    recovery: tuple[str, ...] = ()
    code: str = ""


def second_step(browser: str, next_path: str) -> bool:
    """Draws it, if somebody is half signed in here; else signing in begins with the password."""
    done = SetUp.of("sign-in")
    if done.code:
        _keep(done, next_path)
        return True
    half = half_of(auth_engine(), browser)
    if half is None:
        return False
    if half.secret is None:
        _set_up(half, next_path)
    else:
        _ask(half, next_path)
    if st.button(_("Sign in as somebody else"), type="tertiary", icon=":material/arrow_back:"):
        leave_half(auth_engine(), browser)
        st.rerun()
    return True


def go_in(code: str, then_to: str) -> NoReturn:
    """Only a plain answer can set a cookie: a code carries the proof there."""
    visitor.go(f"/auth/session?{urlencode({'code': code, 'next': then_to})}")


def _ask(half: Half, next_path: str) -> None:
    with st.container(gap="xsmall"):
        st.subheader(_("Enter your code"), anchor=False)
        st.write(_("Enter the six digits that your authenticator app shows for this portal and this address:"))
        st.text(half.email)
    place = st.container()
    with st.form(f"second-step-{half.person_id}", border=False):
        typed = code_input(f"second-step-code-{half.person_id}")
        st.caption(_("No phone at hand? One of your recovery codes works as well, once."))
        is_submitted = st.form_submit_button(_("Sign in"), type="primary", width="stretch")
    if is_submitted and typed.strip():
        then_to = safe_next(next_path)
        answer, code = pass_half(auth_engine(), half, typed, then_to=then_to, asker=_asker())
        if answer is Answer.IN:
            go_in(code, then_to)
        with place:
            _say(answer, next_path)


def _set_up(half: Half, next_path: str) -> None:
    with st.container(gap="xsmall"):
        st.subheader(_("Set up a second factor"), anchor=False)
        st.write(
            _(
                "Here you sign in with your password and a code from your phone, so that a stolen password alone opens "
                "nothing. Setting it up takes a minute."
            )
        )
    secret = begin_in_half(auth_engine(), half)
    if secret is None:
        send_away(next_path, Notice.EXPIRED)
    show_secret(secret, half.email)
    place = st.container()
    with st.form(f"set-up-{half.person_id}", border=False):
        typed = code_input(f"set-up-code-{half.person_id}")
        is_submitted = st.form_submit_button(_("Go on"), type="primary", width="stretch")
    if is_submitted and typed.strip():
        answer, code, recovery = set_up_in_half(
            auth_engine(), half, typed, then_to=safe_next(next_path), asker=_asker()
        )
        if answer is not Answer.IN:
            with place:
                _say(answer, next_path)
            return
        done = SetUp.of("sign-in")
        done.code, done.recovery = code, recovery
        st.rerun()


def _keep(done: SetUp, next_path: str) -> None:
    with st.container(gap="xsmall"):
        st.subheader(_("Your recovery codes"), anchor=False)
        show_recovery_codes(done.recovery)
    if st.button(_("I have kept them: sign in"), type="primary", width="stretch"):
        code = done.code
        done.code, done.recovery = "", ()
        go_in(code, safe_next(next_path))


def _say(answer: Answer, next_path: str) -> None:
    if answer is Answer.OVER:
        send_away(next_path, Notice.EXPIRED)
    said = WAIT if answer is Answer.WAIT else WRONG
    st.error(translated(said), icon=":material/error:")


def _asker() -> Asker:
    return Asker(visitor.device(), visitor.address())
