"""Customers as their account manager sees them: one row for each account, whoever needs attention first."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, Subquery, func, null, select

from data.database import hat_of, reading
from data.listing.kept import statements
from data.listing.scope import Scope
from data.listing.search import in_texts
from data.listing.spec import Column, Kind
from data.models import Account, InventoryItem, InvoiceTally, Ticket
from data.open_balances import COUNT, IS_OWED, OVERDUE, with_issuer
from data.streams import Batch, batches
from rules.inventory import ItemStatus
from rules.lifecycle import Category
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

P = Permission
TITLE = N_("Customers")
PAGE_SIZE = 25
MOST_IN_CHART = 10
_tally = InvoiceTally.__table__


class CustomerOrder(StrEnum):
    ATTENTION = "attention"
    NAME = "name"
    OPEN = "open"


@dataclass(frozen=True)
class CustomersAsked:
    """Words to look for in names and codes, the order, and the page."""

    words: str = ""
    order: CustomerOrder = CustomerOrder.ATTENTION
    page: int = 1


@dataclass(frozen=True)
class Overdue:
    """What is overdue in one currency."""

    currency: str
    n: int
    amount: Decimal


@dataclass(frozen=True)
class Customer:
    """How one account stands."""

    id: int
    code: str
    name: str
    open_tickets: int
    late_clocks: int
    overdue: tuple[Overdue, ...]
    items: int
    last_activity: datetime | None


@dataclass(frozen=True)
class Attention:
    """Why an account needs attention, for the chart."""

    code: str
    name: str
    late_clocks: int
    overdue_invoices: int


@dataclass(frozen=True)
class CustomerPage:
    """One page of accounts, and the sums over all that match."""

    rows: tuple[Customer, ...]
    pages: int
    accounts: int
    open_tickets: int
    late_clocks: int
    overdue_invoices: int
    attention: tuple[Attention, ...]


#: The report's columns, in the order of `stream_customers`, which has their values.
REPORT: tuple[Column, ...] = tuple(
    Column(key, title, null(), kind)
    for key, title, kind in (
        ("code", N_("Account code"), Kind.TEXT),
        ("account", N_("Account"), Kind.TEXT),
        ("open_tickets", N_("Open tickets"), Kind.INTEGER),
        ("late_clocks", N_("Late clocks"), Kind.INTEGER),
        ("items", N_("Items"), Kind.INTEGER),
        ("last_activity", N_("Last activity"), Kind.MOMENT),
        ("currency", N_("Currency"), Kind.TEXT),
        ("overdue", N_("Overdue invoices"), Kind.INTEGER),
        ("amount", N_("Overdue"), Kind.MONEY),
    )
)


def list_customers(engine: Engine, principal: Principal, asked: CustomersAsked) -> CustomerPage:
    """The accounts this person looks after; only what is on the page is looked at closely."""
    everybody = Scope(None, hat_of(principal, P.ACCOUNT_VIEW), principal.person_id)
    with reading(engine, principal, P.ACCOUNT_VIEW) as connection:
        question = "customers", asked
        kept = statements(connection, question, everybody, lambda _scope: _statements(asked), keep=not asked.words)
        sums, rows, worst = (each.run(connection, everybody) for each in kept)
        customers = _closely(connection, everybody, rows)
    n, *totals = map(int, sums[0])
    attention = tuple(Attention(*row) for row in worst)
    return CustomerPage(customers, max(1, -(-n // PAGE_SIZE)), n, *totals, attention)


def _statements(asked: CustomersAsked) -> tuple[Select[Any], ...]:
    """The sums of all, the rows of the page, and who needs attention."""
    standing = how_they_stand(asked.words)
    sums = [func.coalesce(func.sum(standing.c[name]), 0) for name in ("open", "late", "overdue")]
    page = select(standing).order_by(*_order(standing, asked.order))
    page = page.offset((asked.page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return select(func.count(), *sums).select_from(standing), page, _worst(standing)


def stream_customers(
    engine: Engine, principal: Principal, asked: CustomersAsked, *, time_zone: str
) -> Generator[Batch]:
    """All that match, for the report: one row for an account and each currency in which it is overdue, at least one."""
    standing, owed = how_they_stand(asked.words), _overdue_by_currency().subquery("owed")
    items, last = _items(standing.c.id), _last_activity(standing.c.id)
    query = (
        select(
            *(standing.c[name] for name in ("code", "name", "open", "late")),
            items, func.timezone(time_zone, last), owed.c.currency, owed.c.n, owed.c.amount,
        )
        .select_from(standing.outerjoin(owed, owed.c.account_id == standing.c.id))
        .order_by(*_order(standing, asked.order), owed.c.currency)
    )  # fmt: skip
    with reading(engine, principal, P.ACCOUNT_VIEW) as connection:
        yield from batches(connection, query)


def how_they_stand(words: str) -> Subquery:
    """Every account with its open tickets, its late clocks and its overdue invoices, counted."""
    tickets = (
        select(
            Ticket.account_id,
            func.count().label("open"),
            func.count().filter(Ticket.next_deadline < func.now()).label("late"),
        )
        .where(Ticket.category != Category.DONE)
        .group_by(Ticket.account_id)
        .subquery("tickets")
    )
    owed = (
        select(_tally.c.account_id, COUNT.label("n"))
        .select_from(with_issuer())
        .where(IS_OWED, OVERDUE)
        .group_by(_tally.c.account_id)
        .subquery("owed_by")
    )
    columns = (
        func.coalesce(count, 0).label(name)
        for name, count in (("open", tickets.c.open), ("late", tickets.c.late), ("overdue", owed.c.n))
    )
    query = (
        select(Account.id, Account.code, Account.name, *columns)
        .outerjoin(tickets, tickets.c.account_id == Account.id)
        .outerjoin(owed, owed.c.account_id == Account.id)
    )
    if words:
        query = query.where(in_texts(words, Account.name, Account.code))
    return query.subquery("standing")


def _order(standing: Subquery, order: CustomerOrder) -> tuple[ColumnElement[Any], ...]:
    columns = standing.c
    worst_first = columns.late.desc(), columns.overdue.desc(), columns.open.desc()
    first = {CustomerOrder.ATTENTION: worst_first, CustomerOrder.OPEN: (columns.open.desc(),), CustomerOrder.NAME: ()}
    return *first[order], columns.name, columns.id


def _worst(standing: Subquery) -> Select[Any]:
    query = select(standing.c.code, standing.c.name, standing.c.late, standing.c.overdue)
    return (
        query.where(standing.c.late + standing.c.overdue > 0)
        .order_by((standing.c.late + standing.c.overdue).desc(), standing.c.name, standing.c.id)
        .limit(MOST_IN_CHART)
    )


def _overdue_by_currency() -> Select[Any]:
    amount = func.sum(_tally.c.balance)
    groups = _tally.c.account_id, _tally.c.currency
    query = select(*groups, COUNT.label("n"), amount.label("amount")).select_from(with_issuer())
    return query.where(IS_OWED, OVERDUE).group_by(*groups).having(COUNT != 0).order_by(*groups)


def _items(account: Any) -> ColumnElement[int]:
    mine = select(func.count()).where(InventoryItem.account_id == account)
    return mine.where(InventoryItem.status != ItemStatus.DECOMMISSIONED).scalar_subquery().label("items")


def _last_activity(account: Any) -> ColumnElement[datetime]:
    return select(func.max(Ticket.updated_at)).where(Ticket.account_id == account).scalar_subquery().label("last")


def _closely(connection: Connection, everybody: Scope, rows: Sequence[tuple[Any, ...]]) -> tuple[Customer, ...]:
    """Money, items and activity of the accounts on the page."""
    of_the_page = replace(everybody, accounts=tuple(account for account, *_ in rows))

    def build(scope: Scope) -> tuple[Select[Any], ...]:
        ids = scope.accounts or ()
        closely = select(Account.id, _items(Account.id), _last_activity(Account.id)).where(Account.id.in_(ids))
        return _overdue_by_currency().where(_tally.c.account_id.in_(ids)), closely

    kept = statements(connection, "customers closely", of_the_page, build)
    amounts, others = (each.run(connection, of_the_page) for each in kept)
    owed: dict[int, list[Overdue]] = {}
    for account, *overdue in amounts:
        owed.setdefault(account, []).append(Overdue(*overdue))
    seen = {account: (items, last) for account, items, last in others}
    return tuple(
        Customer(account, code, name, n_open, late, tuple(owed.get(account, ())), *seen[account])
        for account, code, name, n_open, late, _overdue in rows
    )
