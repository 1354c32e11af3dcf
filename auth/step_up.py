"""Before what matters most: whoever is signed in proves again that it is they, unless they did within ten minutes.

A command says `needs_proof = True` and is refused by the database as well (authz.proved). A page asks `confirmed()`
before it shows or does such a thing; until it is proven the small form stands in its place, and nothing is lost."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from auth import visitor
from auth.half_way import Asker
from auth.second_factor import factor_of, is_proved, prove
from auth.setting_up import code_input
from data.engines import auth_engine
from rules.errors import Invalid
from rules.principal import Principal
from ui.errors import sentence
from ui.text import _


def confirmed(principal: Principal, *, key: str, scope: Literal["app", "fragment"] = "app") -> bool:
    """Is it proven? Else the form is drawn here, and once it was right the page is drawn anew, or (`scope`) only the
    fragment: a pop-up or drawer stays open, with what was typed into it."""
    if is_proved(auth_engine(), principal.token):
        return True
    if confirm(principal, key=key):
        st.rerun(scope=scope)
    return False


def confirm(principal: Principal, *, key: str) -> bool:
    """The small form; True in the run in which what was typed into it was right."""
    factor = factor_of(auth_engine(), principal)
    with st.container(border=True, key=f"confirm-{key}"):
        st.markdown(f":material/verified_user: **{_('Confirm that it is you')}**")
        if not factor.is_set_up and not factor.has_password:
            st.write(_("Sign out and sign in again, then repeat this."))
            return False
        with st.form(f"confirm-form-{key}", border=False):
            if factor.is_set_up:
                typed = code_input(f"confirm-code-{key}", _("Code from your authenticator app"))
            else:
                typed = st.text_input(
                    _("Password"), type="password", autocomplete="current-password", key=f"confirm-password-{key}"
                )
            st.caption(_("This is asked before what matters most, at most once in ten minutes."))
            is_submitted = st.form_submit_button(_("Confirm"), type="primary")
        if not is_submitted or not (typed or "").strip():
            return False
        try:
            prove(auth_engine(), principal, typed or "", asker=asker())
        except Invalid as wrong:
            st.error(sentence(wrong), icon=":material/error:")
            return False
    return True


def asker() -> Asker:
    """Whoever sits at this browser."""
    return Asker(visitor.device(), visitor.address())
