"""A forgotten password: a page without sign-in asks for the e-mail, and answers everybody alike."""

from __future__ import annotations

import json
import secrets
from html import escape

import streamlit as st
from sqlalchemy import Engine, text
from streamlit.delta_generator import DeltaGenerator

from auth import visitor
from auth.front_door import front_door, trouble
from auth.keys import asking_keys, normalised
from auth.password_links import FORGOTTEN, token_of
from auth.sessions import hashed
from data.engines import auth_engine
from data.outbox import new_message_id
from rules.errors import Invalid
from rules.words import N_
from ui.form.problems import beside
from ui.reader import reader
from ui.text import _, read_as


def forgotten_page() -> None:
    """Whoever asks learns nothing about whose address it is: not from what is said, nor from how long it takes."""
    here = visitor.reader()
    read_as(here)
    with front_door(FORGOTTEN, here.language):
        st.subheader(_("Forgot your password?"), anchor=False)
        place = st.empty()
        with place.container():
            _ask(place)
        st.html(f'<a href="/" target="_self">{escape(_("To the sign-in page"))}</a>')
        trouble()


def _ask(place: DeltaGenerator) -> None:
    st.write(_("Enter your e-mail address. We send you a link with which you set a new password."))
    with st.form("forgotten", border=False):
        email = st.text_input(_("E-mail"), autocomplete="username", key="forgotten-email")
        problem = st.empty()
        is_submitted = st.form_submit_button(_("Send the link"), type="primary", width="stretch")
    if not is_submitted:
        return
    try:
        ask_for_link(auth_engine(), email or "", visitor.address())
    except Invalid as invalid:
        with problem:
            beside(invalid)
        return
    with place.container():
        st.success(
            _("If somebody signs in here with this address, a mail with a link is on its way to it."),
            icon=":material/mark_email_read:",
        )
        st.caption(_("The link works once, within 30 minutes. Asking again makes the link before it worthless."))


def ask_for_link(engine: Engine, email: str, address: str | None) -> None:
    """One statement, whoever is asked for. Invalid if it can be nobody's address."""
    typed = normalised(email)
    if "@" not in typed.strip("@"):
        raise Invalid(N_("Enter an e-mail address, like ana@acme.example."), "email")
    nonce = secrets.token_urlsafe(32)
    email_key, address_key = asking_keys(typed, address)
    values = {
        "email": typed,
        "email_key": email_key,
        "address_key": address_key,
        "token": hashed(token_of(nonce)),
        "says": json.dumps({"nonce": nonce, "language": reader().language}),
        "message_id": new_message_id(),
        "address": address,
    }
    statement = text(
        "select signin.ask_for_password("
        ":email, :email_key, :address_key, :token, cast(:says as jsonb), :message_id, :address)"
    )
    with engine.begin() as connection:
        connection.execute(statement, values)
