"""Accounts: every customer and its parts as a list; an administrator makes new ones and changes what is there."""

from __future__ import annotations

import streamlit as st

from data.accounts import ACCOUNTS
from pages.staff.accounts.drawer import account_drawer
from pages.staff.accounts.forms import create
from rules.permissions import Permission
from rules.principal import Principal
from ui import look
from ui.errors import telling
from ui.list_view import list_view
from ui.text import _

#: `/accounts?new=account` opens the form.
NEW, ACCOUNT = "new", "account"


def show(principal: Principal) -> None:
    manages = principal.may(Permission.ACCOUNT_MANAGE)
    look.title(_("Accounts"), actions=_new if manages else None)
    if manages and st.query_params.get(NEW) == ACCOUNT:
        _form(principal)
    list_view(ACCOUNTS, principal, more=account_drawer(principal))


def _new() -> None:
    if st.button(_("New account"), icon=":material/add:", type="primary", key="account.new"):
        st.query_params.from_dict({NEW: ACCOUNT})
        st.rerun()


def _form(principal: Principal) -> None:
    def closed() -> None:
        st.query_params.pop(NEW, None)

    @st.dialog(_("New account"), width="medium", icon=":material/domain_add:", on_dismiss=closed)
    def dialog() -> None:
        with telling():
            made = create(principal)
            if made is not None:
                st.query_params.from_dict({ACCOUNTS.row_parameter: made["uuid"]})
                st.rerun()

    dialog()
