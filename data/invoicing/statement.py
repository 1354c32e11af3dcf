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
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Date,
    Engine,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from data.invoices import INVOICES
from data.listing.opened import Opened, opened
from data.listing.scope import Scope
from data.listing.spec import Column, Kind
from data.models import Account, CreditApplication, Dispute, Invoice, LegalEntity, Payment
from data.streams import Batch, batches
from rules.errors import Invalid, NotFound
from rules.money import BUCKET_DAYS, OPEN_STATES, AgeingBucket, InvoiceState, InvoiceType
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

TITLE = N_("Statement of account")
PERMISSION = Permission.INVOICE_VIEW
#: So many items stand on a page or in a document; the workbook has all of them.
MOST_ITEMS = 200
#: Written off and void: nobody asks for it any more, on no statement. A draft was never sent.
_NEVER = (InvoiceState.DRAFT, InvoiceState.VOID, InvoiceState.WRITTEN_OFF)

#: The workbook's columns, in the order of `_columns`, which has their values; the account where there are several.
REPORT: tuple[Column, ...] = tuple(
    Column(key, title, null(), kind, vocabulary)
    for key, title, kind, vocabulary in (
        ("account", N_("Account"), Kind.TEXT, None),
        ("number", N_("Number"), Kind.TEXT, None),
        ("type", N_("Type"), Kind.TERM, "invoice.type"),
        ("issuer", N_("Issued by"), Kind.TEXT, None),
        ("purchase_order", N_("Purchase order"), Kind.TEXT, None),
        ("issue_date", N_("Issued"), Kind.DATE, None),
        ("due_date", N_("Due date"), Kind.DATE, None),
        ("days_late", N_("Days late"), Kind.INTEGER, None),
        ("ageing", N_("Age"), Kind.TERM, "invoice.ageing"),
        ("currency", N_("Currency"), Kind.TEXT, None),
        ("total", N_("Total"), Kind.MONEY, None),
        ("open", N_("Open amount"), Kind.MONEY, None),
    )
)


@dataclass(frozen=True)
class StatementAsked:
    """As its address says it: of which account (staff name it by its code), and of which day."""

    account: str | None = None
    day: date | None = None

    def parameters(self) -> dict[str, str]:
        day = self.day.isoformat() if self.day else None
        return {name: value for name, value in (("account", self.account), ("day", day)) if value}

    def query(self) -> str:
        return urlencode(self.parameters())


def read_statement(parameters: Mapping[str, Sequence[str]]) -> StatementAsked:
    """From an address; what it could not mean is refused."""
    account, day = ((parameters.get(name) or ("",))[-1] for name in ("account", "day"))
    try:
        return StatementAsked(account[:64] or None, date.fromisoformat(day) if day else None)
    except ValueError:
        raise Invalid(N_("This is not a day like 2026-12-31: {value}"), "day", value=f"day={day[:40]}") from None


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
        return _now_open(self.its.scope, self.day) if self.day >= self.today else _then_open(self.its.scope, self.day)


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


def _now_open(scope: Scope, day: date) -> Select[Any]:
    """What the list shows as open, whatever its dates; a day to come makes it older and nothing else."""
    i = Invoice.__table__
    query = select(*_columns(i.c, i.c.balance, i.c.disputed, day)).select_from(_named(i, i.c))
    return query.where(*scope.condition(i), i.c.state.in_(sorted(OPEN_STATES)))


def _then_open(scope: Scope, day: date) -> Select[Any]:
    """Backwards from today: the balance, and again all that came after that day."""
    i, later = Invoice.__table__, _later(scope, day)
    amount = func.sum(later.c.amount).label("amount")
    since = select(later.c.invoice_id, amount).group_by(later.c.invoice_id).cte("since").prefix_with("materialized")
    # found in the index of issue dates, which carries the state: most of what was paid since was not issued yet
    candidate = (
        select(i.c.id, func.coalesce(since.c.amount, 0).label("since"))
        .outerjoin(since, since.c.invoice_id == i.c.id)
        .where(*scope.condition(i), i.c.state.not_in(_NEVER), i.c.issue_date <= day)
        .where(or_(i.c.state.in_(sorted(OPEN_STATES)), since.c.invoice_id.is_not(None)))
        .cte("candidate")
        .prefix_with("materialized")
    )
    # one by one by their key: the planner, who does not know how few they are, would read all invoices of the account
    row = select(i).where(i.c.id == candidate.c.id, *scope.condition(i)).limit(1).lateral("row")
    left = row.c.balance + candidate.c.since
    source = _named(candidate.join(row, true()), row.c)
    return select(*_columns(row.c, left, _was_disputed(row.c, day), day)).select_from(source).where(left > 0)


def _named(rows: Any, i: Any) -> Any:
    return rows.join(LegalEntity, LegalEntity.id == i.issuer_id).join(Account, Account.id == i.account_id)


def _later(scope: Scope, day: date) -> Any:
    """Payments and credits after that day, of the invoices they settled; and uses, of the credit notes."""
    p, c, i = Payment, CreditApplication, Invoice
    paid = select(p.invoice_id, p.amount).where(*scope.condition(Payment.__table__), p.paid_on > day)
    applied = [
        select(note, c.amount)
        .join(i, and_(i.account_id == c.account_id, i.id == c.invoice_id))
        .join(LegalEntity, LegalEntity.id == i.issuer_id)
        .where(*scope.condition(CreditApplication.__table__), _day_of(c.applied_at) > day)
        for note in (c.invoice_id.label("invoice_id"), c.credit_note_id.label("invoice_id"))
    ]
    return union_all(paid, *applied).subquery("later")


def _was_disputed(i: Any, day: date) -> Any:
    d = Dispute
    since, until = _day_of(d.opened_at), _day_of(d.closed_at)
    running = or_(d.closed_at.is_(None), until > day)
    return exists().where(d.account_id == i.account_id, d.invoice_id == i.id, since <= day, running)


def _day_of(moment: Any) -> Any:
    """On the issuer's calendar."""
    return cast(func.timezone(LegalEntity.time_zone, moment), Date)


def _columns(i: Any, left: Any, disputed: Any, day: date) -> list[Any]:
    """In the order of REPORT."""
    late = literal(day, Date) - i.due_date
    is_credit = i.type == InvoiceType.CREDIT_NOTE
    ages = ((late <= last, bucket) for bucket, (_first, last) in BUCKET_DAYS.items() if last is not None)
    oldest = next(bucket for bucket, (_first, last) in BUCKET_DAYS.items() if last is None)
    return [
        Account.name.label("account"),
        i.number,
        i.type,
        LegalEntity.name.label("issuer"),
        i.purchase_order,
        i.issue_date,
        i.due_date,
        case((is_credit, 0), else_=func.greatest(late, 0)).label("days_late"),
        case((is_credit, None), (disputed, AgeingBucket.DISPUTED), *ages, else_=oldest).label("ageing"),
        i.currency,
        case((is_credit, -i.total), else_=i.total).label("total"),
        case((is_credit, -left), else_=left).label("open"),
    ]
