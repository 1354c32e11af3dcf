"""The statement of account: what is open in each currency at the end of a day, how old it is then, and unused credits.

Today it is what the list of invoices shows as open. Of a day that is over it is what was open then: what was paid and
credited since is open again, what was issued since is not there yet (docs/decisions/0025)."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, Select, func, or_, select

from data.invoices import INVOICES
from data.invoicing.statement.asked import StatementAsked
from data.invoicing.statement.items import REPORT, now_open, then_open
from data.listing.opened import Opened, opened
from data.listing.spec import Column
from data.models import Account
from data.streams import Batch, batches
from rules.errors import NotFound
from rules.money import AgeingBucket, InvoiceType
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

TITLE = N_("Statement of account")
PERMISSION = Permission.INVOICE_VIEW
#: So many items stand on a page or in a document; the workbook has all of them.
MOST_ITEMS = 200


@dataclass(frozen=True)
class Item:
    """An invoice or a credit note that was open at the end of the day; `open` of a credit note is below zero."""

    number: str
    type: InvoiceType
    issuer: str
    purchase_order: str | None
    issue_date: date
    due_date: date
    days_late: int
    #: None of an unused credit, which is never late.
    ageing: AgeingBucket | None
    currency: str
    total: Decimal
    open: Decimal


@dataclass(frozen=True)
class Section:
    """One currency: what is owed by age, what is credited and not used, and the first items by due date."""

    currency: str
    amounts: Mapping[AgeingBucket, Decimal]
    counts: Mapping[AgeingBucket, int]
    credits: int
    credit: Decimal
    items: tuple[Item, ...]

    @property
    def owed(self) -> Decimal:
        return sum(self.amounts.values(), Decimal(0))

    @property
    def total(self) -> Decimal:
        """What is to be paid once the credits are used."""
        return self.owed + self.credit

    @property
    def n(self) -> int:
        """How many items there are, shown or not."""
        return sum(self.counts.values()) + self.credits


@dataclass(frozen=True)
class Statement:
    """Of one account at the end of one day; nothing of one currency is ever added to another."""

    account_id: int
    code: str
    name: str
    country: str | None
    day: date
    is_today: bool
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class _Asking:
    """Whose items, at the end of which day; and the reader's today."""

    its: Opened
    day: date
    today: date

    def rows(self, query: Select[Any]) -> Sequence[Any]:
        return self.its.connection.execute(query).all()

    def items(self) -> Select[Any]:
        return now_open(self.its.scope, self.day) if self.day >= self.today else then_open(self.its.scope, self.day)


def statement_of(
    engine: Engine, principal: Principal, asked: StatementAsked, *, time_zone: str = "UTC", most: int = MOST_ITEMS
) -> Statement:
    """Of one account. NotFound for one that is not theirs to see, as for one that never was."""
    with _asking(engine, principal, asked, time_zone) as asking:
        account = _account(asking.its, asked)
        found = asking.rows(_first_and_sums(asking.items(), most))
        sections = tuple(
            _section(currency, [row for row in found if row.currency == currency], most)
            for currency in sorted({row.currency for row in found})
        )
        return Statement(*account, asking.day, asking.day == asking.today, sections)


def stream_statement(
    engine: Engine, principal: Principal, asked: StatementAsked, *, several: bool, time_zone: str
) -> Generator[Batch]:
    """Every item of the accounts in view, account by account and currency by currency, the oldest first; `several`:
    each row says whose it is."""
    with _asking(engine, principal, asked, time_zone) as asking:
        items = asking.items().subquery("item")
        columns = [items.c[column.key] for column in report_columns(several=several)]
        order = items.c.account, items.c.currency, items.c.due_date, items.c.number
        yield from batches(asking.its.connection, select(*columns).order_by(*order))


def report_columns(*, several: bool) -> tuple[Column, ...]:
    return REPORT if several else REPORT[1:]


@contextmanager
def _asking(engine: Engine, principal: Principal, asked: StatementAsked, time_zone: str) -> Iterator[_Asking]:
    today = datetime.now(ZoneInfo(time_zone)).date()
    with opened(engine, principal, INVOICES, asked.account, time_zone, by=PERMISSION) as its:
        yield _Asking(its, asked.day or today, today)


def _account(its: Opened, asked: StatementAsked) -> Any:
    named = select(Account.id, Account.code, Account.name, Account.country).where(Account.id == its.scope.one)
    account = its.connection.execute(named).one_or_none()
    if account is None:
        raise NotFound(asked.account or "account")
    return account


def _first_and_sums(items: Select[Any], most: int) -> Select[Any]:
    """In one pass: the first items of each currency, and one at least of each age, all beside the sums of their age."""
    item = items.cte("item").prefix_with("materialized")
    group = {"partition_by": (item.c.currency, item.c.ageing)}
    order = item.c.due_date, item.c.number
    placed = select(
        item,
        func.row_number().over(partition_by=item.c.currency, order_by=order).label("place"),
        func.row_number().over(**group, order_by=order).label("of_age"),
        func.count().over(**group).label("n"),
        func.sum(item.c.open).over(**group).label("amount"),
    ).subquery("placed")
    wanted = or_(placed.c.place <= most, placed.c.of_age == 1)
    return select(placed).where(wanted).order_by(placed.c.currency, placed.c.place)


def _section(currency: str, rows: Sequence[Any], most: int) -> Section:
    ages = [row for row in rows if row.of_age == 1]
    owed = [row for row in ages if row.ageing is not None]
    unused = [row for row in ages if row.ageing is None]
    return Section(
        currency,
        {AgeingBucket(row.ageing): row.amount for row in owed},
        {AgeingBucket(row.ageing): row.n for row in owed},
        sum(row.n for row in unused),
        sum((row.amount for row in unused), Decimal(0)),
        tuple(_item(*row[: len(REPORT)]) for row in rows if row.place <= most),
    )


def _item(_account: str, number: str, kind: str, *facts: Any) -> Item:
    issuer, order, issued, due, late, age, *amounts = facts
    ageing = AgeingBucket(age) if age else None
    return Item(number, InvoiceType(kind), issuer, order, issued, due, late, ageing, *amounts)
