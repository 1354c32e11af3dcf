"""The derived states of an invoice in SQL, over invoices and their tally alike; days are the issuer's (SPEC §6)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, and_, case, cast, false, func, not_, or_

from data.models import LegalEntity
from data.sites import issuer_days
from rules.money import (
    BUCKET_DAYS,
    DUE_SOON,
    OPEN_STATES,
    AgeingBucket,
    DueIn,
    InvoiceState,
    InvoiceType,
    PaymentStatus,
    due_in,
)

#: The derived states of an open balance; all others are stored words.
DERIVED = frozenset({PaymentStatus.UNPAID, PaymentStatus.DUE_SOON, PaymentStatus.OVERDUE})


def status_where(
    connection: Connection, values: tuple[str, ...], rows: Any, due: ColumnElement[date]
) -> ColumnElement[bool]:
    """Payment status as a condition over invoices or their tally; days are the issuer's (SPEC §6)."""
    open_now = is_open(rows)
    conditions: list[ColumnElement[bool]] = []
    stored = [value for value in values if value not in DERIVED and value != PaymentStatus.CREDIT]
    if stored:
        conditions.append(rows.c.state.in_(stored))
    if PaymentStatus.CREDIT in values:
        conditions.append(and_(in_force(rows), rows.c.type == InvoiceType.CREDIT_NOTE))
    if PaymentStatus.UNPAID in values:
        conditions.append(open_now)
    elif DERIVED & set(values):
        days = issuer_days(connection)
        if PaymentStatus.OVERDUE in values:
            conditions.append(and_(open_now, _by_day(rows, days, lambda today: due < today)))
        if PaymentStatus.DUE_SOON in values:
            conditions.append(and_(open_now, _by_day(rows, days, lambda today: due.between(today, today + DUE_SOON))))
    return or_(*conditions)


def _by_day(rows: Any, days: dict[int, date], condition: Any) -> ColumnElement[bool]:
    """The condition for each day it is somewhere; where that is one day, one condition that an index serves."""
    distinct = sorted(set(days.values()))
    if len(distinct) == 1:
        return condition(distinct[0])
    return or_(
        false(),
        *(
            and_(rows.c.issuer_id.in_([i for i, day in days.items() if day == today]), condition(today))
            for today in distinct
        ),
    )


def due_in_where(
    connection: Connection,
    value: str,
    rows: Any,
    due: ColumnElement[date],
    never_after: ColumnElement[date] | None = None,
) -> ColumnElement[bool]:
    """One of the usual periods of due dates, from each issuer's own day; `never_after`: as a Period says it."""
    days = issuer_days(connection)
    if value == DueIn.OVERDUE:
        return and_(is_open(rows), _by_day(rows, days, lambda today: due < today))

    def within(today: date) -> ColumnElement[bool]:
        first, last = due_in(DueIn(value), today)
        return and_(due.between(first, last), *([] if never_after is None else [never_after <= last]))

    return _by_day(rows, days, within)


def ageing_where(
    connection: Connection, values: tuple[str, ...], rows: Any, due: ColumnElement[date]
) -> ColumnElement[bool]:
    """Open balances of these ages; what is disputed is of none of them and stands beside them."""
    days = issuer_days(connection)

    def aged(bucket: AgeingBucket) -> ColumnElement[bool]:
        if bucket is AgeingBucket.DISPUTED:
            return rows.c.disputed
        youngest, oldest = BUCKET_DAYS[bucket]

        def of_day(today: date) -> ColumnElement[bool]:
            bounds = (
                oldest is not None and due >= today - timedelta(days=oldest),
                youngest is not None and due <= today - timedelta(days=youngest),
            )
            return and_(*(bound for bound in bounds if bound is not False))

        return and_(not_(rows.c.disputed), _by_day(rows, days, of_day))

    return and_(is_open(rows), or_(*(aged(AgeingBucket(value)) for value in values)))


def in_force(rows: Any) -> ColumnElement[bool]:
    """Something of it is open: the database sees to that. Not by the balance: one row of a tally may be a correction
    below zero, only the sum of a group is an amount."""
    return rows.c.state.in_(sorted(OPEN_STATES))


def is_open(rows: Any) -> ColumnElement[bool]:
    """Still to be paid."""
    return and_(in_force(rows), rows.c.type == InvoiceType.INVOICE)


def day_of(moment: Any, time_zone: Any = LegalEntity.time_zone) -> ColumnElement[Any]:
    """On the issuer's calendar."""
    return cast(func.timezone(time_zone, moment), Date)


#: Today at the issuer, whose row stands beside the invoice's.
TODAY = day_of(func.now())


def payment_status_of(rows: Any, due: ColumnElement[date], today: ColumnElement[Any] = TODAY) -> ColumnElement[str]:
    """The word on each row (rules/money.py payment_status, in SQL; a test holds the two together)."""
    return case(
        (not_(in_force(rows)), rows.c.state),
        (rows.c.type == InvoiceType.CREDIT_NOTE, PaymentStatus.CREDIT),
        (due < today, PaymentStatus.OVERDUE),
        (due <= today + timedelta(days=DUE_SOON.days), PaymentStatus.DUE_SOON),
        (rows.c.state == InvoiceState.PARTIALLY_PAID, PaymentStatus.PARTIALLY_PAID),
        else_=PaymentStatus.UNPAID,
    )


def ageing_of(rows: Any, due: ColumnElement[date], today: ColumnElement[Any] = TODAY) -> ColumnElement[str]:
    """The bucket of an open balance (rules/money.py ageing_bucket, in SQL)."""
    return age_by(today - due, rows.c.disputed)


def age_by(late: ColumnElement[int], disputed: ColumnElement[bool]) -> ColumnElement[str]:
    """By the days it is late; what is disputed stands beside the ages."""
    ages = ((late <= last, bucket) for bucket, (_first, last) in BUCKET_DAYS.items() if last is not None)
    oldest = next(bucket for bucket, (_first, last) in BUCKET_DAYS.items() if last is None)
    return case((disputed, AgeingBucket.DISPUTED), *ages, else_=oldest)


def signed(amount: ColumnElement[Decimal], rows: Any) -> ColumnElement[Decimal]:
    """A credit note counts against what is invoiced."""
    return case((rows.c.type == InvoiceType.CREDIT_NOTE, -amount), else_=amount)


def owed(rows: Any) -> ColumnElement[Decimal]:
    """What is still to be paid: nothing of a draft or void one; an unused credit counts against it."""
    return signed(case((in_force(rows), rows.c.balance), else_=0), rows)
