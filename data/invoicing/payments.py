"""Payments: recorded one by one or several at once, and taken back by an entry against them. No row is ever removed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Engine, insert, select

from data.commands import Work
from data.database import reading
from data.invoice_states import TODAY, is_open
from data.invoicing.holding import (
    LONGEST_REFERENCE,
    ByFinance,
    Held,
    as_it_stands,
    checked_amount,
    checked_day,
    checked_reason,
    checked_text,
    hold,
    hold_one,
    note,
    price,
    refuse_to_take_back,
    refuse_where_it_stays,
)
from data.models import Account, Invoice, LegalEntity, Payment
from rules.errors import Conflict, Invalid, NotFound
from rules.money import InvoiceType
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_, Price

#: So many at once fit into a transaction that others wait for.
MOST_AT_ONCE = 500
P = Permission
_p = Payment.__table__


@dataclass(frozen=True)
class RecordPayment(ByFinance):
    """Money came in for one invoice: all that is open, or a part of it."""

    name: ClassVar = "payment.record"
    creates: ClassVar = True

    invoice: UUID
    amount: Decimal
    paid_on: date
    reference: str | None = None
    #: What whoever records it saw; another one meanwhile is a Conflict.
    version: int | None = None

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        held = hold_one(work, self.invoice, self.version)
        new, _now = pay(work, held, self.amount, self.paid_on, self.reference)
        return {"payment": str(new), "number": held.number}


@dataclass(frozen=True)
class Paying:
    """One invoice of several, as it was seen; no amount: all that is open."""

    invoice: UUID
    version: int | None = None
    amount: Decimal | None = None


@dataclass(frozen=True)
class RecordPayments(ByFinance):
    """Several at once, each for itself, all or none."""

    name: ClassVar = "payment.record_several"
    creates: ClassVar = True

    payments: tuple[Paying, ...]
    paid_on: date
    reference: str | None = None

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        if not 0 < len(self.payments) <= MOST_AT_ONCE:
            raise Invalid(N_("At most {most} at once."), most=MOST_AT_ONCE)
        if len({paying.invoice for paying in self.payments}) < len(self.payments):
            raise Invalid(N_("An invoice is named twice."))
        held = hold(work, {paying.invoice: paying.version for paying in self.payments})
        for paying in self.payments:
            invoice = held[paying.invoice]
            amount = invoice.money.balance if paying.amount is None else paying.amount
            pay(work, invoice, amount, self.paid_on, self.reference)
        return {"numbers": [held[paying.invoice].number for paying in self.payments]}


@dataclass(frozen=True)
class TakeBackPayment(ByFinance):
    """It was wrong: an entry against it, with a reason. What it paid is open again, and so is its line of the bank."""

    name: ClassVar = "payment.take_back"

    payment: UUID
    reason: str

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        reason = checked_reason(self.reason)
        of = select(Invoice.uuid).join(Payment, Payment.invoice_id == Invoice.id).where(Payment.uuid == self.payment)
        invoice = work.connection.scalar(of)
        if invoice is None:
            raise NotFound(str(self.payment))
        held = hold_one(work, invoice, None)
        was = work.connection.execute(select(_p).where(_p.c.uuid == self.payment)).one()
        refuse_to_take_back(work, _p, was, N_("This payment was taken back already."))
        refuse_where_it_stays(held, N_("{number} is “{state}”: its payments stay."))
        _enter(
            work, held, -was.amount, held.today, was.reference,
            bank_line_id=was.bank_line_id, reverses=was.id, reason=reason,
        )  # fmt: skip
        note(work, self.name, held, after={"payment": price(held, -was.amount)}, reason=reason)
        return {"number": held.number}


def pay(
    work: Work,
    held: Held,
    amount: Decimal,
    paid_on: date,
    reference: str | None,
    *,
    bank_line_id: int | None = None,
) -> tuple[UUID, Held]:
    """Check, enter, note; the database moves balance and state. Comes back with the invoice as it is then."""
    refuse_to_pay(held, amount)
    checked_day(paid_on, held.today)
    said = checked_text(reference, LONGEST_REFERENCE, "reference")
    new = _enter(work, held, amount, paid_on, said, bank_line_id=bank_line_id)
    return new, note(work, RecordPayment.name, held, after={"payment": price(held, amount)})


def refuse_to_pay(held: Held, amount: Decimal) -> None:
    """Invalid or Conflict, with what would be right."""
    if held.money.type is InvoiceType.CREDIT_NOTE:
        raise Conflict(N_("{number} is a credit note: it is used for an invoice, not paid."), number=held.number)
    if not held.money.is_open:
        raise as_it_stands(held, N_("{number} is “{state}”: nothing is to be paid for it."))
    checked_amount(amount, held.currency)
    if amount > held.money.balance:
        raise Invalid(
            N_(
                "{number}: only {open} is open. Record that much; the rest is for another invoice, or goes back to the "
                "payer."
            ),
            "amount",
            number=held.number,
            open=Price(held.money.balance, held.currency),
        )


def _enter(work: Work, held: Held, amount: Decimal, paid_on: date, reference: str | None, **more: Any) -> UUID:
    values = {"amount": amount, "currency": held.currency, "paid_on": paid_on, "reference": reference, **more}
    adding = insert(_p).values(
        account_id=held.account_id, invoice_id=held.id, recorded_by=work.principal.person_id, **values
    )
    return work.connection.execute(adding.returning(_p.c.uuid)).scalar_one()


@dataclass(frozen=True)
class ToPay:
    """One of several that were ticked, as a preview shows it. `today` is the day at its issuer."""

    uuid: UUID
    number: str
    account: str
    currency: str
    balance: Decimal
    is_open: bool
    version: int
    today: date


def to_be_paid(engine: Engine, principal: Principal, uuids: Collection[UUID]) -> tuple[ToPay, ...]:
    """The ones due first on top; credit notes and what is paid or void cannot be paid."""
    principal.require(P.INVOICE_MANAGE)
    i = Invoice.__table__
    columns = i.c.uuid, i.c.number, Account.name, i.c.currency, i.c.balance, is_open(i), i.c.version, TODAY
    query = select(*columns).join(Account, Account.id == i.c.account_id)
    query = query.join(LegalEntity, LegalEntity.id == Invoice.issuer_id).where(Invoice.uuid.in_(list(uuids)))
    with reading(engine, principal, P.INVOICE_MANAGE) as connection:
        return tuple(ToPay(*row) for row in connection.execute(query.order_by(Invoice.due_date, Invoice.id)))
