"""Invitations: who was asked by mail to join an account and has not answered yet, and the commands about them.

Whose address it is makes no difference here: known, unknown and staff are
answered alike (data/security/invitations.sql)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, func, select, text

from data.access import rights_said
from data.audit import Deed, record
from data.commands import Command, Work
from data.database import reading
from data.models import Account, Invitation, Membership, Person
from data.outbox import new_message_id
from data.people import checked_email
from rules.access import Access, MemberRole, Rights, check_access
from rules.accounts import LONGEST_REASON, SHORTEST_REASON
from rules.errors import Conflict, Invalid, NotFound, Problems, refused
from rules.names import LONGEST_NAME, as_name
from rules.permissions import Permission
from rules.principal import PersonKind, Principal
from rules.words import N_

P = Permission
#: So many are shown at once; the newest first.
MOST = 100
_LANGUAGE = re.compile(r"[a-z]{2}(_[A-Za-z]{2,4})?")


class InvitationState(StrEnum):
    """How an invitation stands that was neither accepted nor taken back."""

    INVITED = "invited"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Invited:
    """Somebody who was asked to join, as whoever runs the account sees it."""

    uuid: UUID
    account_id: int
    account: str
    email: str
    name: str
    access: Access
    invited_by: str
    sent_at: datetime
    expires_at: datetime
    edition: int
    state: InvitationState


_i = Invitation.__table__
#: Nobody answered it yet, and nobody took it back.
is_waiting = _i.c.accepted_at.is_(None), _i.c.revoked_at.is_(None)
_is_over = _i.c.expires_at <= func.now()
_COLUMNS = (
    _i.c.uuid, _i.c.account_id, Account.name.label("account"), _i.c.email, _i.c.name, _i.c.role, _i.c.rights,
    _i.c.invited_by_name, _i.c.sent_at, _i.c.expires_at, _i.c.edition, _is_over.label("is_over"),
)  # fmt: skip


def list_invitations(engine: Engine, principal: Principal, account_id: int | None = None) -> tuple[Invited, ...]:
    """Those that nobody answered yet, of the accounts in view or of this one, the newest first."""
    query = _waiting().order_by(_i.c.sent_at.desc(), _i.c.id.desc()).limit(MOST)
    accounts = principal.chosen if account_id is None else (account_id,)
    if not principal.is_staff or account_id is not None:
        query = query.where(_i.c.account_id.in_(accounts))
    with reading(engine, principal, function_of(principal)) as connection:
        return tuple(map(_invited, connection.execute(query)))


def get_invitation(engine: Engine, principal: Principal, uuid: UUID) -> Invited:
    """NotFound for one of an account that this person does not run, as for one that never was."""
    with reading(engine, principal, function_of(principal)) as connection:
        return _found(connection, uuid)


def function_of(principal: Principal) -> Permission:
    """By which somebody lets people into an account: who runs it, or staff who manage access."""
    return P.ACCESS_MANAGE if principal.is_staff else P.USER_MANAGE


def _waiting() -> Any:
    joined = _i.join(Account.__table__, Account.id == _i.c.account_id)
    return select(*_COLUMNS).select_from(joined).where(*is_waiting)


def _found(connection: Connection, uuid: UUID) -> Invited:
    row = connection.execute(_waiting().where(_i.c.uuid == uuid)).one_or_none()
    if row is None:
        raise NotFound(str(uuid))
    return _invited(row)


def _invited(row: Any) -> Invited:
    rights = {P(function): None if sites is None else frozenset(sites) for function, sites in row.rights.items()}
    return Invited(
        row.uuid, row.account_id, row.account, row.email, row.name, Access(MemberRole(row.role), rights),
        row.invited_by_name, row.sent_at, row.expires_at, row.edition,
        InvitationState.EXPIRED if row.is_over else InvitationState.INVITED,
    )  # fmt: skip


def _inviting(principal: Principal, account_id: int) -> tuple[Principal, Permission]:
    """Whoever runs the account looks at it alone; staff look at all of them."""
    function = function_of(principal)
    principal.require(function)
    if principal.is_staff:
        return principal, function
    who = principal.looking_at((account_id,))
    who.require(function)
    return who, function


# --- commands


@dataclass(frozen=True)
class Invite(Command):
    """Ask somebody to join the account. `reason`: why staff do it, which the customer reads in their log."""

    name: ClassVar = "access.invite"
    needs_proof: ClassVar = True
    creates: ClassVar = True

    account_id: int
    email: str
    person_name: str
    role: MemberRole
    rights: Rights = field(default_factory=dict)
    language: str = "en"
    reason: str = ""

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        return _inviting(principal, self.account_id)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        wrong = self.problems(by_staff=work.principal.is_staff)
        if wrong:
            raise Problems(wrong)
        email, uuid = checked_email(self.email), uuid4()
        if work.principal.is_staff and _is_of_staff(work.connection, email):
            raise Invalid(N_("This is the address of one of the staff."), "email")
        if self._is_member(work.connection, email):
            raise Invalid(N_("Somebody with this address belongs to the account already."), "email")
        said = work.connection.scalar(_INVITE, self._values(email, uuid))
        if said == "waiting":
            raise Invalid(N_("This address was invited already: send that invitation again, or take it back."), "email")
        _refuse_too_many(said)
        if work.principal.is_staff:  # authz.invite() has noted it, and told all who run the account
            return {"invitation": str(uuid)}
        given = Access(self.role, self.rights)
        after = {"email": email, **rights_said(work.connection, given)}
        _note(work, self.name, self.account_id, uuid, as_name(self.person_name), after=after, reason=self.reason)
        return {"invitation": str(uuid)}

    def problems(self, *, by_staff: bool) -> list[Invalid]:
        """All that cannot be accepted whoever it is about, in the order of the form."""
        checks = (self._check_email, self._check_name, self._check_language, self._check_access)
        return refused(*checks, *((self._check_reason,) if by_staff else ()))

    def _check_email(self) -> None:
        try:
            checked_email(self.email)
        except Invalid:
            raise Invalid(N_("Enter an e-mail address, like ana@acme.example."), "email") from None

    def _check_name(self) -> None:
        if not as_name(self.person_name):
            raise Invalid(N_("Enter a name."), "person_name")
        if len(as_name(self.person_name)) > LONGEST_NAME:
            raise Invalid(N_("The name is too long: use at most 100 characters."), "person_name")

    def _check_language(self) -> None:
        if not _LANGUAGE.fullmatch(self.language):
            raise Invalid(N_("Choose a language."), "language")

    def _check_access(self) -> None:
        check_access(Access(self.role, self.rights))
        if self.role is MemberRole.GENERAL and not self.rights:
            raise Invalid(N_("Choose at least one function."), "rights")

    def _check_reason(self) -> None:
        if not SHORTEST_REASON <= len(self.reason.strip()) <= LONGEST_REASON:
            raise Invalid(N_("Please say why, in a sentence: the customer reads it."), "reason")

    def _is_member(self, connection: Connection, email: str) -> bool:
        """Whoever invites sees the people of the account anyway."""
        theirs = Membership.account_id == self.account_id, Membership.ended_at.is_(None)
        known = select(Membership.id).join(Person, Person.id == Membership.person_id)
        known = known.where(*theirs, func.lower(Person.email) == func.lower(email))
        return connection.execute(known).first() is not None

    def _values(self, email: str, uuid: UUID) -> dict[str, Any]:
        rights = {str(function): sites and sorted(sites) for function, sites in self.rights.items()}
        return {
            "account": self.account_id,
            "uuid": uuid,
            "email": email,
            "name": as_name(self.person_name),
            "language": self.language,
            "role": str(self.role),
            "rights": json.dumps(rights),
            "reason": self.reason.strip(),
            "message_id": new_message_id(),
        }


def _is_of_staff(connection: Connection, email: str) -> bool:
    """For staff, who know each other: whoever else invites learns nothing about an address."""
    known = select(Person.id).where(func.lower(Person.email) == func.lower(email), Person.kind == PersonKind.STAFF)
    return connection.execute(known).first() is not None


_INVITE = text(
    "select authz.invite("
    ":account, :uuid, :email, :name, :language, :role, cast(:rights as jsonb), :reason, :message_id)"
)


@dataclass(frozen=True)
class _OfInvitation(Command):
    """What is done to an invitation that waits, as it was seen. `reason`: why staff do it, which the customer reads."""

    invitation: UUID
    edition: int
    reason: str = ""

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        principal.require(function_of(principal))
        return _inviting(principal, get_invitation(engine, principal, self.invitation).account_id)

    def _values(self, principal: Principal) -> dict[str, Any]:
        why = self.reason.strip()
        if principal.is_staff and not SHORTEST_REASON <= len(why) <= LONGEST_REASON:
            raise Invalid(N_("Please say why, in a sentence: the customer reads it."), "reason")
        return {"uuid": self.invitation, "edition": self.edition, "why": why, "message_id": new_message_id()}

    def _told(self, work: Work, invited: Invited) -> None:
        if work.principal.is_staff:  # the function has noted it, and told all who run the account
            return
        before = {"email": invited.email}
        _note(work, self.name, invited.account_id, self.invitation, invited.name, after=before, reason=self.reason)


@dataclass(frozen=True)
class ResendInvitation(_OfInvitation):
    """Another letter with another link, which lasts for seven days; the one before is dead."""

    name: ClassVar = "access.resend"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        invited = _found(work.connection, self.invitation)
        sending = text("select authz.resend_invitation(:uuid, :edition, :why, :message_id)")
        said = work.connection.scalar(sending, self._values(work.principal))
        if said == "changed":
            raise _changed(invited)
        if said == "too_soon":
            raise Invalid(N_("The letter was sent a moment ago. Wait a minute before you send it again."))
        _refuse_too_many(said)
        self._told(work, invited)
        return {}


@dataclass(frozen=True)
class RevokeInvitation(_OfInvitation):
    """Taken back: the link in the letter is dead."""

    name: ClassVar = "access.revoke"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        invited = _found(work.connection, self.invitation)
        taking_back = text("select authz.revoke_invitation(:uuid, :edition, :why, :message_id)")
        if not work.connection.scalar(taking_back, self._values(work.principal)):
            raise _changed(invited)
        self._told(work, invited)
        return {}


def _changed(invited: Invited) -> Conflict:
    return Conflict(N_("The invitation of {name} was changed meanwhile. Look at how it stands now."), name=invited.name)


def _refuse_too_many(said: str | None) -> None:
    if said == "too_many":
        raise Invalid(N_("Too many invitations were sent today. Go on tomorrow, or ask the service desk."))


def _note(
    work: Work, action: str, account_id: int, uuid: UUID, label: str, *, after: dict[str, Any], reason: str
) -> None:
    deed = Deed(
        action,
        "invitation",
        object_id=str(uuid),
        object_label=label,
        account_id=account_id,
        function=P.USER_MANAGE,
        after=after,
        reason=reason.strip() or None,
    )
    record(work.connection, work.principal, deed)
