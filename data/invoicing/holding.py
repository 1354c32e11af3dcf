"""Invoices that a command of finance is about: held, read as they stand then, and noted as they stand afterwards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Row, Table, func, select

from data.audit import Deed, record
from data.commands import Command, Work
from data.invoice_states import TODAY
from data.models import Invoice, LegalEntity
from rules.errors import Conflict, Invalid, NotFound
from rules.invoice_moves import BY_MONEY, Money
from rules.money import InvoiceState, InvoiceType, is_exact
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_, Stored

P = Permission
_i = Invoice.__table__
#: Of a reference and of a reason.
LONGEST_REFERENCE, LONGEST_REASON = 200, 500


class ByFinance(Command):
    """Over all accounts, by finance; the database asks again (data/security/money.sql)."""

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        principal.require(P.INVOICE_MANAGE)
        return principal, P.INVOICE_MANAGE


@dataclass(frozen=True)
class Held:
    """An invoice as it stands, and stays until this transaction ends. `today` is the day at its issuer."""

    id: int
    uuid: UUID
    account_id: int
    issuer_id: int
    number: str
    version: int
    currency: str
    today: date
    money: Money


def hold(work: Work, seen: Mapping[UUID, int | None]) -> dict[UUID, Held]:
    """Invoice → the version that whoever asks saw; another one meanwhile is a Conflict."""
    work.connection.execute(select(func.authz.hold_invoices(list(seen))))
    held = _read(work, seen)
    for uuid, version in seen.items():
        if uuid not in held:
            raise NotFound(str(uuid))
        if version is not None and held[uuid].version != version:
            raise Conflict(
                N_("{number} was changed meanwhile. Look at it again, then repeat it."), number=held[uuid].number
            )
    return held


def hold_one(work: Work, uuid: UUID, version: int | None) -> Held:
    return hold(work, {uuid: version})[uuid]


def _read(work: Work, uuids: Collection[UUID]) -> dict[UUID, Held]:
    columns = _i.c.id, _i.c.uuid, _i.c.account_id, _i.c.issuer_id, _i.c.number, _i.c.version, _i.c.currency
    money = _i.c.type, _i.c.state, _i.c.paid, _i.c.credited, _i.c.balance
    query = select(*columns, TODAY, *money).join(LegalEntity, LegalEntity.id == _i.c.issuer_id)
    rows = work.connection.execute(query.where(_i.c.uuid.in_(list(uuids)))).all()
    return {
        row[1]: Held(*row[:8], Money(InvoiceType(row[8]), InvoiceState(row[9]), *row[10:]))  # type: ignore[misc]
        for row in rows
    }


def refuse_to_take_back(work: Work, entries: Table, entry: Row[Any], words: str) -> None:
    """An entry is taken back once, and what takes one back is not taken back; `words` say so of its kind."""
    again = select(entries.c.id).where(entries.c.account_id == entry.account_id, entries.c.reverses == entry.id)
    if entry.reverses is not None or work.connection.scalar(again) is not None:
        raise Conflict(words)


def refuse_where_it_stays(held: Held, words: str) -> None:
    """Of what is void or given up every entry stays; `words` say so, see `as_it_stands`."""
    if held.money.state not in BY_MONEY:
        raise as_it_stands(held, words)


def as_it_stands(held: Held, words: str) -> Conflict:
    """Not in its state: `words` say so with {number} and {state}."""
    return Conflict(words, number=held.number, state=Stored("invoice.state", held.money.state))


def note(
    work: Work,
    action: str,
    held: Held,
    *,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> Held:
    """In the audit log, with what became of state and balance; and the invoice as it stands now."""
    now = _read(work, [held.uuid])[held.uuid]
    was, becomes = _said(held), {**_said(now), **(after or {})}
    deed = Deed(action, "invoice", str(held.uuid), held.number, held.account_id, P.INVOICE_VIEW, was, becomes, reason)
    record(work.connection, work.principal, deed)
    return now


def _said(held: Held) -> dict[str, Any]:
    return {"invoice_state": held.money.state.value, "balance": price(held, held.money.balance)}


def price(held: Held, amount: Decimal) -> str:
    """As the audit log keeps an amount."""
    return f"{amount} {held.currency}"


def checked_amount(amount: Decimal, currency: str) -> Decimal:
    if not is_exact(amount, currency):
        raise Invalid(N_("An amount above zero, in {currency} as it is paid."), "amount", currency=currency)
    return amount


def checked_day(day: date, today: date) -> date:
    if day > today:
        raise Invalid(N_("This day is still to come where the invoice was issued."), "paid_on")
    return day


def checked_text(value: str | None, longest: int, field: str) -> str | None:
    said = " ".join((value or "").split()) or None
    if said is not None and "\x00" in said:
        raise Invalid(N_("This is no text."), field)
    if said is not None and len(said) > longest:
        raise Invalid(N_("At most {most} characters; this has {count}."), field, most=longest, count=len(said))
    return said


def checked_reason(value: str | None) -> str:
    reason = checked_text(value, LONGEST_REASON, "reason")
    if reason is None or not any(sign.isalnum() for sign in reason):  # signs that are not shown would be no reason
        raise Invalid(N_("Please give a reason."), "reason")
    return reason
