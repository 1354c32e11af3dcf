"""Billing as finance sees it: what is owed in each currency, how old it is, by whom, and when it falls due."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Engine, Select, cast, func, select

from data.invoices import INVOICES
from data.listing.kept import rows_of
from data.listing.opened import Opened, opened
from data.listing.spec import Choice, ListSpec
from data.models import Account, InvoiceTally
from data.open_balances import BUCKET, COUNT, IS_OWED, ISSUERS_DAY, with_issuer
from rules.money import BUCKET_DAYS, AgeingBucket, PaymentStatus
from rules.permissions import Permission
from rules.principal import Principal

MOST_ACCOUNTS = 10

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
    bar=("status", "due", "currency"),
    charts=(),
)
_tally = InvoiceTally.__table__
_amount = func.sum(_tally.c.balance)

Amounts = Mapping[AgeingBucket, Decimal]


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
        return self.n - self.counts.get(AgeingBucket.NOT_DUE, 0)

    @property
    def overdue_amount(self) -> Decimal:
        return self.amount - self.amounts.get(AgeingBucket.NOT_DUE, Decimal(0))


@dataclass(frozen=True)
class AccountAgeing:
    """What one account owes in the chosen currency, by age."""

    code: str
    name: str
    amounts: Amounts
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
    accounts: tuple[AccountAgeing, ...]
    months: tuple[DueMonth, ...]


def billing_of(
    engine: Engine, principal: Principal, currency: str | None = None, *, accounts: bool = True, months: bool = True
) -> Billing:
    """Open balances of all customers; closely in this currency, or in the one with most of them.

    `accounts`, `months`: whether anybody looks at those now; else they are not read."""
    with opened(engine, principal, BILLING) as its:
        currencies = _by_age(its)
        if not currencies:
            return Billing((), None, (), ())
        chosen = next((c for c in currencies if c.currency == currency), max(currencies, key=lambda c: c.n))
        by_account = _by_account(its, chosen) if accounts else ()
        return Billing(currencies, chosen, by_account, _by_month(its, chosen) if months else ())


def due_between(bucket: AgeingBucket, today: date) -> tuple[date | None, date | None]:
    """First and last due date of a bucket, both included; None is open-ended."""
    youngest, oldest = BUCKET_DAYS[bucket]
    first = None if oldest is None else today - timedelta(days=oldest)
    last = None if youngest is None else today - timedelta(days=youngest)
    return first, last


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


def _by_account(its: Opened, chosen: CurrencyAgeing) -> tuple[AccountAgeing, ...]:
    """Those with the largest overdue amount first."""
    rows = _rows(its, f"by account in {chosen.currency}", lambda: _largest(chosen.currency))
    return tuple(
        AccountAgeing(code, name, dict(zip(AgeingBucket, amounts, strict=True)), amount)
        for code, name, *amounts, amount in rows
    )


def _largest(currency: str) -> Select[Any]:
    amounts = [func.coalesce(_amount.filter(bucket == BUCKET), 0) for bucket in AgeingBucket]
    owed = (
        select(
            _tally.c.account_id,
            *(a.label(b) for a, b in zip(amounts, AgeingBucket, strict=True)),
            _amount.label("amount"),
        )
        .select_from(with_issuer())
        .where(IS_OWED, _tally.c.currency == currency)
        .group_by(_tally.c.account_id)
        .having(COUNT != 0)
        .order_by((_amount - amounts[0]).desc(), _amount.desc(), _tally.c.account_id)
        .limit(MOST_ACCOUNTS)
        .subquery("owed")
    )
    query = select(Account.code, Account.name, *(owed.c[b] for b in AgeingBucket), owed.c.amount)
    query = query.join(owed, owed.c.account_id == Account.id)
    overdue_first = (owed.c.amount - owed.c[AgeingBucket.NOT_DUE]).desc(), owed.c.amount.desc(), Account.id
    return query.order_by(*overdue_first)


def _by_month(its: Opened, chosen: CurrencyAgeing) -> tuple[DueMonth, ...]:
    def query() -> Select[Any]:
        month = cast(func.date_trunc("month", _tally.c.due), Date)
        of_each = select(month, COUNT, _amount).where(IS_OWED, _tally.c.currency == chosen.currency)
        return of_each.group_by(month).having(COUNT != 0).order_by(month)

    return tuple(DueMonth(*row) for row in _rows(its, f"by month in {chosen.currency}", query))
