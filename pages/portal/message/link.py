"""The ways to the form from elsewhere: about a ticket, an invoice or an order, and beside the key team members."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from pages.portal.message.beginning import NEW, WRITE, accounts_to_write_for
from rules.messages import About
from rules.principal import Principal
from ui import links
from ui.text import _


def write_to_team(principal: Principal) -> None:
    """Beside the people whom one could write to."""
    page = links.page_at("messages")
    if page is not None and accounts_to_write_for(principal):
        st.page_link(page, label=_("New message"), icon=":material/edit:", query_params={WRITE: NEW}, width="content")


def write_about(principal: Principal, kind: About, uuid: UUID | str, account_id: int | None = None) -> None:
    """Nothing for who may not write for that account, as for staff: they answer."""
    page, accounts = links.page_at("messages"), accounts_to_write_for(principal)
    if page is None or not accounts or account_id not in (None, *accounts):
        return
    words = _("Write a message about this")
    st.page_link(page, label=words, icon=":material/edit:", query_params={WRITE: f"{kind}.{uuid}"}, width="content")
