"""What an administrator looks at before changing an account: its facts, its people, and what moving it would mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, Select, select, text

from data.database import reading
from data.models import Account as AccountRow
from data.models import Assignment, Membership, Person, StaffMember
from rules.access import MemberRole
from rules.accounts import LEVELS
from rules.errors import NotFound
from rules.permissions import Permission, StaffRole
from rules.principal import Principal

P = Permission
_a = AccountRow.__table__


@dataclass(frozen=True)
class AccountRef:
    """An account as a picker and a link show it."""

    uuid: UUID
    code: str
    name: str


@dataclass(frozen=True)
class AccountPerson:
    """Somebody who belongs to it, or (from_above) runs it because they run the account it is a part of."""

    id: int
    name: str
    email: str
    role: MemberRole
    is_disabled: bool
    from_above: str | None = None


@dataclass(frozen=True)
class Manager:
    """One of the staff who looks after accounts, or may."""

    id: int
    uuid: UUID
    name: str
    since: datetime | None = None


@dataclass(frozen=True)
class Account:
    """Everything that stands in the drawer of one account."""

    id: int
    uuid: UUID
    code: str
    name: str
    country: str | None
    currency: str | None
    locale: str
    time_zone: str
    closed_at: datetime | None
    version: int
    above: AccountRef | None
    parts: tuple[AccountRef, ...]
    people: tuple[AccountPerson, ...]
    managers: tuple[Manager, ...]


def get_account(engine: Engine, principal: Principal, uuid: UUID) -> Account:
    """NotFound for one that they do not look after, as for one that never was."""
    with reading(engine, principal, P.ACCOUNT_VIEW) as connection:
        return account_of(connection, uuid)


def account_of(connection: Connection, uuid: UUID) -> Account:
    columns = (
        _a.c.id, _a.c.uuid, _a.c.code, _a.c.name, _a.c.country, _a.c.currency, _a.c.locale, _a.c.time_zone,
        _a.c.closed_at, _a.c.version, _a.c.parent_id,
    )  # fmt: skip
    row = connection.execute(select(*columns).where(_a.c.uuid == uuid)).one_or_none()
    if row is None:
        raise NotFound(str(uuid))
    *known, parent_id = row
    return Account(
        *known,
        above=next(iter(_refs(connection, _a.c.id == parent_id)), None),
        parts=_refs(connection, _a.c.parent_id == row.id),
        people=(*_members(connection, row.id), *_from_above(connection, parent_id)),
        managers=tuple(Manager(*each) for each in connection.execute(_managers_of(row.id))),
    )


def _refs(connection: Connection, condition: ColumnElement[bool]) -> tuple[AccountRef, ...]:
    query = select(_a.c.uuid, _a.c.code, _a.c.name).where(condition).order_by(_a.c.name, _a.c.id)
    return tuple(AccountRef(*row) for row in connection.execute(query))


def _members(connection: Connection, account_id: int) -> tuple[AccountPerson, ...]:
    """Administrators first."""
    query = (
        select(Person.id, Person.name, Person.email, Membership.role, Person.disabled_at.is_not(None))
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.account_id == account_id, Membership.ended_at.is_(None))
        .order_by(Membership.role.desc(), Person.name, Person.id)
    )
    return tuple(
        AccountPerson(person, name, email, MemberRole(role), gone)
        for person, name, email, role, gone in connection.execute(query)
    )


def _managers_of(account_id: int) -> Select[tuple[int, UUID, str, datetime]]:
    looks_after = Assignment.account_id == account_id
    query = select(Person.id, Person.uuid, Person.name, Assignment.since)
    return query.join(Assignment, Assignment.person_id == Person.id).where(looks_after).order_by(Person.name, Person.id)


#: Who runs an account from above, each once, by the nearest account.
_ABOVE = text("""
with recursive line (id, parent_id, name, far) as (
    select a.id, a.parent_id, a.name, 1 from portal.account a where a.id = :account
    union
    select a.id, a.parent_id, a.name, line.far + 1 from portal.account a join line on a.id = line.parent_id
    where line.far < 50
)
select distinct on (p.name, p.id) p.id, p.name, p.email, p.disabled_at is not null, line.name
from line join portal.membership m on m.account_id = line.id and m.role = 'paa' and m.ended_at is null
join portal.person p on p.id = m.person_id
order by p.name, p.id, line.far
""")


def _from_above(connection: Connection, parent_id: int | None) -> tuple[AccountPerson, ...]:
    if parent_id is None:
        return ()
    return tuple(
        AccountPerson(person, name, email, MemberRole.PAA, gone, above)
        for person, name, email, gone, above in connection.execute(_ABOVE, {"account": parent_id})
    )


def managers_to_choose(engine: Engine, principal: Principal, account_id: int) -> tuple[Manager, ...]:
    """Account managers who do not look after it yet; nobody assigns themselves."""
    theirs = select(Assignment.person_id).where(Assignment.account_id == account_id)
    query = (
        select(Person.id, Person.uuid, Person.name)
        .join(StaffMember, StaffMember.person_id == Person.id)
        .where(StaffMember.role == StaffRole.ACCOUNT_MANAGER, Person.disabled_at.is_(None))
        .where(Person.id != principal.person_id, Person.id.not_in(theirs))
        .order_by(Person.name, Person.id)
    )
    with reading(engine, principal, P.ACCOUNT_MANAGE) as connection:
        return tuple(Manager(*row) for row in connection.execute(query))


#: Every open account with the number of accounts above it, and whether it is the one asked about or below it.
_TREE = text("""
with recursive tree (id, level, is_inside) as (
    select a.id, 1, a.id = :account from portal.account a where a.parent_id is null
    union all
    select a.id, tree.level + 1, tree.is_inside or a.id = :account
    from portal.account a join tree on a.parent_id = tree.id where tree.level < 50
)
select a.uuid, a.code, a.name, tree.level, tree.is_inside, a.closed_at is null and a.id is distinct from :above
from tree join portal.account a on a.id = tree.id order by a.name, a.id
""")


def places_to_choose(engine: Engine, principal: Principal, account: Account | None = None) -> tuple[AccountRef, ...]:
    """The accounts of which it (None: a new one) may become a part: open, not below it, not too deep."""
    with reading(engine, principal, P.ACCOUNT_MANAGE) as connection:
        above = None
        if account is not None and account.above is not None:
            above = connection.scalar(select(_a.c.id).where(_a.c.uuid == account.above.uuid))
        rows = connection.execute(_TREE, {"account": account.id if account else None, "above": above}).all()
    inside = [level for *_ref, level, is_inside, _ok in rows if is_inside]
    height = max(inside) - min(inside) + 1 if inside else 1
    return tuple(
        AccountRef(uuid, code, name)
        for uuid, code, name, level, is_inside, is_free in rows
        if is_free and not is_inside and level + height <= LEVELS
    )


@dataclass(frozen=True)
class Moved:
    """What it means to put an account elsewhere: for whom, and for which accounts (itself and all below)."""

    accounts: tuple[str, ...]
    #: Name → the account above by which they run it.
    gain: tuple[AccountPerson, ...]
    lose: tuple[AccountPerson, ...]
    #: Nobody would run it any more.
    is_left_alone: bool


def what_moves(engine: Engine, principal: Principal, account: UUID, above: UUID | None) -> Moved:
    """Before it is done."""
    with reading(engine, principal, P.ACCOUNT_MANAGE) as connection:
        return moved(connection, account_of(connection, account), above)


_BELOW = text("""
with recursive below (id) as (
    select cast(:account as bigint)
    union
    select a.id from portal.account a join below on a.parent_id = below.id
)
select a.name from below join portal.account a on a.id = below.id order by a.id <> :account, a.name
""")


def moved(connection: Connection, account: Account, above: UUID | None) -> Moved:
    new_parent = connection.scalar(select(_a.c.id).where(_a.c.uuid == above)) if above is not None else None
    before = {each.id: each for each in account.people if each.from_above is not None and not each.is_disabled}
    after = {each.id: each for each in _from_above(connection, new_parent) if not each.is_disabled}
    own = {
        each.id
        for each in account.people
        if each.from_above is None and each.role is MemberRole.PAA and not each.is_disabled
    }
    return Moved(
        tuple(connection.scalars(_BELOW, {"account": account.id})),
        tuple(each for person, each in after.items() if person not in before and person not in own),
        tuple(each for person, each in before.items() if person not in after and person not in own),
        bool(before) and not after and not own,
    )
