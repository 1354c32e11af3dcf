"""Invoices: what is owed, until when, and what was paid."""

from __future__ import annotations

import streamlit as st

from data.invoices import INVOICES
from pages.portal.invoice.drawer import invoice_drawer
from rules.principal import Principal
from ui import links, look
from ui.in_view import ACCOUNT
from ui.list_view import list_view
from ui.text import _


def show(principal: Principal) -> None:
    look.title(_("Invoices"), actions=_to_statement)
    list_view(INVOICES, principal, more=invoice_drawer(principal), fields=False)


def _to_statement() -> None:
    """Of the account that the list is narrowed to, where it is."""
    page = links.page_at("statement")
    if page is not None:
        account = st.query_params.get(ACCOUNT)
        words = _("Statement of account")
        st.page_link(
            page, label=words, icon=":material/request_quote:", query_params={ACCOUNT: account} if account else {}
        )
