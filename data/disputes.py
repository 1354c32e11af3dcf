"""Disputes: which invoices are questioned, why, about how much, and how far each is."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Text,
    and_,
    any_,
    exists,
    func,
    literal,
    select,
)

from data.listing.search import parts_of
from data.listing.spec import HIDDEN, NOT_IN_TABLE, Choice, Column, Kind, ListSpec, Period, Sort
from data.models import Account, Dispute, Invoice, LegalEntity, Person
from rules.disputes import GOING_ON, DisputeReason, DisputeState
from rules.money import CURRENCIES
from rules.permissions import Permission
from rules.words import N_

_d = Dispute.__table__
_i = Invoice.__table__


def _is_about(dispute: FromClause, invoice: FromClause) -> ColumnElement[bool]:
    return and_(invoice.c.account_id == dispute.c.account_id, invoice.c.id == dispute.c.invoice_id)


def _found(connection: Connection, words: str) -> ColumnElement[bool]:
    """Disputes are few enough that a word may be any part of what is written. Found once, for page and count alike."""
    ids = connection.execute(select(func.authz.find_dispute(literal(parts_of(words), ARRAY(Text))))).scalar()
    return _d.c.id == any_(literal(ids or [], ARRAY(BigInteger)))


def _in_currency(_connection: Connection, values: tuple[str, ...]) -> ColumnElement[bool]:
    """Where disputes are found and counted their invoices are not read: this looks each of them up."""
    invoice = _i.alias("of")
    return exists().where(_is_about(_d, invoice), invoice.c.currency.in_(values))


DISPUTES = ListSpec(
    name="disputes",
    title=N_("Disputes"),
    permissions=(Permission.INVOICE_VIEW,),
    table=_d,
    source=_d.join(_i, _is_about(_d, _i))
    .join(LegalEntity.__table__, LegalEntity.id == _i.c.issuer_id)
    .join(Account.__table__, Account.id == _d.c.account_id)
    .outerjoin(Person.__table__, Person.id == _d.c.opened_by),
    columns=(
        Column("number", N_("Invoice"), _d.c.number, Kind.NUMBER, width=150),
        Column("state", N_("Status"), _d.c.state, Kind.TERM, "dispute.state", width=110),
        Column("account", N_("Account"), Account.name, names_account=True),
        Column("reason", N_("Reason"), _d.c.reason, Kind.TERM, "dispute.reason", width=220),
        Column("currency", N_("Currency"), _i.c.currency, width=80),
        Column("amount", N_("In question"), _d.c.amount, Kind.MONEY, width=140),
        Column("agreed", N_("Credited"), _d.c.agreed, Kind.MONEY, width=140),
        Column("opened_at", N_("Opened"), _d.c.opened_at, Kind.MOMENT, width=150),
        Column("updated_at", N_("Last change"), _d.c.updated_at, Kind.MOMENT, width=150),
        Column("opened_by", N_("Opened by"), Person.name, shown=NOT_IN_TABLE),
        Column("issuer", N_("Issued by"), LegalEntity.name, shown=NOT_IN_TABLE),
        Column("finance_email", N_("Questions to"), LegalEntity.finance_email, shown=NOT_IN_TABLE),
        Column("closed_at", N_("Closed on"), _d.c.closed_at, Kind.MOMENT, shown=NOT_IN_TABLE),
        Column("invoice", "", _i.c.uuid, shown=HIDDEN),
        Column("uuid", "", _d.c.uuid, shown=HIDDEN),
    ),
    filters=(
        Choice("status", N_("Status"), "dispute.state", tuple(DisputeState),
               lambda _c, values: _d.c.state.in_(values), default=tuple(s for s in DisputeState if s in GOING_ON)),
        Choice("reason", N_("Reason"), "dispute.reason", tuple(DisputeReason),
               lambda _c, values: _d.c.reason.in_(values)),
        Choice("currency", N_("Currency"), "currency", tuple(CURRENCIES), _in_currency),
        Period("opened", N_("Opened"), _d.c.opened_at, of_moment=True),
    ),
    sorts=(
        Sort("newest", N_("Newest first"), _d.c.opened_at, descending=True),
        Sort("oldest", N_("Oldest first"), _d.c.opened_at),
        Sort("changed", N_("Last changed first"), _d.c.updated_at, descending=True),
        Sort("largest", N_("Largest first"), _d.c.amount, descending=True),
    ),
    bar=("status", "reason"),
    row_key=_d.c.uuid,
    row_parameter="dispute",
    number=_d.c.number,
    finder=_found,
    searched=N_("Search finds disputes by a part of the invoice's number, of the account's name, or of what was said."),
    nothing=N_("Nothing is disputed."),
)  # fmt: skip
