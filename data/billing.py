"""Billing as finance sees it: what is owed in each currency, how old it is, by whom, and when it falls due."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from math import ceil
from typing import Any

from sqlalchemy import Date, Engine, Select, cast, func, select

from data.invoices import INVOICES
from data.invoicing.bank_lines import how_many_wait
from data.listing.kept import rows_of
from data.listing.opened import Opened, opened
from data.listing.search import in_texts
from data.listing.spec import HIDDEN, Choice, Column, Kind, ListSpec
from data.models import Account, Invoice, InvoiceTally
from data.open_balances import BUCKET, COUNT, IS_OWED, ISSUERS_DAY, with_issuer
from rules.money import AgeingBucket, PaymentStatus
from rules.permissions import Permission
from rules.principal import Principal

ACCOUNTS_ON_A_PAGE = 10

#: The list of invoices as finance works it: what is unpaid, by due date, without the charts that stand above it.
BILLING: ListSpec = replace(
    INVOICES,
    name="billing",
    permissions=(Permission.INVOICE_MANAGE,),
    filters=tuple(
        replace(wanted, default=(PaymentStatus.UNPAID,))
        if isinstance(wanted, Choice) and wanted.key == "status"
        else wanted
        for wanted in INVOICES.filters
    ),
    sorts=tuple(sorted(INVOICES.sorts, key=lambda sort: sort.key != "due")),
    bar=("status", "due_in", "currency"),
    charts=(),
    has_documents=False,
    columns=(*INVOICES.columns, Column("version", "", Invoice.__table__.c.version, Kind.INTEGER, shown=HIDDEN)),
)
_tally = InvoiceTally.__table__
_amount = func.sum(_tally.c.balance)

Amounts = Mapping[AgeingBucket, Decimal]
LATE = tuple(bucket for bucket in AgeingBucket if bucket not in (AgeingBucket.NOT_DUE, AgeingBucket.DISPUTED))


@dataclass(frozen=True)
class AccountsAsked:
    """Words to look for in names and codes, and the page."""

    words: str = ""
    page: int = 1


@dataclass(frozen=True)
class CurrencyAgeing:
    """What is owed in one currency, by age. `today` is the day at its issuers."""

    currency: str
    today: date
    counts: Mapping[AgeingBucket, int]
    amounts: Amounts

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def amount(self) -> Decimal:
        return sum(self.amounts.values(), Decimal(0))

    @property
    def overdue(self) -> int:
        """Late, and not questioned: what is disputed stands apart."""
        return sum(self.counts.get(bucket, 0) for bucket in LATE)

    @property
    def overdue_amount(self) -> Decimal:
        return sum((self.amounts.get(bucket, Decimal(0)) for bucket in LATE), Decimal(0))

    @property
    def disputed_amount(self) -> Decimal:
        return self.amounts.get(AgeingBucket.DISPUTED, Decimal(0))


@dataclass(frozen=True)
class AccountAgeing:
    """What one account owes in the chosen currency, by age."""

    code: str
    name: str
    amounts: Amounts
    amount: Decimal


@dataclass(frozen=True)
class DueDay:
    """What falls, or fell, due on a day and is still open."""

    day: date
    n: int
    amount: Decimal


@dataclass(frozen=True)
class DueMonth:
    """What falls, or fell, due in a month."""

    month: date
    n: int
    amount: Decimal


@dataclass(frozen=True)
class Billing:
    """All currencies, and closely the chosen one (None where nothing is owed at all)."""

    currencies: tuple[CurrencyAgeing, ...]
    chosen: CurrencyAgeing | None
    accounts: tuple[AccountAgeing, ...] = ()
    #: How many pages of accounts there are.
    pages: int = 0
    months: tuple[DueMonth, ...] = ()
    days: tuple[DueDay, ...] = ()
    #: Money that came in and is nobody's yet.
    bank_lines: int = 0


def billing_of(
    engine: Engine,
    principal: Principal,
    currency: str | None = None,
    *,
    accounts: AccountsAsked | None = AccountsAsked(),
    months: bool = True,
    calendar: date | None = None,
) -> Billing:
    """Open balances of all customers; closely in this currency, or in the one with most of them.

    `accounts`, `months`, `calendar` (a day of its month): what somebody looks at now; the rest is not read."""
    with opened(engine, principal, BILLING) as its:
        ((bank_lines,),) = _rows(its, "bank lines", how_many_wait)
        currencies = _by_age(its)
        if not currencies:
            return Billing((), None, bank_lines=bank_lines)
        chosen = next((c for c in currencies if c.currency == currency), max(currencies, key=lambda c: c.n))
        found, pages = _by_account(its, chosen, accounts) if accounts else ((), 0)
        by_month = _by_month(its, chosen) if months else ()
        days = _by_day(its, chosen, calendar) if calendar else ()
        return Billing(currencies, chosen, found, pages, by_month, days, bank_lines)


def _rows(its: Opened, question: str, build: Callable[[], Select[Any]]) -> Sequence[tuple[Any, ...]]:
    """Finance asks of all accounts: no statement has anything of the reader in it."""
    return rows_of(its.connection, f"billing.{question}", its.scope, lambda _scope: build())


def _by_age(its: Opened) -> tuple[CurrencyAgeing, ...]:
    def query() -> Select[Any]:
        of_each = select(_tally.c.currency, BUCKET, COUNT, _amount, func.min(ISSUERS_DAY)).select_from(with_issuer())
        return of_each.where(IS_OWED).group_by(_tally.c.currency, BUCKET).having(COUNT != 0)

    rows = _rows(its, "by age", query)
    return tuple(
        CurrencyAgeing(
            currency,
            min(row[4] for row in rows if row[0] == currency),
            {AgeingBucket(bucket): n for of, bucket, n, _amount, _day in rows if of == currency},
            {AgeingBucket(bucket): amount for of, bucket, _n, amount, _day in rows if of == currency},
        )
        for currency in sorted({row[0] for row in rows})
    )


def _by_account(its: Opened, chosen: CurrencyAgeing, asked: AccountsAsked) -> tuple[tuple[AccountAgeing, ...], int]:
    """Those with the largest overdue amount first; and how many pages there are."""
    question = f"by account in {chosen.currency}", asked
    rows = rows_of(its.connection, ("billing", question), its.scope, lambda _scope: _largest(chosen.currency, asked))
    found = tuple(
        AccountAgeing(code, name, dict(zip(AgeingBucket, amounts, strict=True)), amount)
        for _n, code, name, *amounts, amount in rows
    )
    return found, ceil(rows[0][0] / ACCOUNTS_ON_A_PAGE) if rows else 0


def _largest(currency: str, asked: AccountsAsked) -> Select[Any]:
    amounts = {bucket: func.coalesce(_amount.filter(bucket == BUCKET), 0) for bucket in AgeingBucket}
    owed = (
        select(
            _tally.c.account_id,
            *(amount.label(bucket) for bucket, amount in amounts.items()),
            _amount.label("amount"),
        )
        .select_from(with_issuer())
        .where(IS_OWED, _tally.c.currency == currency)
        .group_by(_tally.c.account_id)
        .having(COUNT != 0)
        .subquery("owed")
    )
    late = reduce(operator.add, (owed.c[bucket] for bucket in LATE))
    query = select(func.count().over(), Account.code, Account.name, *(owed.c[b] for b in AgeingBucket), owed.c.amount)
    query = query.join(owed, owed.c.account_id == Account.id)
    if asked.words:
        query = query.where(in_texts(asked.words, Account.name, Account.code))
    first = (asked.page - 1) * ACCOUNTS_ON_A_PAGE
    overdue_first = late.desc(), owed.c.amount.desc(), Account.id
    return query.order_by(*overdue_first).offset(first).limit(ACCOUNTS_ON_A_PAGE)


def _by_month(its: Opened, chosen: CurrencyAgeing) -> tuple[DueMonth, ...]:
    def query() -> Select[Any]:
        month = cast(func.date_trunc("month", _tally.c.due), Date)
        of_each = select(month, COUNT, _amount).where(IS_OWED, _tally.c.currency == chosen.currency)
        return of_each.group_by(month).having(COUNT != 0).order_by(month)

    return tuple(DueMonth(*row) for row in _rows(its, f"by month in {chosen.currency}", query))


def _by_day(its: Opened, chosen: CurrencyAgeing, of_month: date) -> tuple[DueDay, ...]:
    first = of_month.replace(day=1)
    next_first = (first + timedelta(days=32)).replace(day=1)

    def query() -> Select[Any]:
        due = _tally.c.due
        of_each = select(due, COUNT, _amount).where(IS_OWED, _tally.c.currency == chosen.currency)
        return of_each.where(due >= first, due < next_first).group_by(due).having(COUNT != 0).order_by(due)

    return tuple(DueDay(*row) for row in _rows(its, f"by day in {chosen.currency} of {first}", query))
