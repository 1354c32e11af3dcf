"""The roster: everybody who can sign in, as the administrator sees them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from data.listing.search import in_texts
from data.listing.spec import HIDDEN, NOT_IN_TABLE, Choice, Column, Kind, ListSpec, Sort
from data.models import Account, Membership, Person, StaffMember
from rules.permissions import Permission, StaffRole
from rules.principal import PersonKind
from rules.words import N_

_p = Person.__table__
_ROLES = ("paa", "general", *StaffRole)

_belongs = and_(Membership.person_id == _p.c.id, Membership.ended_at.is_(None))
_works = StaffMember.person_id == _p.c.id
#: The first of several; the drawer says all.
_role = func.coalesce(
    select(func.min(StaffMember.role)).where(_works).scalar_subquery(),
    select(func.max(Membership.role)).where(_belongs).scalar_subquery(),  # "paa" comes after "general"
)
_accounts = (
    select(func.coalesce(func.string_agg(Account.name, aggregate_order_by(literal(", "), Account.name)), ""))
    .join(Membership, Membership.account_id == Account.id)
    .where(_belongs)
    .scalar_subquery()
)
_status = case((_p.c.disabled_at.is_(None), "active"), else_="disabled")


def _having_role(_connection: Connection, roles: tuple[str, ...]) -> ColumnElement[bool]:
    return or_(
        exists().where(_works, StaffMember.role.in_(roles)), exists().where(_belongs, Membership.role.in_(roles))
    )


def _found(_connection: Connection, words: str) -> ColumnElement[bool]:
    """By name or e-mail, or by the account they belong to. A few thousand people need no index."""
    there = in_texts(words, Account.name, Account.code)
    belongs = exists().where(_belongs, Account.id == Membership.account_id, there)
    return or_(in_texts(words, _p.c.name, _p.c.email), belongs)


PEOPLE = ListSpec(
    name="people",
    title=N_("People"),
    permissions=(Permission.PEOPLE_MANAGE,),
    table=_p,
    source=_p,
    columns=(
        Column("name", N_("Name"), _p.c.name, Kind.NUMBER, width=165),  # a phone shows this and the next
        Column("role", N_("Role"), _role, Kind.TERM, "person.role", width=170),
        Column("email", N_("E-mail"), _p.c.email, width=260),
        Column("kind", N_("Type"), _p.c.kind, Kind.TERM, "person.kind", width=100),
        Column("accounts", N_("Accounts"), _accounts, width=240),
        Column("status", N_("Status"), _status, Kind.TERM, "person.status", width=110),
        Column("phone", N_("Phone"), _p.c.phone, shown=NOT_IN_TABLE),
        Column("time_zone", N_("Time zone"), _p.c.time_zone, shown=NOT_IN_TABLE),
        Column("created_at", N_("Since"), _p.c.created_at, Kind.MOMENT, shown=NOT_IN_TABLE),
        Column("disabled_at", N_("Disabled on"), _p.c.disabled_at, Kind.MOMENT, shown=NOT_IN_TABLE),
        Column("uuid", "", _p.c.uuid, shown=HIDDEN),
    ),
    filters=(
        Choice("kind", N_("Type"), "person.kind", tuple(PersonKind), lambda _c, values: _p.c.kind.in_(values)),
        Choice("role", N_("Role"), "person.role", _ROLES, _having_role),
        Choice("status", N_("Status"), "person.status", ("active", "disabled"),
               lambda _c, values: _status.in_(values)),
    ),
    sorts=(
        Sort("name", N_("By name"), _p.c.name),
        Sort("newest", N_("Newest first"), _p.c.created_at, descending=True),
    ),
    bar=("kind", "role", "status"),
    row_key=_p.c.uuid,
    row_parameter="person",
    number=_p.c.name,
    finder=_found,
    searched=N_("Search finds people by a part of their name or e-mail, or of the name or code of their account."),
    hint=N_("Name or e-mail"),
    needs_proof=True,
)  # fmt: skip
