"""Disputes: which invoices are questioned, why, about how much, and how far each is."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists

from data.listing.search import in_texts
from data.listing.spec import HIDDEN, NOT_IN_TABLE, Choice, Column, Kind, ListSpec, Period, Sort
from data.models import Account, Dispute, DisputeMessage, Invoice, LegalEntity, Person
from rules.disputes import GOING_ON, DisputeReason, DisputeState
from rules.money import CURRENCIES
from rules.permissions import Permission
from rules.words import N_

_d = Dispute.__table__
_i = Invoice.__table__


def _found(words: str) -> ColumnElement[bool]:
    """Disputes are few: what is said in them is looked through as well."""
    of_it = DisputeMessage.account_id == _d.c.account_id, DisputeMessage.dispute_id == _d.c.id
    return in_texts(words, _i.c.number, Account.name) | exists().where(*of_it, in_texts(words, DisputeMessage.body))


DISPUTES = ListSpec(
    name="disputes",
    title=N_("Disputes"),
    permissions=(Permission.INVOICE_VIEW,),
    table=_d,
    source=_d.join(_i, and_(_i.c.account_id == _d.c.account_id, _i.c.id == _d.c.invoice_id))
    .join(LegalEntity.__table__, LegalEntity.id == _i.c.issuer_id)
    .join(Account.__table__, Account.id == _d.c.account_id)
    .outerjoin(Person.__table__, Person.id == _d.c.opened_by),
    columns=(
        Column("number", N_("Invoice"), _i.c.number, Kind.NUMBER, width=150),
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
        Choice("currency", N_("Currency"), "currency", tuple(CURRENCIES),
               lambda _c, values: _i.c.currency.in_(values)),
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
    number=_i.c.number,
    finder=_found,
    searched=N_("Search finds disputes by a part of the invoice's number, of the account's name, or of what was said."),
    nothing=N_("Nothing is disputed."),
    is_small=True,
)  # fmt: skip
