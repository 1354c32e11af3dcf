"""What happened to an invoice, the latest first: told from its rows, so that all who read the invoice read the same."""

from __future__ import annotations

from datetime import date, datetime

import streamlit as st

from data.invoicing import InvoiceDetail
from rules.money import InvoiceState
from ui.text import _, date_text, money_text, plain, time_text


def show_history(detail: InvoiceDetail) -> None:
    """Days and moments stand beside each other: a payment has a day, a dispute a moment."""
    steps = sorted(_steps(detail), key=lambda step: _day(step[0]), reverse=True)
    with st.container(key="timeline", gap="xsmall"):
        st.markdown("\n\n".join(f"{what}  \n:small[:gray[{_said(at)}]]" for at, what in steps))


def _steps(detail: InvoiceDetail) -> list[tuple[date | datetime, str]]:
    invoice, currency = detail.invoice, detail.invoice.currency
    issued = _("Issued for {amount}", amount=money_text(invoice.total, currency))
    steps: list[tuple[date | datetime, str]] = [(invoice.issue_date, issued)]
    for paid in detail.payments:
        reference = f" · {plain(paid.reference)}" if paid.reference else ""
        steps.append((paid.paid_on, _("{amount} paid", amount=money_text(paid.amount, currency)) + reference))
    for used in detail.credits:
        said = {"amount": money_text(used.amount, currency), "number": plain(used.number)}
        is_note = invoice.is_credit_note
        words = _("{amount} used for {number}", **said) if is_note else _("{amount} credited by {number}", **said)
        steps.append((used.applied_at, words))
    if invoice.state is InvoiceState.VOID:
        steps.append((invoice.updated_at, _("Voided")))
    if invoice.written_off:
        steps.append((invoice.updated_at, _("{amount} written off", amount=money_text(invoice.written_off, currency))))
    for asked in detail.disputes:
        steps.append((asked.opened_at, _("Disputed: {amount}", amount=money_text(asked.amount, currency))))
        if asked.closed_at:
            steps.append((asked.closed_at, _("The dispute was closed")))
    return steps


def _day(at: date | datetime) -> date:
    return at.date() if isinstance(at, datetime) else at


def _said(at: date | datetime) -> str:
    return plain(time_text(at) if isinstance(at, datetime) else date_text(at))
