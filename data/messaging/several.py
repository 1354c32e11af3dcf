"""What an account manager writes to several of their customers: written down first, then sent to each in turn."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, Engine, Uuid, func, insert, literal, select, text

from data.attached import named
from data.audit import Deed, record
from data.commands import Command, Work
from data.database import reading
from data.messaging.writing import note
from data.models import Account, Broadcast, BroadcastAccount, BroadcastFile
from data.outbox import new_message_id
from data.ticketing.saying import checked_body, refuse_too_long
from rules.errors import Forbidden, Invalid, NotFound
from rules.files import Accepted, Upload, accept
from rules.messages import LONGEST_SUBJECT, MOST_ACCOUNTS, Recipients
from rules.permissions import Permission, StaffRole
from rules.principal import Principal
from rules.words import N_

P = Permission
#: Of those that were begun, the last ones are shown.
MOST_SHOWN = 10


@dataclass(frozen=True)
class Reached:
    """An account that gets it: how many people got it there, or are waiting."""

    uuid: UUID
    code: str
    name: str
    people: int
    sent_at: datetime | None = None


@dataclass(frozen=True)
class Begun:
    """One text for several accounts, and how far it got."""

    uuid: UUID
    subject: str
    body: str
    recipients: Recipients
    begun_at: datetime
    sent: int
    accounts: int
    people: int

    @property
    def is_over(self) -> bool:
        return self.sent == self.accounts


def _manager(principal: Principal) -> tuple[Principal, Permission]:
    if principal.role is not StaffRole.ACCOUNT_MANAGER:
        raise Forbidden(P.BROADCAST_SEND)
    return principal, P.BROADCAST_SEND


@dataclass(frozen=True)
class BeginBroadcast(Command):
    """Accounts by their public ids; nobody is told anything yet."""

    name: ClassVar = "message.begin"
    creates: ClassVar = True

    subject: str
    body: str
    accounts: tuple[UUID, ...]
    recipients: str = Recipients.ADMINISTRATORS
    files: tuple[Upload, ...] = ()

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        return _manager(principal)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        subject = " ".join(self.subject.split())
        if not subject:
            raise Invalid(N_("Please write something."), "subject")
        refuse_too_long(subject, LONGEST_SUBJECT, "subject")
        body = checked_body(self.body)
        if self.recipients not in tuple(Recipients):
            raise Invalid(N_("Choose one of the list."), "recipients")
        accounts = list(dict.fromkeys(self.accounts))
        if not 0 < len(accounts) <= MOST_ACCOUNTS:
            raise Invalid(N_("Choose between one and {most} customers."), "accounts", most=MOST_ACCOUNTS)
        files = accept(self.files)
        begin = func.authz.begin_broadcast(subject, body, self.recipients, literal(accounts, ARRAY(Uuid)))
        broadcast: UUID = work.connection.execute(select(begin)).scalar_one()
        _keep_files(work, broadcast, files)
        deed = Deed(self.name, "thread", object_id=str(broadcast), object_label=subject, after=named(files) or None)
        record(work.connection, work.principal, deed)
        return {"broadcast": str(broadcast)}


def _keep_files(work: Work, broadcast: UUID, files: tuple[Accepted, ...]) -> None:
    """Once, for all whom it reaches."""
    its = select(Broadcast.id).where(Broadcast.uuid == broadcast).scalar_subquery()
    for file in files:
        row = {
            "broadcast_id": its, "name": file.name, "media_type": file.media_type,
            "sha256": hashlib.sha256(file.content).digest(), "content": file.content,
        }  # fmt: skip
        work.connection.execute(insert(BroadcastFile).inline().values(row))


@dataclass(frozen=True)
class SendBroadcastTo(Command):
    """To one of its accounts. What was sent there once is not sent again, whoever asks and however often."""

    name: ClassVar = "message.broadcast"

    broadcast: UUID
    account: UUID

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        return _manager(principal)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        this = Broadcast.uuid == self.broadcast, Account.uuid == self.account
        its = BroadcastAccount
        query = select(Account.id, its.sent_at).join(Broadcast, Broadcast.id == its.broadcast_id).where(*this)
        before = work.connection.execute(query.join(Account, Account.id == its.account_id)).one_or_none()
        if before is None:
            raise NotFound(str(self.account))
        send = func.authz.send_broadcast_to(self.broadcast, self.account, new_message_id())
        people: int = work.connection.execute(select(send)).scalar_one()
        if before.sent_at is None and people:
            note(work, self.name, before.id, self.broadcast)
        return {"people": people}


def count_recipients(
    engine: Engine, principal: Principal, accounts: tuple[UUID, ...], recipients: Recipients
) -> dict[UUID, int]:
    """How many people of each account would get it."""
    asked = select(text("account"), text("people")).select_from(
        func.authz.count_recipients(literal(list(accounts), ARRAY(Uuid)), recipients)
    )
    _manager(principal)
    with reading(engine, principal, P.BROADCAST_SEND) as connection:
        return {row.account: row.people for row in connection.execute(asked)}


def begun_by(engine: Engine, principal: Principal) -> tuple[Begun, ...]:
    """What this person wrote to several, the last first."""
    _manager(principal)
    with reading(engine, principal, P.BROADCAST_SEND) as connection:
        rows = connection.execute(_begun().order_by(Broadcast.begun_at.desc(), Broadcast.id.desc()).limit(MOST_SHOWN))
        return tuple(_as_begun(row) for row in rows)


def get_broadcast(engine: Engine, principal: Principal, uuid: UUID) -> tuple[Begun, tuple[Reached, ...]]:
    """One of theirs with its accounts; NotFound for a colleague's as for none."""
    _manager(principal)
    with reading(engine, principal, P.BROADCAST_SEND) as connection:
        row = connection.execute(_begun().where(Broadcast.uuid == uuid)).one_or_none()
        if row is None:
            raise NotFound(str(uuid))
        to = connection.execute(
            select(Account.uuid, Account.code, Account.name, BroadcastAccount.people, BroadcastAccount.sent_at)
            .join(BroadcastAccount, BroadcastAccount.account_id == Account.id)
            .join(Broadcast, Broadcast.id == BroadcastAccount.broadcast_id)
            .where(Broadcast.uuid == uuid)
            .order_by(Account.name, Account.id)
        ).all()
    return _as_begun(row), tuple(Reached(*each) for each in to)


def _begun() -> Any:
    a = BroadcastAccount
    sent = func.count(a.sent_at).label("sent")
    return (
        select(
            Broadcast.uuid, Broadcast.subject, Broadcast.body, Broadcast.recipients, Broadcast.begun_at, sent,
            func.count().label("accounts"), func.sum(a.people).label("people"),
        )
        .join(a, a.broadcast_id == Broadcast.id)
        .group_by(Broadcast.id)
    )  # fmt: skip


def _as_begun(row: Any) -> Begun:
    uuid, subject, body, recipients, begun_at, sent, accounts, people = row
    return Begun(uuid, subject, body, Recipients(recipients), begun_at, sent, accounts, int(people))
