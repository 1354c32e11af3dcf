"""Whose rows a list shows: staff find an account by name or code, whoever has several in view chooses among these."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from data.account_choice import all_accounts
from data.engines import app_engine
from data.listing import Asked, ListSpec
from rules.principal import Principal
from ui.text import _


def which_account(
    spec: ListSpec, asked: Asked, principal: Principal, *, key: str, on_change: Callable[[], None]
) -> str | None:
    """The code of the one account it is narrowed to; nothing to choose where there is only one."""
    in_view = [a for a in principal.accounts if principal.is_staff or a.id in principal.chosen]
    if "account_id" not in spec.table.c or not (principal.is_staff or len(in_view) > 1):
        return asked.account
    if in_view:
        return _among({account.code: account.name for account in in_view}, asked.account, key, on_change, others=False)
    found = all_accounts(app_engine(), principal)
    return _among({one.code: one.name for one in found.accounts}, asked.account, key, on_change, others=found.has_more)


def _among(
    names: dict[str, str], code: str | None, key: str, on_change: Callable[[], None], *, others: bool
) -> str | None:
    """`others`: there are more than these, and whoever knows the code of one of them types it."""
    codes = list(names if code is None or code in names else {code: code, **names})
    return st.selectbox(
        _("Account"),
        codes,
        codes.index(code) if code is not None else None,
        format_func=lambda value: f"{names[value]} · {value}" if value in names else value,
        placeholder=_("All"),
        accept_new_options=others,
        key=key,
        on_change=on_change,
    )
