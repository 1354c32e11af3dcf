"""The list of accounts: where each stands, who looks after it, and how many people it has."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from data.listing.search import in_texts
from data.listing.spec import HIDDEN, NOT_IN_TABLE, REPORT, TABLE, Choice, Column, Country, Kind, ListSpec, Sort
from data.models import Account, Assignment, Membership, Person
from rules.access import MemberRole
from rules.money import CURRENCIES
from rules.permissions import Permission
from rules.words import N_

_a = Account.__table__
_parent = Account.__table__.alias("parent")
_part = Account.__table__.alias("part")

_belongs = and_(Membership.account_id == _a.c.id, Membership.ended_at.is_(None))
_managers = (
    select(func.string_agg(Person.name, aggregate_order_by(literal(", "), Person.name)))
    .join(Assignment, Assignment.person_id == Person.id)
    .where(Assignment.account_id == _a.c.id)
    .scalar_subquery()
)
_people = select(func.count()).where(_belongs).scalar_subquery()
_administrators = select(func.count()).where(_belongs, Membership.role == MemberRole.PAA).scalar_subquery()
_parts = select(func.count()).where(_part.c.parent_id == _a.c.id).scalar_subquery()
_status = case((_a.c.closed_at.is_(None), "open"), else_="closed")

#: The drawer names them one by one.
_NOT_IN_DRAWER = frozenset({TABLE, REPORT})

_has_manager = exists().where(Assignment.account_id == _a.c.id)
_has_administrator = exists().where(_belongs, Membership.role == MemberRole.PAA)
#: What an administrator looks for: accounts where something is still to be done.
_LACKING = {
    "manager": ~_has_manager,
    "paa": and_(~_has_administrator, _a.c.parent_id.is_(None)),
    "people": ~exists().where(_belongs),
}


def _lacks(_connection: Connection, wanted: tuple[str, ...]) -> ColumnElement[bool]:
    return or_(*(_LACKING[each] for each in wanted))


def _stands(_connection: Connection, places: tuple[str, ...]) -> ColumnElement[bool]:
    is_part = _a.c.parent_id.is_not(None)
    return or_(*(is_part if place == "part" else ~is_part for place in places))


def _found(_connection: Connection, words: str) -> ColumnElement[bool]:
    """By its own name or code, or those of the account above. A few hundred accounts need no index."""
    above = exists().where(_parent.c.id == _a.c.parent_id, in_texts(words, _parent.c.name, _parent.c.code))
    return or_(in_texts(words, _a.c.name, _a.c.code), above)


ACCOUNTS = ListSpec(
    name="accounts",
    title=N_("Accounts"),
    permissions=(Permission.ACCOUNT_VIEW,),
    table=_a,
    source=_a.outerjoin(_parent, _parent.c.id == _a.c.parent_id),
    columns=(
        Column("name", N_("Account"), _a.c.name, Kind.NUMBER, width=190),
        Column("code", N_("Code"), _a.c.code, width=130),
        Column("parent", N_("Part of"), _parent.c.name, width=150),
        Column("managers", N_("Account managers"), _managers, shown=_NOT_IN_DRAWER, width=180),
        Column("people", N_("People"), _people, Kind.INTEGER, shown=_NOT_IN_DRAWER, width=75),
        Column("administrators", N_("Administrators"), _administrators, Kind.INTEGER, shown=_NOT_IN_DRAWER, width=110),
        Column("parts", N_("Sub-accounts"), _parts, Kind.INTEGER, shown=_NOT_IN_DRAWER, width=105),
        Column("country", N_("Country"), _a.c.country, Kind.COUNTRY, width=110),
        Column("currency", N_("Currency"), _a.c.currency, width=80),
        Column("status", N_("Status"), _status, Kind.TERM, "account.status", width=90),
        Column("locale", N_("Language"), _a.c.locale, Kind.LANGUAGE, shown=NOT_IN_TABLE),
        Column("time_zone", N_("Time zone"), _a.c.time_zone, shown=NOT_IN_TABLE),
        Column("created_at", N_("Since"), _a.c.created_at, Kind.MOMENT, shown=NOT_IN_TABLE),
        Column("closed_at", N_("Closed on"), _a.c.closed_at, Kind.MOMENT, shown=NOT_IN_TABLE),
        Column("uuid", "", _a.c.uuid, shown=HIDDEN),
    ),
    filters=(
        Choice("status", N_("Status"), "account.status", ("open", "closed"), lambda _c, values: _status.in_(values)),
        Choice("place", N_("Stands"), "account.place", ("part", "alone"), _stands),
        Choice("lacks", N_("Without"), "account.lacks", tuple(_LACKING), _lacks),
        Country(_a.c.country),
        Choice("currency", N_("Currency"), "currency", tuple(CURRENCIES),
               lambda _c, values: _a.c.currency.in_(values)),
    ),
    sorts=(
        Sort("name", N_("By name"), _a.c.name),
        Sort("code", N_("By code"), _a.c.code),
        Sort("newest", N_("Newest first"), _a.c.created_at, descending=True),
    ),
    bar=("status", "place", "lacks"),
    row_key=_a.c.uuid,
    row_parameter="open",
    number=_a.c.name,
    finder=_found,
    searched=N_("Search finds accounts by a part of their name or code, or of those of the account above."),
    hint=N_("Name or code"),
    nothing=N_("There is no account yet."),
)  # fmt: skip
