"""Before all else: who owes whom how much, and until when."""

from __future__ import annotations

import streamlit as st

from data.invoicing import InvoiceDetail
from rules.money import OPEN_STATES, InvoiceState
from ui.text import _, date_text, money_text, n_, plain


def show_head(detail: InvoiceDetail) -> None:
    invoice = detail.invoice
    with st.container(gap="xsmall", key=f"head-{invoice.uuid}"):
        st.markdown(f":small[:gray[{_who_owes_whom(detail)}]]")
        amount = invoice.balance if invoice.state in OPEN_STATES else invoice.total
        st.subheader(money_text(amount, invoice.currency), anchor=False)
        st.markdown(_until_when(detail))
        if detail.why_void:
            st.markdown(f":small[:gray[{plain(detail.why_void)}]]")
        if invoice.disputed:
            st.markdown(f":material/gavel: :orange[{_('This invoice is disputed.')}]")


def _who_owes_whom(detail: InvoiceDetail) -> str:
    account, issuer = plain(detail.account.name), plain(detail.issuer.name)
    invoice = detail.invoice
    match invoice.state:
        case InvoiceState.DRAFT:
            return _("{issuer} is going to invoice {account}", issuer=issuer, account=account)
        case InvoiceState.ISSUED | InvoiceState.PARTIALLY_PAID if invoice.is_credit_note:
            return _("{account} has a credit with {issuer}", issuer=issuer, account=account)
        case InvoiceState.ISSUED | InvoiceState.PARTIALLY_PAID:
            return _("{account} owes {issuer}", issuer=issuer, account=account)
        case _ if invoice.is_credit_note:
            return _("{issuer} credited {account}", issuer=issuer, account=account)
        case _:
            return _("{issuer} invoiced {account}", issuer=issuer, account=account)


def _until_when(detail: InvoiceDetail) -> str:
    invoice = detail.invoice
    match invoice.state:
        case InvoiceState.DRAFT:
            return _("Not issued yet: nobody but finance sees it.")
        case InvoiceState.VOID:
            return _("Void: it need not be paid.")
        case InvoiceState.WRITTEN_OFF:
            return _("Written off: {amount}", amount=money_text(invoice.written_off, invoice.currency))
        case InvoiceState.PAID:
            return f":green[{_('It has been used in full.') if invoice.is_credit_note else _('Nothing is open.')}]"
    if invoice.is_credit_note:
        return _("It has not been used in full yet.")
    due = date_text(invoice.due_date)
    days = invoice.days_left
    if days < 0:
        late = n_("{n} day late", "{n} days late", -days)
        return f"{_('Due {date}', date=due)} · :red[{late}]"
    if days == 0:
        return f"{_('Due {date}', date=due)} · :orange[{_('today')}]"
    return f"{_('Due {date}', date=due)} · {n_('in {n} day', 'in {n} days', days)}"
