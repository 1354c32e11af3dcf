"""Entries of an invoice that can still be taken back: payments and uses of credit notes, the latest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Table, exists, literal, or_, select, union_all

from data.database import reading
from data.invoice_states import day_of
from data.models import CreditApplication, Invoice, LegalEntity, Payment
from rules.permissions import Permission
from rules.principal import Principal

P = Permission
_p, _c, _i = Payment.__table__, CreditApplication.__table__, Invoice.__table__
MOST = 100


@dataclass(frozen=True)
class Entry:
    """A payment with its reference, or (is_credit) the use of a credit note with the number of the other side."""

    uuid: UUID
    is_credit: bool
    amount: Decimal
    day: date
    said: str | None


def entries_of(engine: Engine, principal: Principal, invoice: UUID) -> tuple[Entry, ...]:
    """For finance alone. What was taken back, and what takes back, is not among them."""
    principal.require(P.INVOICE_MANAGE)
    ours = select(_i.c.account_id, _i.c.id, LegalEntity.time_zone).join(LegalEntity, LegalEntity.id == _i.c.issuer_id)
    one = ours.where(_i.c.uuid == invoice).cte("one")
    paid = select(_p.c.uuid, literal(value=False), _p.c.amount, _p.c.paid_on.label("day"), _p.c.reference)
    paid = paid.join(one, (one.c.account_id == _p.c.account_id) & (one.c.id == _p.c.invoice_id)).where(*_stands(_p))
    other = _i.alias("other")
    day = day_of(_c.c.applied_at, one.c.time_zone)
    used = (
        select(_c.c.uuid, literal(value=True), _c.c.amount, day.label("day"), other.c.number)
        .join(one, (one.c.account_id == _c.c.account_id) & one.c.id.in_([_c.c.invoice_id, _c.c.credit_note_id]))
        .join(other, or_(other.c.id == _c.c.invoice_id, other.c.id == _c.c.credit_note_id) & (other.c.id != one.c.id))
        .where(*_stands(_c))
    )
    both = union_all(paid, used).subquery()
    with reading(engine, principal, P.INVOICE_MANAGE) as connection:
        rows = connection.execute(select(both).order_by(both.c.day.desc(), both.c.uuid).limit(MOST))
        return tuple(Entry(*row) for row in rows)


def _stands(table: Table) -> tuple[Any, ...]:
    against = table.alias("against")
    taken_back = exists().where(against.c.account_id == table.c.account_id, against.c.reverses == table.c.id)
    return table.c.reverses.is_(None), ~taken_back
