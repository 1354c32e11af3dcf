"""What happened to an invoice, the latest first: told from its rows, so that all who read the invoice read the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import streamlit as st

from data.invoicing import InvoiceDetail
from data.invoicing.reading import CreditRow, InvoiceHead, PaymentRow
from rules.invoice_moves import Step
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
    steps += [(paid.paid_on, _paid(paid, currency)) for paid in detail.payments]
    steps += [(used.applied_at, _credited(used, invoice)) for used in detail.credits]
    steps += _taken(detail)
    for asked in detail.disputes:
        steps.append((asked.opened_at, _("Disputed: {amount}", amount=money_text(asked.amount, currency))))
        if asked.closed_at:
            steps.append((asked.closed_at, _("The dispute was closed")))
    return steps


def _paid(paid: PaymentRow, currency: str) -> str:
    """What was entered wrongly is taken back by an entry below zero."""
    amount = money_text(abs(paid.amount), currency)
    if paid.amount < 0:
        return _("A payment of {amount} was taken back", amount=amount) + _behind(paid.reason)
    return _("{amount} paid", amount=amount) + _behind(paid.reference)


def _credited(used: CreditRow, invoice: InvoiceHead) -> str:
    said = {"amount": money_text(abs(used.amount), invoice.currency), "number": plain(used.number)}
    if used.amount < 0:
        return _("A credit of {amount} with {number} was taken back", **said) + _behind(used.reason)
    return (
        _("{amount} used for {number}", **said)
        if invoice.is_credit_note
        else _("{amount} credited by {number}", **said)
    )


def _taken(detail: InvoiceDetail) -> Iterator[tuple[datetime, str]]:
    """What finance did; of imported invoices only where they stand is known, and since when at the latest."""
    invoice = detail.invoice
    given_up = _("{amount} written off", amount=money_text(invoice.written_off, invoice.currency))
    words = {Step.ISSUE: _("The draft was issued"), Step.VOID: _("Voided"), Step.WRITE_OFF: given_up}
    words |= {Step(one.step): words[Step(one.step)] + _behind(one.reason) for one in detail.steps}
    taken = {Step(one.step): one.taken_at for one in detail.steps}
    stands = {InvoiceState.VOID: Step.VOID, InvoiceState.WRITTEN_OFF: Step.WRITE_OFF}.get(invoice.state)
    if stands is not None:
        taken.setdefault(stands, invoice.updated_at)
    yield from ((at, words[step]) for step, at in taken.items())


def _behind(words: str | None) -> str:
    return f" · {plain(words)}" if words else ""


def _day(at: date | datetime) -> date:
    return at.date() if isinstance(at, datetime) else at


def _said(at: date | datetime) -> str:
    return plain(time_text(at) if isinstance(at, datetime) else date_text(at))
