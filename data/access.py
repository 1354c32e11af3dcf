"""Access rights: the people of an account, what each may do there, and the commands that change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Connection, Engine, Text, and_, case, cast, delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by, array

from data.audit import Deed, record
from data.commands import Command, Work
from data.database import reading
from data.listing.search import in_texts
from data.listing.spec import HIDDEN, NOT_IN_TABLE, Choice, Column, Kind, ListSpec, Sort
from data.models import AccessGrant, Account, Membership, Person, Site
from data.outbox import mail_domain
from rules.access import Access, MemberRole, Rights, check_access
from rules.accounts import LONGEST_REASON, SHORTEST_REASON
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.permissions import PRESETS, Permission
from rules.principal import Principal
from rules.words import N_

P = Permission
_m, _p, _g = Membership.__table__, Person.__table__, AccessGrant.__table__

_theirs = and_(_g.c.account_id == _m.c.account_id, _g.c.person_id == _m.c.person_id)
_functions = select(func.array_agg(aggregate_order_by(_g.c.function, _g.c.function))).where(_theirs).scalar_subquery()
_is_limited = select(_g.c.function).where(_theirs, _g.c.site_ids.is_not(None)).exists()
_preset = case(
    (_m.c.role == MemberRole.PAA, "paa"),
    (_functions.is_(None), "nothing"),
    (_is_limited, "own_choice"),
    *((_functions == array(sorted(PRESETS[name]), type_=Text), name) for name in PRESETS),
    else_="own_choice",
)
_sites = (
    select(func.string_agg(Site.name.distinct(), literal(", ")))
    .select_from(_g)
    .join(Site, Site.id == _g.c.site_ids.any_())
    .where(_theirs)
    .scalar_subquery()
)
RIGHTS = ("paa", *PRESETS, "own_choice", "nothing")


def _found(_connection: Connection, words: str) -> Any:
    """By name or e-mail. The people of one company need no index."""
    return in_texts(words, _p.c.name, _p.c.email)


ACCESS = ListSpec(
    name="access",
    title=N_("Access rights"),
    permissions=(P.USER_MANAGE, P.ACCESS_MANAGE),
    table=_m,
    source=_m.join(_p, _p.c.id == _m.c.person_id).join(Account.__table__, Account.id == _m.c.account_id),
    columns=(
        Column("name", N_("Name"), _p.c.name, Kind.NUMBER, width=200),
        Column("rights", N_("Access rights"), _preset, Kind.TERM, "access.rights", width=210),
        Column("sites", N_("Only at"), _sites, width=200),
        Column("account", N_("Account"), Account.name, names_account=True, width=160),
        Column("email", N_("E-mail"), _p.c.email, width=240),
        Column("since", N_("Since"), _m.c.created_at, Kind.MOMENT, shown=NOT_IN_TABLE),
        Column("uuid", "", _m.c.uuid, shown=HIDDEN),
    ),
    filters=(
        Choice("rights", N_("Access rights"), "access.rights", RIGHTS, lambda _c, values: _preset.in_(values)),
    ),
    sorts=(
        Sort("name", N_("By name"), _p.c.name),
        Sort("newest", N_("Newest first"), _m.c.created_at, descending=True),
    ),
    bar=("rights",),
    row_key=_m.c.uuid,
    row_parameter="member",
    number=_p.c.name,
    finder=_found,
    searched=N_("Search finds people by a part of their name or e-mail."),
    hint=N_("Name or e-mail"),
    only=_m.c.ended_at.is_(None),
    is_small=True,
    needs_proof=True,
    page_is_of_account=True,
)  # fmt: skip


@dataclass(frozen=True)
class Member:
    """Somebody of an account, with what they may do there now."""

    uuid: UUID
    account_id: int
    account: str
    person_id: int
    name: str
    email: str
    since: datetime
    version: int
    access: Access


def get_member(engine: Engine, principal: Principal, uuid: UUID) -> Member:
    """NotFound for somebody of an account that this person does not administer, as for nobody. Staff who manage access
    see everybody."""
    with reading(engine, principal, P.USER_MANAGE, P.ACCESS_MANAGE) as connection:
        return _member(connection, uuid)


def _member(connection: Connection, uuid: UUID) -> Member:
    columns = (
        _m.c.uuid, _m.c.account_id, Account.name, _m.c.person_id, _p.c.name, _p.c.email, _m.c.created_at,
        _m.c.version, _m.c.role,
    )  # fmt: skip
    found = select(*columns).select_from(ACCESS.source).where(_m.c.uuid == uuid, _m.c.ended_at.is_(None))
    row = connection.execute(found).one_or_none()
    if row is None:
        raise NotFound(str(uuid))
    *known, role = row
    return Member(*known, Access(MemberRole(role), _rights(connection, row.account_id, row.person_id)))


def _rights(connection: Connection, account_id: int, person_id: int) -> Rights:
    theirs = select(_g.c.function, _g.c.site_ids).where(_g.c.account_id == account_id, _g.c.person_id == person_id)
    return {P(function): sites and frozenset(sites) for function, sites in connection.execute(theirs)}


@dataclass(frozen=True)
class OfMember(Command):
    """What is done to somebody's membership, as they saw it: by whoever administers the account, or at their request by
    staff, who say why. For staff the database does all of it in one function, log and mail to the customer included
    (authz.apply_rights): nothing of it can be left out."""

    needs_proof: ClassVar = True

    member: UUID
    version: int

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        if principal.is_staff:
            principal.require(P.ACCESS_MANAGE)
            return principal, P.ACCESS_MANAGE
        principal.require(P.USER_MANAGE)
        who = principal.looking_at((get_member(engine, principal, self.member).account_id,))
        who.require(P.USER_MANAGE)
        return who, P.USER_MANAGE

    def locked(self, work: Work) -> Member:
        """As it stands now, and stays until this transaction ends."""
        # like authz.check_membership(), and before any row: two who change each other's wait here, not for each other
        turn = select(func.pg_advisory_xact_lock(7302, func.hashint8(_m.c.account_id))).where(_m.c.uuid == self.member)
        work.connection.execute(turn)
        mine = select(_m.c.id).where(_m.c.uuid == self.member).with_for_update()
        if work.connection.execute(mine).one_or_none() is None:
            raise Forbidden(str(self.member))  # nobody edits their own rights
        member = _member(work.connection, self.member)
        if member.version != self.version:
            raise _changed_meanwhile(member)
        return member

    def _by_staff(self, work: Work, access: Access | None, reason: str) -> Mapping[str, Any]:
        """None: it ends."""
        why = reason.strip()
        if len(why) < SHORTEST_REASON:
            raise Invalid(N_("Please say why, in a sentence: the customer reads it."), "reason")
        if len(why) > LONGEST_REASON:
            raise Invalid(
                N_("At most {most} characters; this has {count}."), "reason", most=LONGEST_REASON, count=len(why)
            )
        member = _member(work.connection, self.member)
        if member.version != self.version:
            raise _changed_meanwhile(member)
        if member.access == access:
            return {"changed": False}
        rights = {} if access is None else access.rights
        given = {str(function): sites and sorted(sites) for function, sites in rights.items()}
        applied = func.authz.apply_rights(
            self.member, self.version, access and str(access.role), cast(given, JSONB), why,
            work.principal.address, mail_domain(),
        )  # fmt: skip
        match work.connection.scalar(select(applied)):
            case "done":
                return {"changed": True}
            case "last":
                raise Conflict(
                    N_("{name} is the last administrator of {account}. Name another one first."),
                    name=member.name, account=member.account,
                )  # fmt: skip
            case _:
                raise _changed_meanwhile(member)


@dataclass(frozen=True)
class ChangeAccess(OfMember):
    """What somebody is to the account and may do there, as a whole."""

    name: ClassVar = "access.change"

    role: MemberRole = MemberRole.GENERAL
    rights: Rights = field(default_factory=dict)
    #: Why, where staff do it.
    reason: str = ""

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        wanted = Access(self.role, self.rights)
        check_access(wanted)
        if work.principal.is_staff:
            return self._by_staff(work, wanted, self.reason)
        member = self.locked(work)
        if wanted == member.access:
            return {"changed": False}
        theirs = _g.c.account_id == member.account_id, _g.c.person_id == member.person_id
        work.connection.execute(delete(_g).where(*theirs))
        change = update(_m).where(_m.c.uuid == self.member)
        work.connection.execute(change.values(role=self.role, version=member.version + 1))
        rows = [
            {
                "account_id": member.account_id,
                "person_id": member.person_id,
                "function": function,
                "site_ids": None if sites is None else sorted(sites),
            }
            for function, sites in self.rights.items()
        ]
        if rows:
            work.connection.execute(insert(_g).inline(), rows)
        before, after = (rights_said(work.connection, each) for each in (member.access, wanted))
        record(work.connection, work.principal, told_of_member(self.name, member, before=before, after=after))
        return {"changed": True}


@dataclass(frozen=True)
class EndMembership(OfMember):
    """They are nobody of the account any more; what they did stays, and they may be of other accounts."""

    name: ClassVar = "access.end"

    reason: str = ""

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        if work.principal.is_staff:
            return self._by_staff(work, None, self.reason)
        member = self.locked(work)
        before = rights_said(work.connection, member.access)
        change = update(_m).where(_m.c.uuid == self.member)
        work.connection.execute(change.values(ended_at=func.clock_timestamp(), version=member.version + 1))
        record(work.connection, work.principal, told_of_member(self.name, member, before=before, after=None))
        return {}


def _changed_meanwhile(member: Member) -> Conflict:
    return Conflict(
        N_("The rights of {name} were changed meanwhile. Look at what they are now, then change them again."),
        name=member.name,
    )


def rights_said(connection: Connection, access: Access) -> dict[str, Any]:
    """For the audit log: functions with the codes of their sites, or "all"."""
    wanted = frozenset().union(*(sites or () for sites in access.rights.values()))
    codes = dict(iter(connection.execute(select(Site.id, Site.code).where(Site.id.in_(wanted)))))
    rights = {
        str(function): "all" if sites is None else sorted(codes[site] for site in sites)
        for function, sites in sorted(access.rights.items())
    }
    return {"role": str(access.role), "rights": rights}


def told_of_member(action: str, member: Member, *, before: dict[str, Any] | None, after: dict[str, Any] | None) -> Deed:
    """For the audit log of the account."""
    return Deed(
        action,
        "membership",
        object_id=str(member.uuid),
        object_label=member.name,
        account_id=member.account_id,
        function=P.USER_MANAGE,
        before=before,
        after=after,
    )
