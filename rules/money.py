"""Exact money: currencies and their decimals, what an invoice's state and age are on a given day (SPEC §6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

#: Currency → decimals we invoice in.
CURRENCIES: dict[str, int] = {
    "USD": 2, "PHP": 2, "IDR": 2, "INR": 2, "MYR": 2, "CNY": 2, "THB": 2, "SGD": 2, "JPY": 0, "KRW": 0, "EUR": 2,
}  # fmt: skip

DUE_SOON = timedelta(days=7)
#: An account is reminded no more often than this, unless somebody insists; a mail names so many invoices.
REMINDED_EVERY = timedelta(days=7)
NAMED_IN_REMINDER = 15


#: Those that are never less than one.
WHOLE: tuple[str, ...] = tuple(currency for currency, decimals in CURRENCIES.items() if decimals == 0)
#: More than anybody invoices, and less than the columns hold.
MOST = Decimal(10) ** 15


class TaxRounding(StrEnum):
    """Where an issuing entity rounds: each line's tax, or the tax of the whole invoice."""

    LINE = "line"
    INVOICE = "invoice"


class InvoiceType(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class InvoiceState(StrEnum):
    """What is stored; unpaid, due soon, overdue and the ageing bucket are derived from it, never stored."""

    DRAFT = "draft"
    ISSUED = "issued"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    VOID = "void"
    WRITTEN_OFF = "written_off"


OPEN_STATES: frozenset[InvoiceState] = frozenset({InvoiceState.ISSUED, InvoiceState.PARTIALLY_PAID})


class PaymentStatus(StrEnum):
    """The word on an invoice and what people filter by (R37): stored states, and derived ones of an open balance.
    A draft is seen by finance only; a credit note is never owed, so it is never unpaid or overdue."""

    DRAFT = "draft"
    CREDIT = "credit"
    UNPAID = "unpaid"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    VOID = "void"
    WRITTEN_OFF = "written_off"


class AgeingBucket(StrEnum):
    NOT_DUE = "not_due"
    D1_30 = "1_30"
    D31_60 = "31_60"
    D61_90 = "61_90"
    OVER_90 = "over_90"
    #: Questioned by the customer: it stands beside the ages, whatever its own is.
    DISPUTED = "disputed"


class DueIn(StrEnum):
    """The usual periods of due dates that people ask for, from the issuer's day."""

    OVERDUE = "overdue"
    NEXT_7 = "next_7"
    NEXT_30 = "next_30"
    THIS_MONTH = "this_month"
    LAST_QUARTER = "last_quarter"


def due_in(period: DueIn, today: date) -> tuple[date, date]:
    """First and last day, both included. What is overdue has no first day and is asked for otherwise."""
    if period in _NEXT:
        return today, today + timedelta(days=_NEXT[period])
    if period is DueIn.LAST_QUARTER:
        last = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1) - timedelta(days=1)
        return last.replace(month=last.month - 2, day=1), last
    first = today.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


_NEXT = {DueIn.NEXT_7: 7, DueIn.NEXT_30: 30}

#: Age → first and last day past due, both included; None is open-ended.
BUCKET_DAYS: dict[AgeingBucket, tuple[int | None, int | None]] = {
    AgeingBucket.NOT_DUE: (None, 0),
    AgeingBucket.D1_30: (1, 30),
    AgeingBucket.D31_60: (31, 60),
    AgeingBucket.D61_90: (61, 90),
    AgeingBucket.OVER_90: (91, None),
}


def quantize(amount: Decimal, currency: str) -> Decimal:
    """Round half-up to the decimals of the currency, once."""
    return amount.quantize(Decimal(1).scaleb(-CURRENCIES[currency]), rounding=ROUND_HALF_UP)


def is_exact(amount: Decimal, currency: str) -> bool:
    """Can this amount be paid at all: a number, above nothing, with no more decimals than the currency has?"""
    return amount.is_finite() and 0 < amount < MOST and amount == quantize(amount, currency)


def amount_within(typed: object, most: Decimal) -> Decimal | None:
    """What somebody has typed so far, if that is an amount and no more than this; nothing is said of anything else."""
    try:
        amount = Decimal(str(typed))
    except ArithmeticError:
        return None
    return amount if amount.is_finite() and 0 < amount <= most else None


def taxes_of(amounts: Sequence[Decimal], rate: Decimal, currency: str, rounding: TaxRounding) -> list[Decimal]:
    """The tax of each line, rounded once. Where the whole invoice is rounded, the largest line takes what is left over,
    so that the lines still add up to it."""
    taxes = [quantize(amount * rate, currency) for amount in amounts]
    if rounding is TaxRounding.INVOICE and taxes:
        whole = quantize(sum(amounts, Decimal(0)) * rate, currency)
        taxes[amounts.index(max(amounts))] += whole - sum(taxes, Decimal(0))
    return taxes


def day_at(zone: str, now: datetime) -> date:
    """Which day it is at an issuing entity: what is due and overdue goes by it, wherever the reader is."""
    return now.astimezone(ZoneInfo(zone)).date()


def ageing_bucket(due: date, today: date, *, disputed: bool = False) -> AgeingBucket:
    """The bucket of an open balance due on that day; `today` is the issuer's day."""
    if disputed:
        return AgeingBucket.DISPUTED
    days = (today - due).days
    return next(
        bucket
        for bucket, (first, last) in BUCKET_DAYS.items()
        if (first is None or days >= first) and (last is None or days <= last)
    )


def payment_status(
    state: InvoiceState,
    balance: Decimal,
    due: date,
    today: date,
    type_: InvoiceType = InvoiceType.INVOICE,
) -> PaymentStatus:
    """The one word a customer reads on an invoice; `today` is the issuer's day."""
    if state in OPEN_STATES and type_ is InvoiceType.CREDIT_NOTE:
        return PaymentStatus.CREDIT
    if state not in OPEN_STATES or balance <= 0:
        return PaymentStatus(state) if state not in OPEN_STATES else PaymentStatus.PAID
    if due < today:
        return PaymentStatus.OVERDUE
    if due <= today + DUE_SOON:
        return PaymentStatus.DUE_SOON
    return PaymentStatus.PARTIALLY_PAID if state is InvoiceState.PARTIALLY_PAID else PaymentStatus.UNPAID
