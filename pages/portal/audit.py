"""The audit log: who did what and when, for those who run an account and for the administrator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from data.audit_log import audit_for
from rules.permissions import Permission
from rules.principal import Principal
from ui import look
from ui.changes import changes_of
from ui.links import page_at
from ui.list_view import list_view
from ui.text import NOTHING, _, plain

P = Permission


def show(principal: Principal) -> None:
    look.title(_("Audit log"))
    list_view(audit_for(principal), principal, more=lambda row: _more(principal, row))


def _more(principal: Principal, row: Mapping[str, Any]) -> None:
    _before_and_after(row)
    _link(principal, row)


def _before_and_after(row: Mapping[str, Any]) -> None:
    changes = changes_of(row["change"])
    if not changes:
        return
    sides = {
        "": [plain(change.field) for change in changes],
        _("Before"): [plain(NOTHING if change.before is None else change.before) for change in changes],
        _("After"): [plain(NOTHING if change.after is None else change.after) for change in changes],
    }
    st.table(sides, border="horizontal", hide_index=True)


def _link(principal: Principal, row: Mapping[str, Any]) -> None:
    """To what it was done to, for whoever may open that."""
    tickets = principal.may(P.TICKET_VIEW_COMPANY) or principal.may(P.TICKET_VIEW_OWN)
    if row["object_kind"] == "ticket" and row["object_label"] and tickets:
        asked = {"ticket": row["object_label"]}
        _to("tickets", _("Open the ticket"), asked)
    elif row["object_kind"] == "invoice" and row["object_id"] and principal.may(P.INVOICE_VIEW):
        _to("invoices", _("Open the invoice"), {"invoice": row["object_id"]})


def _to(path: str, words: str, asked: dict[str, str]) -> None:
    page = page_at(path)
    if page is not None:
        st.page_link(page, label=words, icon=":material/arrow_forward:", query_params=asked)
