"""Credit notes used for invoices: what is used counts on both sides, and is taken back by an entry against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Engine, insert, select

from data.commands import Work
from data.database import reading
from data.invoice_states import in_force
from data.invoicing.holding import (
    ByFinance,
    Held,
    as_it_stands,
    checked_amount,
    checked_reason,
    hold,
    note,
    price,
    refuse_to_take_back,
    refuse_where_it_stays,
)
from data.models import CreditApplication, Invoice
from rules.errors import Conflict, Invalid, NotFound
from rules.money import InvoiceType
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_, Price

P = Permission
_c = CreditApplication.__table__
#: A form offers so many to choose from.
MOST_OFFERED = 200


@dataclass(frozen=True)
class ApplyCredit(ByFinance):
    """A credit note is used for an invoice of the same account, currency and issuer; no amount: as much as goes."""

    name: ClassVar = "credit.apply"
    creates: ClassVar = True

    credit_note: UUID
    invoice: UUID
    amount: Decimal | None = None
    #: What whoever does it saw of either.
    version: int | None = None
    credit_note_version: int | None = None

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        if self.credit_note == self.invoice:
            raise Conflict(N_("A credit note is used for an invoice."))
        held = hold(work, {self.invoice: self.version, self.credit_note: self.credit_note_version})
        invoice, credit = held[self.invoice], held[self.credit_note]
        _refuse(invoice, credit)
        most = min(invoice.money.balance, credit.money.balance)
        amount = most if self.amount is None else checked_amount(self.amount, invoice.currency)
        if amount > most:
            raise Invalid(N_("At most {most}: no more is open on both."), "amount", most=Price(most, invoice.currency))
        new = _enter(work, invoice, credit, amount)
        note(work, self.name, invoice, after={"credit": price(invoice, amount), "other": credit.number})
        note(work, self.name, credit, after={"credit": price(invoice, amount), "other": invoice.number})
        return {"credit": str(new), "number": invoice.number, "credit_note": credit.number, "amount": str(amount)}


@dataclass(frozen=True)
class TakeBackCredit(ByFinance):
    """It was used wrongly: an entry against it, with a reason. What it settled is open again on both sides."""

    name: ClassVar = "credit.take_back"

    credit: UUID
    reason: str

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        reason = checked_reason(self.reason)
        note_of = Invoice.__table__.alias("note")
        sides = (
            select(Invoice.uuid, note_of.c.uuid)
            .select_from(_c)
            .join(Invoice, Invoice.id == _c.c.invoice_id)
            .join(note_of, note_of.c.id == _c.c.credit_note_id)
            .where(_c.c.uuid == self.credit)
        )
        found = work.connection.execute(sides).one_or_none()
        if found is None:
            raise NotFound(str(self.credit))
        held = hold(work, dict.fromkeys(found))
        invoice, credit = held[found[0]], held[found[1]]
        was = work.connection.execute(select(_c).where(_c.c.uuid == self.credit)).one()
        refuse_to_take_back(work, _c, was, N_("This credit was taken back already."))
        for side in (invoice, credit):
            refuse_where_it_stays(side, N_("{number} is “{state}”: its credits stay."))
        _enter(work, invoice, credit, -was.amount, reverses=was.id, reason=reason)
        for side, other in ((invoice, credit), (credit, invoice)):
            note(
                work, self.name, side, after={"credit": price(side, -was.amount), "other": other.number}, reason=reason
            )
        return {"number": invoice.number}


@dataclass(frozen=True)
class Usable:
    """The other side of a credit: a credit note that can be used for an invoice, or an invoice it can be used for."""

    uuid: UUID
    number: str
    version: int
    balance: Decimal


def usable_with(engine: Engine, principal: Principal, uuid: UUID) -> tuple[Usable, ...]:
    """Of an invoice the credit notes with something left, of a credit note the invoices with something open; the
    oldest first."""
    principal.require(P.INVOICE_MANAGE)
    one = Invoice.__table__.alias("one")
    fits = (
        (Invoice.account_id == one.c.account_id)
        & (Invoice.issuer_id == one.c.issuer_id)
        & (Invoice.currency == one.c.currency)
        & (Invoice.type != one.c.type)
        & in_force(Invoice.__table__)
    )
    query = select(Invoice.uuid, Invoice.number, Invoice.version, Invoice.balance).select_from(one).join(Invoice, fits)
    query = query.where(one.c.uuid == uuid).order_by(Invoice.due_date, Invoice.id).limit(MOST_OFFERED)
    with reading(engine, principal, P.INVOICE_MANAGE) as connection:
        return tuple(Usable(*row) for row in connection.execute(query))


def _refuse(invoice: Held, credit: Held) -> None:
    if (invoice.money.type, credit.money.type) != (InvoiceType.INVOICE, InvoiceType.CREDIT_NOTE):
        raise Conflict(N_("A credit note is used for an invoice."))
    if invoice.account_id != credit.account_id:
        raise Conflict(N_("{number} is of another account."), number=credit.number)
    if (invoice.currency, invoice.issuer_id) != (credit.currency, credit.issuer_id):
        raise Conflict(N_("{number} is in another currency, or of another issuer."), number=credit.number)
    for side in (invoice, credit):
        if not side.money.is_open:
            raise as_it_stands(side, N_("{number} is “{state}”: nothing of it is open."))


def _enter(work: Work, invoice: Held, credit: Held, amount: Decimal, **more: Any) -> UUID:
    adding = insert(_c).values(
        account_id=invoice.account_id, invoice_id=invoice.id, credit_note_id=credit.id, amount=amount,
        applied_by=work.principal.person_id, **more,
    )  # fmt: skip
    return work.connection.execute(adding.returning(_c.c.uuid)).scalar_one()
