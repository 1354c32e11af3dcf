"""Invoices: what an account owes, to which legal entity, until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, and_, case, cast, false, func, or_

from data.listing.asked import Asked
from data.listing.scope import Scope
from data.listing.spec import HIDDEN, NOT_IN_TABLE, Choice, Column, Kind, ListSpec, Period, Sort, TallySource
from data.listing.summary import Chart, Dimension, Totals
from data.models import Account, Invoice, InvoiceTally, LegalEntity
from data.sites import issuer_days
from rules.money import CURRENCIES, DUE_SOON, OPEN_STATES, InvoiceState, InvoiceType, PaymentStatus
from rules.permissions import Permission
from rules.words import N_

P = Permission
_i = Invoice.__table__
_tally = InvoiceTally.__table__

#: The derived states of an open balance; all others are stored words.
_DERIVED = frozenset({PaymentStatus.UNPAID, PaymentStatus.DUE_SOON, PaymentStatus.OVERDUE})


def status_where(
    connection: Connection, values: tuple[str, ...], rows: Any, due: ColumnElement[date]
) -> ColumnElement[bool]:
    """Payment status as a condition over invoices or their tally; days are the issuer's (SPEC §6)."""
    # in force means that something is open: the database sees to it, and rows of a tally may be negative
    in_force = rows.c.state.in_(sorted(OPEN_STATES))
    is_open = and_(in_force, rows.c.type == InvoiceType.INVOICE)
    conditions: list[ColumnElement[bool]] = []
    stored = [value for value in values if value not in _DERIVED and value != PaymentStatus.CREDIT]
    if stored:
        conditions.append(rows.c.state.in_(stored))
    if PaymentStatus.CREDIT in values:
        conditions.append(and_(in_force, rows.c.type == InvoiceType.CREDIT_NOTE))
    if PaymentStatus.UNPAID in values:
        conditions.append(is_open)
    elif _DERIVED & set(values):
        days = issuer_days(connection)
        if PaymentStatus.OVERDUE in values:
            conditions.append(and_(is_open, _by_day(rows, days, lambda today: due < today)))
        if PaymentStatus.DUE_SOON in values:
            conditions.append(and_(is_open, _by_day(rows, days, lambda today: due.between(today, today + DUE_SOON))))
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


def _having_status(connection: Connection, values: tuple[str, ...]) -> ColumnElement[bool]:
    return status_where(connection, values, _i, _i.c.due_date)


_today = cast(func.timezone(LegalEntity.time_zone, func.now()), Date)


def payment_status_of(rows: Any, due: ColumnElement[date]) -> ColumnElement[str]:
    """The word on each row (rules/money.py payment_status, in SQL; a test holds the two together)."""
    return case(
        (rows.c.state.not_in(sorted(OPEN_STATES)), rows.c.state),
        (rows.c.type == InvoiceType.CREDIT_NOTE, PaymentStatus.CREDIT),
        (due < _today, PaymentStatus.OVERDUE),
        (due <= _today + timedelta(days=DUE_SOON.days), PaymentStatus.DUE_SOON),
        (rows.c.state == InvoiceState.PARTIALLY_PAID, PaymentStatus.PARTIALLY_PAID),
        else_=PaymentStatus.UNPAID,
    )


def signed(amount: ColumnElement[Decimal], rows: Any) -> ColumnElement[Decimal]:
    """A credit note counts against what is invoiced."""
    return case((rows.c.type == InvoiceType.CREDIT_NOTE, -amount), else_=amount)


def owed(rows: Any) -> ColumnElement[Decimal]:
    """What is still to be paid: nothing of a draft or void one; an unused credit counts against it."""
    return signed(case((rows.c.state.in_(sorted(OPEN_STATES)), rows.c.balance), else_=0), rows)


def _from_tally(connection: Connection, asked: Asked, _scope: Scope) -> Sequence[ColumnElement[bool]] | None:
    """The tally knows issuer, currency, state and due date: by the day while a balance is open, else by the month."""
    if asked.words or any(asked.period("issued")):
        return None
    conditions: list[ColumnElement[bool]] = []
    statuses = asked.chosen("status")
    if statuses:
        conditions.append(status_where(connection, statuses, _tally, _tally.c.due))
    if currencies := asked.chosen("currency"):
        conditions.append(_tally.c.currency.in_(currencies))
    first, last = asked.period("due")
    if first or last:
        by_the_day = bool(statuses) and {*statuses} <= {*_DERIVED, PaymentStatus.PARTIALLY_PAID}
        if not by_the_day and not _whole_months(first, last):
            return None
        conditions += [c for c in (first and _tally.c.due >= first, last and _tally.c.due <= last) if c is not None]
    return conditions


def _usual_order(asked: Asked) -> str | None:
    """What is to be paid is wanted by its due date, everything else newest first (R36)."""
    statuses = asked.chosen("status")
    return "due" if statuses and {*statuses} <= _DERIVED else None


