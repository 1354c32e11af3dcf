"""The lines of an invoice, a page of them at a time, and the sums below them."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from data.invoicing import InvoiceDetail
from rules.money import InvoiceState
from ui import lines as lines_table
from ui.formats import decimals_of
from ui.lines import Said
from ui.text import _, exact_text, money_text, p_, plain

LINES_AT_ONCE = 50


def first_line(uuid: UUID) -> int:
    """Where the page begins that was turned to."""
    return (max(1, int(st.session_state.get(_key(uuid), 1))) - 1) * LINES_AT_ONCE


def _key(uuid: UUID) -> str:
    return f"lines.{uuid}"


def show_lines(detail: InvoiceDetail) -> None:
    if not detail.lines:
        st.markdown(f":material/receipt_long: {_('This invoice has no lines.')}")
    else:
        _table(detail)
    pages = -(-detail.line_count // LINES_AT_ONCE)
    if pages > 1:
        st.pagination(pages, key=_key(detail.invoice.uuid))
    with st.container(key=f"sums-{detail.invoice.uuid}"):
        st.markdown(_sums(detail))


def _table(detail: InvoiceDetail) -> None:
    currency, lines = detail.invoice.currency, detail.lines
    least = decimals_of(currency)
    product = [None if (one.product or "") in one.description else one.product for one in lines]  # it is said already
    lines_table.show(
        (
            Said(_("Description"), [one.description for one in lines], is_beside=False),
            Said(_("Quantity"), [exact_text(one.quantity) for one in lines], is_number=True),
            Said(_("Unit price"), [exact_text(one.unit_price, least) for one in lines], is_number=True),
            Said(_("Amount"), [money_text(one.amount, currency) for one in lines], is_number=True, is_beside=False),
            Said(_("Tax"), [money_text(one.tax, currency) if one.tax else "" for one in lines], is_number=True),
            Said(_("Site"), [one.site for one in lines]),
            Said(_("Product"), product),
        ),
        label=_("Lines of the invoice"),
    )


def _sums(detail: InvoiceDetail) -> str:
    """A table whose digits stand below each other; of what is void nothing is left to be paid."""
    invoice = detail.invoice
    sums = {_("Subtotal"): invoice.subtotal, _("Tax"): invoice.tax, _("Total"): invoice.total}
    taken = {p_("amount", "Paid"): invoice.paid, _("Credited"): invoice.credited, _("Written off"): invoice.written_off}
    sums |= {label: -amount for label, amount in taken.items() if amount}
    left = _("Credit left") if invoice.is_credit_note else _("Balance")  # nobody is to pay what we owe them
    if invoice.state is not InvoiceState.VOID:
        sums[left] = invoice.balance
    bold = dict.fromkeys((_("Total"), left), "**")
    cells = [
        (label, plain(money_text(amount, invoice.currency)), bold.get(label, "")) for label, amount in sums.items()
    ]
    rows = [f"| {mark}{label}{mark} | {mark}{amount}{mark} |" for label, amount, mark in cells]
    return "\n".join(("| | |", "|:--|--:|", *rows))
