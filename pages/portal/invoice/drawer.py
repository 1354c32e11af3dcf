"""An invoice in its drawer: who owes whom what until when, its lines, what was paid, and its documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from data.engines import app_engine
from data.invoicing import InvoiceDetail, get_invoice
from pages.portal.invoice.dispute import show_disputes
from pages.portal.invoice.documents import show_documents
from pages.portal.invoice.facts import show_facts
from pages.portal.invoice.head import show_head
from pages.portal.invoice.history import show_history
from pages.portal.invoice.lines import LINES_AT_ONCE, first_line, show_lines
from pages.portal.invoice.settlements import show_settlements
from pages.portal.message.link import write_about
from pages.staff.invoice_deeds import show_deeds
from rules.messages import About
from rules.principal import Principal
from ui.errors import telling
from ui.text import _, number_text


def invoice_drawer(principal: Principal) -> Callable[[Mapping[str, Any]], None]:
    """What `list_view` calls with the row whose drawer is open."""

    def show(row: Mapping[str, Any]) -> None:
        with telling():
            start, uuid = first_line(row["uuid"]), row["uuid"]
            show_invoice(
                principal,
                get_invoice(app_engine(), principal.anywhere(), uuid, first_line=start, most_lines=LINES_AT_ONCE),
            )

    return show


def show_invoice(principal: Principal, detail: InvoiceDetail) -> None:
    show_head(detail)
    show_deeds(principal, detail)
    show_documents(principal, detail)
    write_about(principal, About.INVOICE, detail.invoice.uuid, detail.invoice.account_id)
    lines, settled, disputes, facts, history = st.tabs(
        [
            _("Lines ({n})", n=number_text(detail.line_count)),
            _("Payments and credits"),
            _("Disputes"),  # another word when one is opened would lead back to the first tab
            _("Details"),
            _("History"),
        ],
        key=f"tabs.{detail.invoice.uuid}",
    )
    with lines:
        show_lines(detail)
    with settled:
        show_settlements(detail)
    with disputes:
        show_disputes(principal, detail)
    with facts:
        show_facts(principal, detail)
    with history:
        show_history(detail)