def _whole_months(first: date | None, last: date | None) -> bool:
    begins = first is None or first.day == 1
    ends = last is None or (last + timedelta(days=1)).day == 1
    return begins and ends


INVOICES = ListSpec(
    name="invoices",
    title=N_("Invoices"),
    permissions=(P.INVOICE_VIEW,),
    table=_i,
    source=_i.join(LegalEntity.__table__, LegalEntity.id == _i.c.issuer_id).join(
        Account.__table__, Account.id == _i.c.account_id
    ),
    columns=(
        Column("number", N_("Number"), _i.c.number, Kind.NUMBER, width=150),
        Column("account", N_("Account"), Account.name, names_account=True),
        Column("payment_status", N_("Payment status"), payment_status_of(_i, _i.c.due_date), Kind.TERM,
               "invoice.payment", width=130),
        Column("issue_date", N_("Issued"), _i.c.issue_date, Kind.DATE, width=120),
        Column("due_date", N_("Due date"), _i.c.due_date, Kind.DATE, width=120),
        Column("currency", N_("Currency"), _i.c.currency, width=80),
        Column("total", N_("Total"), _i.c.total, Kind.MONEY, width=140),
        Column("balance", N_("Balance"), _i.c.balance, Kind.MONEY, width=140),
        Column("type", N_("Type"), _i.c.type, Kind.TERM, "invoice.type", shown=NOT_IN_TABLE),
        Column("issuer", N_("Issued by"), LegalEntity.name, shown=NOT_IN_TABLE),
        Column("subtotal", N_("Subtotal"), _i.c.subtotal, Kind.MONEY, shown=NOT_IN_TABLE),
        Column("tax", N_("Tax"), _i.c.tax, Kind.MONEY, shown=NOT_IN_TABLE),
        Column("paid", N_("Paid"), _i.c.paid, Kind.MONEY, shown=NOT_IN_TABLE),
        Column("credited", N_("Credited"), _i.c.credited, Kind.MONEY, shown=NOT_IN_TABLE),
        Column("purchase_order", N_("Purchase order"), _i.c.purchase_order, shown=NOT_IN_TABLE),
        Column("bill_to", N_("Bill to"), _i.c.bill_to, shown=NOT_IN_TABLE),
        Column("terms", N_("Terms"), _i.c.terms, shown=NOT_IN_TABLE),
        Column("period_start", N_("Period from"), _i.c.period_start, Kind.DATE, shown=NOT_IN_TABLE),
        Column("period_end", N_("Period to"), _i.c.period_end, Kind.DATE, shown=NOT_IN_TABLE),
        Column("finance_email", N_("Questions to"), LegalEntity.finance_email, shown=NOT_IN_TABLE),
        Column("uuid", "", _i.c.uuid, shown=HIDDEN),
    ),
    filters=(
        Choice("status", N_("Payment status"), "invoice.payment", tuple(PaymentStatus), _having_status),
        Period("due", N_("Due date"), _i.c.due_date, never_after=_i.c.issue_date),
        Choice("currency", N_("Currency"), "currency", tuple(CURRENCIES),
               lambda _c, values: _i.c.currency.in_(values)),
        Period("issued", N_("Issued"), _i.c.issue_date, never_before=_i.c.due_date),
    ),
    sorts=(
        Sort("newest", N_("Newest first"), _i.c.issue_date, descending=True),
        Sort("due", N_("Due first"), _i.c.due_date),
        Sort("due_last", N_("Due last"), _i.c.due_date, descending=True),
        Sort("largest", N_("Largest first"), _i.c.total, descending=True),
    ),
    usual_order=_usual_order,
    bar=("status", "due"),
    row_key=_i.c.uuid,
    row_parameter="invoice",
    number=_i.c.number,
    finder="find_invoice",
    searched=N_("Search finds invoices by their number or a part of it, and by words of purchase order and bill-to "
                "address or how they begin."),
    charts=(
        Chart(
            "due",
            N_("By due month and payment status"),
            Dimension(
                "due",
                cast(func.date_trunc("month", _i.c.due_date), Date),
                cast(func.date_trunc("month", _tally.c.due), Date),
                is_month=True,
            ),
            Dimension(
                "status",
                payment_status_of(_i, _i.c.due_date),
                payment_status_of(_tally, _tally.c.due),
                "invoice.payment",
            ),
        ),
    ),
    totals=Totals(
        (_i.c.currency, _tally.c.currency),
        (("total", signed(_i.c.total, _i), signed(_tally.c.total, _tally)), ("balance", owed(_i), owed(_tally))),
    ),
    tally=TallySource(
        _tally, _tally.join(LegalEntity.__table__, LegalEntity.id == _tally.c.issuer_id), _from_tally
    ),
)  # fmt: skip
