"""The lines of an invoice, a page of them at a time, and the sums below them."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from data.invoicing import InvoiceDetail
from ui import table
from ui.text import NOTHING, _, money_text, number_text, plain

LINES_AT_ONCE = 50


def first_line(uuid: UUID) -> int:
    """Where the page begins that was turned to."""
    return (int(st.session_state.get(_key(uuid), 1)) - 1) * LINES_AT_ONCE


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
    st.table(_sums(detail), border="horizontal")


def _table(detail: InvoiceDetail) -> None:
    currency, lines = detail.invoice.currency, detail.lines
    table.show(
        {
            "description": table.words(_("Description"), [one.description for one in lines], 280),
            "site": table.words(_("Site"), [one.site for one in lines], 110),
            "product": table.words(_("Product"), [one.product for one in lines], 130),
            "quantity": table.amounts(_("Quantity"), [number_text(one.quantity) for one in lines]),
            "price": table.amounts(_("Unit price"), [number_text(one.unit_price) for one in lines]),
            "amount": table.amounts(_("Amount"), [money_text(one.amount, currency) for one in lines]),
            "tax": table.amounts(_("Tax"), [money_text(one.tax, currency) if one.tax else "" for one in lines]),
        },
        key=f"lines.{detail.invoice.uuid}.{lines[0].line}",
        label=_("Lines of the invoice"),
    )


def _sums(detail: InvoiceDetail) -> dict[str, str]:
    invoice = detail.invoice

    def said(amount: object) -> str:
        return plain(money_text(amount, invoice.currency)) or NOTHING  # type: ignore[arg-type]

    sums = {_("Subtotal"): invoice.subtotal, _("Tax"): invoice.tax, _("Total"): invoice.total}
    taken = {_("Paid"): invoice.paid, _("Credited"): invoice.credited, _("Written off"): invoice.written_off}
    sums |= {label: -amount for label, amount in taken.items() if amount}
    return {label: said(amount) for label, amount in (sums | {_("Balance"): invoice.balance}).items()}
