"""What was paid for an invoice, and what credit notes took off it; of a credit note, what it was used for."""

from __future__ import annotations

import streamlit as st

from data.invoicing import InvoiceDetail
from ui import table
from ui.text import _, date_text, money_text


def show_settlements(detail: InvoiceDetail) -> None:
    if not (detail.payments or detail.credits):
        st.markdown(f":material/payments: {_('Nothing has been paid or credited yet.')}")
    if detail.payments:
        _payments(detail)
    if detail.credits:
        _credits(detail)


def _payments(detail: InvoiceDetail) -> None:
    paid, currency = detail.payments, detail.invoice.currency
    references = [f"{_('Taken back')} · {one.reason}" if one.amount < 0 else one.reference for one in paid]
    st.markdown(f"**{_('Payments')}**")
    table.show(
        {
            "paid_on": table.words(_("Paid on"), [date_text(one.paid_on) for one in paid]),
            "amount": table.amounts(_("Amount"), [money_text(one.amount, currency) for one in paid]),
            "reference": table.words(_("Reference"), references),
        },
        key=f"payments.{detail.invoice.uuid}",
        label=_("Payments"),
    )


def _credits(detail: InvoiceDetail) -> None:
    """Each leads to the other invoice's drawer."""
    used, currency = detail.credits, detail.invoice.currency
    heading = _("Used for these invoices") if detail.invoice.is_credit_note else _("Credit notes used for it")

    def opened(at: int) -> None:
        st.query_params["invoice"] = str(used[at].uuid)

    columns = {
        "number": table.link(_("Number"), [one.number for one in used], opened),
        "amount": table.amounts(_("Amount"), [money_text(one.amount, currency) for one in used]),
        "applied_at": table.moments(_("Used on"), [one.applied_at for one in used]),
    }
    if any(one.reason for one in used):
        columns["reason"] = table.words(_("Taken back"), [one.reason for one in used])
    st.markdown(f"**{heading}**")
    table.show(
        columns,
        key=f"credits.{detail.invoice.uuid}",
        label=heading,
    )
