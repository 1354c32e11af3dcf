"""Which invoices a person may mean who assigns a line of the bank: the likeliest of all that are open, first."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, CompoundSelect, Engine, Select, func, literal, select, true, union

from data.database import reading
from data.invoice_states import is_open
from data.invoicing.bank_lines import BankLineRow
from data.models import Account, Invoice
from rules.bank_file import numbers_in
from rules.permissions import Permission
from rules.principal import Principal

P = Permission
_i = Invoice.__table__
#: A form offers so many: those the text names, those of the payer, those with exactly this much open, then the oldest.
MOST_OFFERED = 100


@dataclass(frozen=True)
class Payable:
    """An invoice that a line may be for."""

    uuid: UUID
    number: str
    account: str
    version: int
    balance: Decimal


def payable_by(engine: Engine, principal: Principal, line: BankLineRow) -> tuple[Payable, ...]:
    """Invoices with something open in its currency, the likeliest first."""
    principal.require(P.INVOICE_MANAGE)
    named = _i.c.number.in_(sorted(numbers_in(f"{line.reference} {line.payer}")))
    from_payer = func.strpos(func.lower(f"{line.payer} {line.reference}"), func.lower(Account.name)) > 0
    as_much = _i.c.balance_cents == literal(int(line.rest * 100), BigInteger)
    columns = _i.c.uuid, _i.c.number, Account.name, _i.c.version, _i.c.balance
    query = select(*columns).join(Account, Account.id == _i.c.account_id)
    query = query.where(_i.c.id.in_(_likely(line.currency, named, as_much, from_payer)))
    likeliest = named.desc(), from_payer.desc(), as_much.desc(), _i.c.due_date, _i.c.id
    with reading(engine, principal, P.INVOICE_MANAGE) as connection:
        return tuple(Payable(*row) for row in connection.execute(query.order_by(*likeliest).limit(MOST_OFFERED)))


def _likely(
    currency: str, named: ColumnElement[bool], as_much: ColumnElement[bool], from_payer: ColumnElement[bool]
) -> CompoundSelect[Any]:
    """The first of each kind, by an index of its own: none beyond them would be offered."""
    open_in_it = select(_i.c.id).where(is_open(_i), _i.c.currency == currency)
    oldest = open_in_it.order_by(_i.c.due_date, _i.c.id).limit(MOST_OFFERED)
    exact = oldest.where(as_much)
    kinds = oldest, exact, oldest.where(named), _theirs(oldest, from_payer), _theirs(exact, from_payer)
    return union(*(select(kind.subquery().c.id) for kind in kinds))


def _theirs(first: Select[Any], from_payer: ColumnElement[bool]) -> Select[Any]:
    """The first of each account that the text names."""
    its = first.where(_i.c.account_id == Account.id).correlate(Account).lateral("its")
    return select(its.c.id).select_from(Account).join(its, true()).where(from_payer)
