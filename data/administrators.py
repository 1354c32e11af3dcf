"""Who runs an account: its administrators from above, handing the role over, and asking them for what one lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy import Engine, Select, Text, func, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by, array

from data.access import Member, OfMember, rights_said, told_of_member
from data.audit import Deed, record
from data.commands import Command, Work
from data.database import reading
from data.invitations import function_of, is_waiting
from data.models import Account, Invitation, Membership, Person
from data.outbox import mail_domain, new_message_id
from rules.access import Access, MemberRole
from rules.errors import Conflict, Forbidden, Invalid
from rules.permissions import PRESETS, Permission
from rules.principal import Principal
from rules.words import N_

P = Permission
_i, _m = Invitation.__table__, Membership.__table__


@dataclass(frozen=True)
class AboveAdministrator:
    """Somebody who runs an account from above: of `above`, and so of these accounts in view."""

    name: str
    email: str
    above: str
    accounts: tuple[int, ...]


_ABOVE = text("select * from authz.administrators_above()")


def administrators_above(engine: Engine, principal: Principal) -> tuple[AboveAdministrator, ...]:
    """Those whom no list of people names, because they belong to an account that is not in view."""
    with reading(engine, principal, function_of(principal)) as connection:
        rows = connection.execute(_ABOVE).all()
    found: dict[tuple[str, str, str], list[int]] = {}
    for row in rows:
        if row.above_id not in principal.chosen:
            found.setdefault((row.name, row.email, row.above), []).append(row.account_id)
    return tuple(AboveAdministrator(*who, tuple(accounts)) for who, accounts in found.items())


@dataclass(frozen=True)
class Administered:
    """An account that somebody runs: who of its people runs it with them, who does from above (name, account), how many
    people it has, and how many of those who were invited have not answered."""

    code: str
    name: str
    administrators: tuple[str, ...]
    above: tuple[tuple[str, str], ...]
    people: int
    invited: int


def list_administered(engine: Engine, principal: Principal) -> tuple[Administered, ...]:
    """Of the accounts in view those that this customer runs, as the company icon lists them."""
    who = principal.covering(P.USER_MANAGE)
    with reading(engine, who, P.USER_MANAGE) as connection:
        rows = {row.id: row for row in connection.execute(_administered(who.chosen))}
        above: dict[int, list[tuple[str, str]]] = {}
        for row in connection.execute(_ABOVE):
            above.setdefault(row.account_id, []).append((row.name, row.above))
    return tuple(
        Administered(
            ref.code, ref.name, tuple(row.administrators), tuple(above.get(ref.id, ())), row.people, row.invited
        )
        for ref in who.accounts
        if (row := rows.get(ref.id)) is not None
    )


def _administered(accounts: tuple[int, ...]) -> Select[Any]:
    theirs = _m.c.account_id == Account.id, _m.c.ended_at.is_(None)
    names = func.array_agg(aggregate_order_by(Person.name, Person.name))
    runs = select(names).join_from(_m, Person, Person.id == _m.c.person_id).where(*theirs, _m.c.role == MemberRole.PAA)
    return select(
        Account.id,
        func.coalesce(runs.scalar_subquery(), array([], type_=Text)).label("administrators"),
        select(func.count()).select_from(_m).where(*theirs).scalar_subquery().label("people"),
        select(func.count()).where(_i.c.account_id == Account.id, *is_waiting).scalar_subquery().label("invited"),
    ).where(Account.id.in_(accounts))


@dataclass(frozen=True)
class HandOver(OfMember):
    """A colleague administers the account from now on, and whoever did becomes a general user with this preset: the one
    way to change one's own rights (SPEC §3). Their session goes on under the token whose hash this is."""

    name: ClassVar = "access.hand_over"

    preset: str = ""
    fresh: bytes = field(default=b"", repr=False)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        if self.preset not in PRESETS:
            raise Invalid(N_("Choose what you may do from now on."), "preset")
        member = self.locked(work)
        self._note(work, member)
        values = {
            "member": self.member, "version": self.version, "preset": self.preset, "fresh": self.fresh,
            "message_id": new_message_id(),
        }  # fmt: skip
        # at last: after it nobody is behind the token of this transaction
        said = work.connection.scalar(
            text("select authz.hand_over(:member, :version, :preset, :fresh, :message_id)"), values
        )
        if said != "done":
            raise Conflict(
                N_("The rights of {name} were changed meanwhile. Look at what they are now, then change them again."),
                name=member.name,
            )
        return {}

    def _note(self, work: Work, member: Member) -> None:
        """Both sides of it: what the colleague becomes, and what is left to whoever hands over."""
        runs = rights_said(work.connection, Access(MemberRole.PAA, {}))
        left = rights_said(work.connection, Access(MemberRole.GENERAL, dict.fromkeys(PRESETS[self.preset])))
        theirs = rights_said(work.connection, member.access)
        record(work.connection, work.principal, told_of_member(self.name, member, before=theirs, after=runs))
        mine = Deed(
            self.name,
            "person",
            object_id=str(work.principal.person_uuid),
            object_label=work.principal.name,
            account_id=member.account_id,
            function=P.USER_MANAGE,
            before=runs,
            after=left,
        )
        record(work.connection, work.principal, mine)


@dataclass(frozen=True)
class AskForAccess(Command):
    """Somebody asks who runs their account for a function they lack; said once a day, however often it is asked."""

    name: ClassVar = "access.ask"

    function: Permission

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, None]:
        """That they belong to the account is enough: whoever holds nothing at all asks first of all."""
        if principal.is_staff or not principal.chosen:
            raise Forbidden(self.function)
        return principal.looking_at(principal.chosen[:1]), None

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        values = {"function": str(self.function), "domain": mail_domain()}
        said = work.connection.scalar(text("select authz.ask_administrators(:function, :domain)"), values)
        if said == "asked":
            record(work.connection, work.principal, self._told(work.principal))
        return {"said": said}

    def _told(self, principal: Principal) -> Deed:
        return Deed(
            self.name,
            "person",
            object_id=str(principal.person_uuid),
            object_label=principal.name,
            account_id=principal.chosen[0],
            function=P.USER_MANAGE,
            after={"function": str(self.function)},
        )
