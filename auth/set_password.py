"""Setting a password by an expiring link: looking at it changes nothing, submitting the form uses it up."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st
from sqlalchemy import text
from streamlit.delta_generator import DeltaGenerator

from auth import visitor
from auth.change_password import password_problems, what_was_done
from auth.front_door import front_door, trouble
from auth.keys import email_key
from auth.next_page import HOME, Notice, with_notice
from auth.password_links import FORGOTTEN, SET_PASSWORD
from auth.passwords import hash_password
from auth.sessions import hashed
from data.engines import auth_engine
from data.outbox import new_message_id
from rules.errors import Problems
from ui.form.problems import beside
from ui.text import _, read_as

Places = Mapping[str, DeltaGenerator]


def set_password_page(token: str) -> None:
    """For whoever holds the link. Mail scanners open links too, so only the submitted form counts."""
    reader = visitor.reader()
    read_as(reader)
    with front_door(f"{SET_PASSWORD}?link={token}", reader.language):
        owner = _owner(token)
        if owner is None:
            _say_it_is_over()
        else:
            _ask(token, *owner)
        trouble()


def link_owner(token: str) -> str | None:
    """The e-mail this link was made for, while it is unused and not expired."""
    owner = _owner(token)
    return owner[0] if owner else None


def _owner(token: str) -> tuple[str, str] | None:
    """E-mail and name."""
    with auth_engine().begin() as connection:
        found = connection.execute(text("select email, name from signin.link_person(:token)"), {"token": hashed(token)})
        row = found.one_or_none()
    return None if row is None else (row.email, row.name)


def use_link(
    token: str,
    email: str,
    password: str,
    repeated: str,
    *,
    name: str = "",
    device: str = "",
    address: str | None = None,
) -> bool:
    """Sets the password, once; False if the link is over meanwhile. Problems if the password will not do."""
    problems = password_problems(password, repeated, email, name)
    if problems:
        raise Problems(problems)
    values = {
        "token": hashed(token),
        "hash": hash_password(password),
        "key": email_key(email),
        "says": what_was_done(device, address),
        "message_id": new_message_id(),
    }
    statement = text("select signin.set_password(:token, :hash, :key, cast(:says as jsonb), :message_id)")
    with auth_engine().begin() as connection:
        return connection.scalar(statement, values) is not None


def _ask(token: str, email: str, name: str) -> None:
    st.subheader(_("Choose a password"), anchor=False)
    with st.form("set-password", border=False):
        st.text_input(_("E-mail"), value=email, disabled=True, autocomplete="username")
        password = st.text_input(_("New password"), type="password", autocomplete="new-password", key="new-password")
        st.caption(_("At least 12 characters, in any script. A sentence only you would think of is a good password."))
        places = {"password": st.empty()}
        repeated = st.text_input(_("New password again"), type="password", autocomplete="new-password", key="repeated")
        places["repeated"] = st.empty()
        is_submitted = st.form_submit_button(_("Set password"), type="primary", width="stretch")
    if is_submitted:
        _submit(token, email, name, password or "", repeated or "", places)


def _submit(token: str, email: str, name: str, password: str, repeated: str, places: Places) -> None:
    try:
        is_set = use_link(
            token, email, password, repeated, name=name, device=visitor.device(), address=visitor.address()
        )
    except Problems as problems:
        for field, problem in problems.by_field.items():
            with places[field or "password"]:
                beside(problem)
        return
    if is_set:
        visitor.go(with_notice(HOME, Notice.READY))
    _say_it_is_over()


def _say_it_is_over() -> None:
    st.error(
        _("This link has expired or was used already, or another one was asked for after it."),
        icon=":material/link_off:",
    )
    st.html(
        f'<a href="{FORGOTTEN}" target="_self">{escape(_("Ask for a new link"))}</a> · '
        f'<a href="/" target="_self">{escape(_("To the sign-in page"))}</a>'
    )
