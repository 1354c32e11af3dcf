"""Setting a password by an expiring link: looking at it changes nothing, submitting the form uses it up."""

from __future__ import annotations

from html import escape

import streamlit as st
from sqlalchemy import text

from auth import visitor
from auth.front_door import front_door, trouble
from auth.keys import email_key
from auth.next_page import HOME, Notice, with_notice
from auth.passwords import check_rules, hash_password
from auth.sessions import hashed
from data.engines import auth_engine
from rules.errors import Invalid
from rules.words import N_
from ui.text import _, read_as, translated

PATH = "/password"


def set_password_page(token: str) -> None:
    """For whoever holds the link. Mail scanners open links too, so only the submitted form counts."""
    reader = visitor.reader()
    read_as(reader)
    with front_door(f"{PATH}?link={token}", reader.language):
        email = link_owner(token)
        if email is None:
            _say_it_is_over()
        else:
            _ask(token, email)
        trouble()


def link_owner(token: str) -> str | None:
    """The e-mail this link was made for, while it is unused and not expired."""
    with auth_engine().begin() as connection:
        found = connection.execute(text("select email from signin.link_person(:token)"), {"token": hashed(token)})
        return found.scalar()


def use_link(token: str, email: str, password: str, repeated: str, *, address: str | None = None) -> bool:
    """Sets the password, once; False if the link was used or expired meanwhile. Invalid if the password will not do."""
    check_rules(password, email)
    if password.strip() != repeated.strip():
        raise Invalid(N_("The two passwords are not the same."), "repeated")
    setting = text("select signin.set_password(:token, :hash, :key, :address)")
    values = {"token": hashed(token), "hash": hash_password(password), "key": email_key(email), "address": address}
    with auth_engine().begin() as connection:
        return connection.scalar(setting, values) is not None


def _ask(token: str, email: str) -> None:
    st.subheader(_("Choose a password"), anchor=False)
    answer = st.container()
    with st.form("set-password", border=False):
        st.text_input(_("E-mail"), value=email, disabled=True, autocomplete="username")
        password = st.text_input(_("New password"), type="password", autocomplete="new-password", key="new-password")
        st.caption(_("At least 12 characters, in any script. A sentence only you would think of is a good password."))
        repeated = st.text_input(_("New password again"), type="password", autocomplete="new-password", key="repeated")
        is_submitted = st.form_submit_button(_("Set password"), type="primary", width="stretch")
    if is_submitted:
        with answer:
            _submit(token, email, password or "", repeated or "")


def _submit(token: str, email: str, password: str, repeated: str) -> None:
    try:
        is_set = use_link(token, email, password, repeated, address=visitor.address())
    except Invalid as problem:
        st.error(translated(str(problem)), icon=":material/error:")
        return
    if is_set:
        visitor.go(with_notice(HOME, Notice.READY))
    _say_it_is_over()


def _say_it_is_over() -> None:
    st.error(
        _("This link has expired or was used already. Ask the service desk for a new one."), icon=":material/link_off:"
    )
    st.html(f'<a href="/" target="_self">{escape(_("To the sign-in page"))}</a>')
