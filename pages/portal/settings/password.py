"""Settings, my password: another one, which ends all my other browsers."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from auth import visitor
from auth.change_password import change_password
from data.engines import auth_engine
from pages.portal.settings.telling import FORM, HERE, say
from rules.errors import Invalid, Problems
from rules.principal import Principal
from ui import look
from ui.form.problems import beside
from ui.news import tell
from ui.state import Remembered
from ui.text import _


@dataclass
class PasswordForm(Remembered):
    """How often it began anew, empty, and what was wrong with what was typed last."""

    edition: int = 0
    problems: dict[str | None, Invalid] = field(default_factory=dict)


def my_password(principal: Principal) -> None:
    form = PasswordForm.of(HERE)
    with (
        look.card(_("Change my password"), key="password"),
        st.form(f"change-password-{form.edition}", border=False, width=FORM),
    ):
        current = _secret(_("Current password"), "current", "current-password", form)
        password = _secret(_("New password"), "password", "new-password", form)
        st.caption(_("At least 12 characters, in any script. A sentence only you would think of is a good password."))
        repeated = _secret(_("New password again"), "repeated", "new-password", form)
        st.caption(_("In all other browsers you will be signed out, and a mail tells you that it was changed."))
        is_submitted = st.form_submit_button(_("Change password"), type="primary")
    if is_submitted:
        _change(principal, current, password, repeated, form)


def _secret(label: str, name: str, autocomplete: str, form: PasswordForm) -> str:
    with st.container(gap="xxsmall"):
        key = f"settings.{name}.{form.edition}"
        typed = st.text_input(label, type="password", autocomplete=autocomplete, key=key)
        beside(form.problems.get(name))
    return typed or ""


def _change(principal: Principal, current: str, password: str, repeated: str, form: PasswordForm) -> None:
    form.problems = {}
    try:
        change_password(
            auth_engine(), principal, current, password, repeated,
            device=visitor.device(), address=visitor.address(),
        )  # fmt: skip
    except Problems as problems:
        form.problems = problems.by_field
        tell(HERE)
        st.rerun()
    form.edition += 1
    say(_("Your password is changed, and all your other browsers are signed out."))
