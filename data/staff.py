"""People as an administrator sees to them: who may come in, in which roles, and where they are signed in.

What is done stands in functions of the database (data/security/staff.sql): nobody does it to themselves, an account
keeps its last PAA and the portal its last administrator, and an ended session is over at its next statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Connection, Engine, Text, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql.expression import cast

from data.commands import Command, Work
from data.database import reading
from data.models import Account, Assignment, Membership, Person, StaffMember
from data.outbox import new_message_id
from data.people import checked_email
from rules.access import MemberRole
from rules.accounts import LONGEST_NAME, LONGEST_REASON, SHORTEST_REASON
from rules.errors import Conflict, Invalid, NotFound
from rules.names import as_name
from rules.permissions import Permission, StaffRole
from rules.principal import PersonKind, Principal
from rules.words import N_

P = Permission


@dataclass(frozen=True)
class Belongs:
    """What somebody is to one account; staff look after it."""

    code: str
    name: str
    role: MemberRole | None


@dataclass(frozen=True)
class SignIn:
    """One browser; `is_alive`: they are signed in there now."""

    device: str | None
    address: str | None
    began_at: datetime
    last_seen: datetime
    is_alive: bool


@dataclass(frozen=True)
class Somebody:
    """Everything that stands in the drawer of one person."""

    id: int
    uuid: UUID
    kind: PersonKind
    name: str
    disabled_at: datetime | None
    version: int
    roles: frozenset[StaffRole]
    accounts: tuple[Belongs, ...]
    #: The latest first.
    sign_ins: tuple[SignIn, ...]


def get_somebody(engine: Engine, principal: Principal, uuid: UUID) -> Somebody:
    with reading(engine, principal, P.PEOPLE_MANAGE) as connection:
        columns = (Person.id, Person.uuid, Person.kind, Person.name, Person.disabled_at, Person.version)
        row = connection.execute(select(*columns).where(Person.uuid == uuid)).one_or_none()
        if row is None:
            raise NotFound(str(uuid))
        roles = connection.scalars(select(StaffMember.role).where(StaffMember.person_id == row.id))
        return Somebody(
            row.id, row.uuid, PersonKind(row.kind), row.name, row.disabled_at, row.version,
            frozenset(map(StaffRole, roles)), _accounts(connection, row.id), _sign_ins(connection, uuid),
        )  # fmt: skip


def _accounts(connection: Connection, person: int) -> tuple[Belongs, ...]:
    named = Account.code, Account.name
    member = select(*named, Membership.role).join(Membership, Membership.account_id == Account.id)
    member = member.where(Membership.person_id == person, Membership.ended_at.is_(None)).order_by(Account.name)
    manages = select(*named).join(Assignment, Assignment.account_id == Account.id)
    manages = manages.where(Assignment.person_id == person).order_by(Account.name)
    return (
        *(Belongs(code, name, MemberRole(role)) for code, name, role in connection.execute(member)),
        *(Belongs(code, name, None) for code, name in connection.execute(manages)),
    )


def _sign_ins(connection: Connection, uuid: UUID) -> tuple[SignIn, ...]:
    browsers = func.authz.sign_ins_of(uuid).table_valued("device", "address", "began_at", "last_seen", "is_alive")
    return tuple(SignIn(*row) for row in connection.execute(select(browsers)))


class _ByAdministrator(Command):
    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        principal.require(P.PEOPLE_MANAGE)
        return principal, P.PEOPLE_MANAGE


@dataclass(frozen=True)
class AddStaff(_ByAdministrator):
    """Somebody new among the staff; use `add_staff` (auth/new_staff.py), which makes the link that they get by mail."""

    name: ClassVar = "person.add"
    needs_proof: ClassVar = True
    creates: ClassVar = True

    email: str
    person_name: str
    role: StaffRole
    nonce: str = field(repr=False)
    token_hash: bytes = field(repr=False)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        try:
            email = checked_email(self.email)
        except Invalid:
            raise Invalid(N_("Enter an e-mail address, like ana@acme.example."), "email") from None
        name = as_name(self.person_name)
        if not name:
            raise Invalid(N_("Please fill this in."), "person_name")
        if len(name) > LONGEST_NAME:
            too_long = N_("At most {most} characters; this has {count}.")
            raise Invalid(too_long, "person_name", most=LONGEST_NAME, count=len(name))
        says = cast({"nonce": self.nonce, "role": str(self.role)}, JSONB)
        adding = func.authz.add_staff(
            email, name, str(self.role), self.token_hash, says, new_message_id(), work.principal.address
        )
        uuid = work.connection.scalar(select(adding))
        if uuid is None:
            raise Invalid(N_("Somebody with this address is in the portal already."), "email")
        return {"uuid": str(uuid)}


@dataclass(frozen=True)
class _OfPerson(_ByAdministrator):
    person: UUID
    version: int

    def _somebody(self, work: Work) -> Any:
        """Nobody does it to themselves; who they are may have changed since it was looked at."""
        known = select(Person.id, Person.name, Person.kind, Person.version).where(Person.uuid == self.person)
        person = work.connection.execute(known).one_or_none()
        if person is None:
            raise NotFound(str(self.person))
        if person.id == work.principal.person_id:
            raise Conflict(N_("Nobody changes their own rights. Another administrator can."))
        if person.version != self.version:
            raise _changed(person.name)
        return person


def _changed(name: str) -> Conflict:
    return Conflict(N_("{name} was changed meanwhile. Look at it again, then change it."), name=name)


@dataclass(frozen=True)
class SetRoles(_OfPerson):
    """The roles that one of the staff may work in, as a whole."""

    name: ClassVar = "person.role"
    needs_proof: ClassVar = True

    roles: frozenset[StaffRole]

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        person = self._somebody(work)
        if person.kind != PersonKind.STAFF:
            raise Invalid(N_("A customer's person has no role among the staff."), "roles")
        if not self.roles:
            raise Invalid(N_("Choose at least one role, or disable this person."), "roles")
        wanted = cast(sorted(map(str, self.roles)), ARRAY(Text))
        setting = func.authz.set_staff_roles(self.person, self.version, wanted, work.principal.address)
        match work.connection.scalar(select(setting)):
            case "done":
                return {"changed": True}
            case "same":
                return {"changed": False}
        raise _changed(person.name)


@dataclass(frozen=True)
class DisablePerson(_OfPerson):
    """They are shut out now, in every browser; what they did and what they may stays as it is."""

    name: ClassVar = "person.disable"
    needs_proof: ClassVar = True

    reason: str = ""

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        person = self._somebody(work)
        why = self.reason.strip()
        if len(why) < SHORTEST_REASON:
            raise Invalid(N_("Please say why, in a sentence."), "reason")
        if len(why) > LONGEST_REASON:
            too_long = N_("At most {most} characters; this has {count}.")
            raise Invalid(too_long, "reason", most=LONGEST_REASON, count=len(why))
        shutting = func.authz.disable_person(self.person, self.version, why, work.principal.address)
        said: str = work.connection.execute(select(shutting)).scalar_one()
        if said.startswith("last "):
            raise Conflict(
                N_("{name} is the last administrator of {account}. Name another one first."),
                name=person.name, account=said.removeprefix("last ").replace(" ", ", "),
            )  # fmt: skip
        if said != "done":
            raise _changed(person.name)
        return {}


@dataclass(frozen=True)
class EnablePerson(_OfPerson):
    """They may come in again, with the password they had."""

    name: ClassVar = "person.enable"
    needs_proof: ClassVar = True

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        person = self._somebody(work)
        opening = func.authz.enable_person(self.person, self.version, work.principal.address)
        if work.connection.scalar(select(opening)) != "done":
            raise _changed(person.name)
        return {}


@dataclass(frozen=True)
class EndSessions(_ByAdministrator):
    """They are signed out in every browser, and may sign in again."""

    name: ClassVar = "person.sign_out"

    person: UUID

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        known = select(Person.id).where(Person.uuid == self.person)
        person = work.connection.scalar(known)
        if person is None:
            raise NotFound(str(self.person))
        if person == work.principal.person_id:
            raise Conflict(N_("Your own browsers stand in your settings."))
        ending = func.authz.end_sessions_of(self.person, work.principal.address)
        return {"ended": work.connection.execute(select(ending)).scalar_one()}
