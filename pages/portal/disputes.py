"""Disputes: what customers question about their invoices; each opens with its thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from data.disputes import DISPUTES
from data.engines import app_engine
from data.invoicing import disputes_of
from pages.portal.invoice.dispute_card import show_dispute
from rules.principal import Principal
from ui import look
from ui.errors import telling
from ui.list_view import list_view
from ui.text import _, plain


def show(principal: Principal) -> None:
    look.title(_("Disputes"))
    list_view(DISPUTES, principal, more=_drawer(principal.anywhere()), fields=False)


def _drawer(principal: Principal) -> Callable[[Mapping[str, Any]], None]:
    """What `list_view` calls with the row whose drawer is open."""

    def opened(row: Mapping[str, Any]) -> None:
        with telling():
            its = disputes_of(app_engine(), principal, row["invoice"])
            dispute = next(one for one in its.disputes if one.uuid == row["uuid"])
            link = f"[{_('Open the invoice')}](/invoices?invoice={its.about.invoice})"
            whose = f"{plain(its.account)} · {plain(its.issuer)}"
            st.markdown(f":small[:gray[{whose}] · :material/receipt_long: {link}]")
            show_dispute(principal, its, dispute, is_titled=True)

    return opened
