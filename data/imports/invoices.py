"""Invoices: what accounts owe, with their lines in a file beside, and what was paid before the portal knew them."""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator

from data.imports.fields import (
    Amount,
    AmountFromZero,
    Currency,
    Day,
    FromEntity,
    Number,
    OfAccount,
    Unexpected,
    Word,
    check_decimals,
)
from data.imports.invoice_lines import LINES, check_lines, check_stored_lines, write_lines
from data.imports.kinds import FileKind, FileRow, Target
from data.imports.opening_payments import (
    check_payments,
    hold_known_invoices,
    write_changed_payments,
    write_first_payments,
)
from data.imports.run import Steps
from data.models import Invoice
from rules.money import InvoiceState, InvoiceType
from rules.words import N_


class InvoiceRow(FileRow):
    number: Number
    type: InvoiceType
    issuer: FromEntity
    account: OfAccount
    issue_date: Day
    due_date: Day
    currency: Currency
    subtotal: Amount
    tax: Amount
    total: Amount
    paid: AmountFromZero
    purchase_order: Word | None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        for column in ("subtotal", "tax", "total", "paid"):
            check_decimals(column, getattr(self, column), self.currency)
        if self.due_date < self.issue_date:
            raise Unexpected(N_("a date not before issue_date"), column="due_date")
        if self.total < 0:
            expected = N_("0 or more; a credit note has the type credit_note and a positive total")
            raise Unexpected(expected, column="total")
        if self.total != self.subtotal + self.tax:
            raise Unexpected(N_("{sum}, the sum of subtotal and tax"), column="total", sum=self.subtotal + self.tax)
        if self.paid > self.total:
            raise Unexpected(N_("not more than total"), column="paid")
        return self

    @property
    def _state(self) -> InvoiceState:
        if self.paid == self.total:
            return InvoiceState.PAID
        return InvoiceState.PARTIALLY_PAID if self.paid else InvoiceState.ISSUED

    def stored(self) -> dict[str, Any]:
        return {
            "issuer_id": self.issuer.id,
            "number": self.number,
            "account_id": self.account.id,
            "type": self.type,
            "currency": self.currency,
            "issue_date": self.issue_date,
            "due_date": self.due_date,
            "subtotal": self.subtotal,
            "tax": self.tax,
            "total": self.total,
            "purchase_order": self.purchase_order,
            "bill_to": self.account.name,
            "paid": self.paid,
            "state": self._state,
        }


def check_invoices(run: Steps) -> None:
    if run.with_lines:
        check_lines(run)
    run.end_if_any()
    hold_known_invoices(run)


def finish_invoices(run: Steps) -> None:
    run.do(
        "update staged_invoice s set invoice_id = t.id from portal.invoice t "
        "where t.issuer_id = s.issuer_id and t.number = s.number"
    )
    run.do("analyze staged_invoice")
    if run.with_lines:
        write_lines(run)
    write_first_payments(run)
    write_changed_payments(run)
    check_payments(run)
    _refuse_what_is_over(run)
    if not run.with_lines:
        check_stored_lines(run)
    _say_issued(run)


def _say_issued(run: Steps) -> None:
    """The bell tells each account of the invoices of these days, in one notice however many there are; what was issued
    long ago is no news."""
    run.do(
        "insert into portal.notice (category, title, says, promise, function, link, published_at, about, "
        "about_account_id) select 'billing', case when count(*) = 1 then min(t.number) else count(*)::text end, "
        "case when count(*) = 1 then 'invoice_issued' else 'invoices_issued' end, "
        "case when count(*) = 1 then min(t.due_date)::text else count(*)::text end, 'invoice.view', "
        "case when count(*) = 1 then '/invoices?invoice=' || min(t.uuid::text) else '/invoices' end, now(), "
        "case when count(*) = 1 then 'invoice/' || min(t.id) end, t.account_id "
        "from portal.invoice t join touched_invoice c on c.id = t.id "
        "where c.added and t.type = 'invoice' and t.state in ('issued', 'partially_paid') "
        "and t.issue_date > current_date - 7 group by t.account_id on conflict do nothing"
    )


def _refuse_what_is_over(run: Steps) -> None:
    """Drafts, void and written off invoices are finance's own affair."""
    run.look_for(
        "number",
        N_("no change: the invoice is {state} in the portal, and so is finance's to change"),
        "select s.file, s.row, s.number, t.state from staged_invoice s "
        "join portal.invoice t on t.id = s.invoice_id join touched_invoice c on c.id = t.id "
        "where not c.added and t.state in ('draft', 'void', 'written_off')",
    )


INVOICES = FileKind(
    name="invoices",
    row=InvoiceRow,
    number=("number", "number"),
    target=Target(
        model=Invoice,
        key=("issuer_id", "number"),
        lasting={"account_id": "account", "type": "type", "currency": "currency"},
        columns=("issue_date", "due_date", "subtotal", "tax", "total", "purchase_order"),
        first=("bill_to", "paid", "state"),
        on_change={
            "updated_at": "now()",
            "state": (
                "case when t.state in ('draft', 'void', 'written_off') then t.state "
                "when s.total <= t.paid + t.credited then 'paid' "
                "when t.paid + t.credited > 0 then 'partially_paid' else 'issued' end"
            ),
        },
    ),
    beside={"invoice_id": "bigint"},
    lines=LINES,
    check=check_invoices,
    finish=finish_invoices,
)
