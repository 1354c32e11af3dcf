"""The facts of an invoice that are no amounts: whose, for when, on which terms, and whom to ask about it."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from data.invoicing import InvoiceDetail
from rules.principal import Principal
from ui import links
from ui.formats import days_text
from ui.in_view import ACCOUNT
from ui.text import _, date_text, mail_link, plain


def show_facts(principal: Principal, detail: InvoiceDetail) -> None:
    shown = {label: plain(text) for label, text in _facts(detail).items() if text}
    if principal.is_staff:
        shown[_("Account")] += f" :gray[{plain(detail.account.code)}]"
    if links.page_at("statement") is not None:
        shown[_("Statement of account")] = _statement(detail.account.code)
    if detail.issuer.finance_email:
        shown[_("Questions to")] = f":material/mail: {mail_link(detail.issuer.finance_email)}"
    st.table(shown, border="horizontal")


def _facts(detail: InvoiceDetail) -> dict[str, str | None]:
    invoice, issuer = detail.invoice, detail.issuer
    period = None
    if invoice.period_start and invoice.period_end:
        period = days_text(invoice.period_start, invoice.period_end)
    return {
        _("Account"): detail.account.name,
        _("Bill to"): invoice.bill_to,
        _("Issued"): date_text(invoice.issue_date),
        _("Due date"): date_text(invoice.due_date),
        _("Terms"): invoice.terms,
        _("Period"): period,
        _("Purchase order"): invoice.purchase_order,
        _("Issued by"): issuer.name,
        _("Address"): issuer.address,
        _("Tax ID"): issuer.tax_id,
    }


def _statement(code: str) -> str:
    return f":material/request_quote: [{_('What else is open')}](/statement?{urlencode({ACCOUNT: code})})"
