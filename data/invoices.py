"""Invoices: what an account owes, to which legal entity, until when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Connection, Date, and_, case, cast, func, not_, select

from data.invoice_states import (
    DERIVED,
    ageing_of,
    ageing_where,
    due_in_where,
    in_force,
    is_open,
    owed,
    payment_status_of,
    signed,
    status_where,
)
from data.listing.asked import Asked
from data.listing.scope import Scope
from data.listing.spec import (
    HIDDEN,
    NOT_IN_TABLE,
    Amount,
    Choice,
    Column,
    Issuer,
    Kind,
    ListSpec,
    Period,
    Place,
    Sort,
    TallySource,
    Written,
)
from data.listing.summary import Chart, Dimension, Totals
from data.models import Account, Invoice, InvoiceTally, LegalEntity
from data.open_balances import ISSUERS_DAY, with_issuer
from rules.money import CURRENCIES, AgeingBucket, DueIn, PaymentStatus
from rules.permissions import Permission
from rules.words import N_

P = Permission
_i = Invoice.__table__
_tally = InvoiceTally.__table__


def _having_status(connection: Connection, values: tuple[str, ...]) -> ColumnElement[bool]:
    return status_where(connection, values, _i, _i.c.due_date)


def _being_disputed(_connection: Connection, values: tuple[str, ...]) -> ColumnElement[bool]:
    """Of an open balance: what is settled is questioned no more."""
    disputed = and_(_i.c.disputed, in_force(_i))
    return disputed if values[0] == "yes" else not_(disputed)


def _falling_due(connection: Connection, values: tuple[str, ...]) -> ColumnElement[bool]:
    return due_in_where(connection, values[0], _i, _i.c.due_date, _i.c.issue_date)


def _of_age(connection: Connection, values: tuple[str, ...]) -> ColumnElement[bool]:
    return ageing_where(connection, values, _i, _i.c.due_date)


def _from_tally(connection: Connection, asked: Asked, _scope: Scope) -> Sequence[ColumnElement[bool]] | None:
    """The tally knows issuer, currency, state, dispute and due date: by the day while a balance is open, else by the
    month."""
    if _asks_for_more(asked):
        return None
    period, by_the_day = asked.chosen("due_in"), _by_the_day(asked)
    first, last = asked.period("due")
    if not by_the_day and (not _whole_months(first, last) or {*period} & {DueIn.NEXT_7, DueIn.NEXT_30}):
        return None
    bounds = [first and _tally.c.due >= first, last and _tally.c.due <= last]
    return [*_chosen_in_tally(connection, asked), *(bound for bound in bounds if bound is not None)]


def _asks_for_more(asked: Asked) -> bool:
    """Than a tally knows."""
    amounts = any(end is not None for end in asked.amount("total"))
    return bool(asked.words or asked.text("po") or asked.chosen("site") or any(asked.period("issued")) or amounts)


def _by_the_day(asked: Asked) -> bool:
    """Only of open balances, of which the tally keeps the day."""
    statuses = asked.chosen("status")
    only_open = bool(statuses) and {*statuses} <= {*DERIVED, PaymentStatus.PARTIALLY_PAID}
    return only_open or bool(asked.chosen("ageing")) or asked.chosen("due_in") == (DueIn.OVERDUE,)


def _chosen_in_tally(connection: Connection, asked: Asked) -> Iterator[ColumnElement[bool]]:
    due, disputed = _tally.c.due, _tally.c.disputed
    if statuses := asked.chosen("status"):
        yield status_where(connection, statuses, _tally, due)
    if period := asked.chosen("due_in"):
        yield due_in_where(connection, period[0], _tally, due)
    if ages := asked.chosen("ageing"):
        yield ageing_where(connection, ages, _tally, due)
    if currencies := asked.chosen("currency"):
        yield _tally.c.currency.in_(currencies)
    if issuers := asked.chosen("issuer"):
        yield _tally.c.issuer_id.in_(select(LegalEntity.id).where(LegalEntity.code.in_(issuers)))
    if wanted := asked.chosen("disputed"):
        yield disputed if wanted[0] == "yes" else not_(disputed)


def _usual_order(asked: Asked) -> str | None:
    """What is to be paid comes by its due date, what fell due by it backwards, everything else newest first (R36)."""
    statuses, period = asked.chosen("status"), asked.chosen("due_in")
    wanted = (statuses and {*statuses} <= DERIVED) or asked.chosen("ageing") or asked.chosen("disputed") == ("yes",)
    if not wanted and period == (DueIn.LAST_QUARTER,):
        return "due_last"
    return "due" if wanted or period else None


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
        Column("total", N_("Total"), signed(_i.c.total, _i), Kind.MONEY, width=140),
        Column("balance", N_("Balance"), owed(_i), Kind.MONEY, width=140),
        Column("disputed", N_("Disputed"), case((_i.c.disputed, "yes")), Kind.TERM, "invoice.disputed",
               shown=NOT_IN_TABLE),
        Column("type", N_("Type"), _i.c.type, Kind.TERM, "invoice.type", shown=NOT_IN_TABLE),
        Column("issuer", N_("Issued by"), LegalEntity.name, shown=NOT_IN_TABLE),
        Column("subtotal", N_("Subtotal"), signed(_i.c.subtotal, _i), Kind.MONEY, shown=NOT_IN_TABLE),
        Column("tax", N_("Tax"), signed(_i.c.tax, _i), Kind.MONEY, shown=NOT_IN_TABLE),
        Column("paid", N_("Paid"), signed(_i.c.paid, _i), Kind.MONEY, shown=NOT_IN_TABLE),
        Column("credited", N_("Credited"), signed(_i.c.credited, _i), Kind.MONEY, shown=NOT_IN_TABLE),
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
        Choice("due_in", N_("Due"), "invoice.due_in", tuple(DueIn), _falling_due, single=True, usual_of="due"),
        Choice("ageing", N_("Age"), "invoice.ageing", tuple(AgeingBucket), _of_age),
        Period("due", N_("Due date"), _i.c.due_date, never_after=_i.c.issue_date),
        Choice("currency", N_("Currency"), "currency", tuple(CURRENCIES),
               lambda _c, values: _i.c.currency.in_(values)),
        Issuer(_i.c.issuer_id),
        Place(_i.c.site_ids, of_many=True),
        Amount("total", N_("Total"), _i.c.total_cents),
        Choice("disputed", N_("Disputed"), "invoice.disputed", ("yes", "no"), _being_disputed, single=True),
        Written("po", N_("Purchase order"), _i.c.purchase_order),
        Period("issued", N_("Issued"), _i.c.issue_date, never_before=_i.c.due_date),
    ),
    sorts=(
        Sort("newest", N_("Newest first"), _i.c.issue_date, descending=True),
        Sort("due", N_("Due first"), _i.c.due_date),
        Sort("due_last", N_("Due last"), _i.c.due_date, descending=True),
        Sort("largest", N_("Largest first"), _i.c.total_cents, descending=True),
    ),
    usual_order=_usual_order,
    bar=("status", "due_in"),
    row_key=_i.c.uuid,
    row_parameter="invoice",
    has_documents=True,
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
                payment_status_of(_tally, _tally.c.due, ISSUERS_DAY),
                "invoice.payment",
            ),
        ),
        Chart(
            "ageing",
            N_("Open by age"),
            Dimension(
                "ageing", ageing_of(_i, _i.c.due_date), ageing_of(_tally, _tally.c.due, ISSUERS_DAY), "invoice.ageing"
            ),
            only=(is_open(_i), is_open(_tally)),
        ),
    ),
    totals=Totals(
        (_i.c.currency, _tally.c.currency),
        (("total", signed(_i.c.total, _i), signed(_tally.c.total, _tally)), ("balance", owed(_i), owed(_tally))),
    ),
    tally=TallySource(_tally, with_issuer(), _from_tally),
)  # fmt: skip
