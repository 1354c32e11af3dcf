"""What people write to each other: a customer begins a conversation with a desk of ours, and either side goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, Engine, Uuid, func, literal, select

from data.attached import Folder, keep_files, named
from data.audit import Deed, record
from data.commands import Command, Work
from data.database import reading
from data.models import Thread, ThreadFile, ThreadMessage
from data.outbox import new_message_id
from data.ticketing.saying import checked_body, refuse_too_long
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.files import Accepted, Upload, accept
from rules.messages import ABOUT, ASKS_FOR, LONGEST_SUBJECT, Desk
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

P = Permission
FILES = Folder(
    ThreadFile, ThreadMessage, ThreadMessage.thread_id, most=50, full=N_("A conversation holds at most {most} files.")
)


@dataclass(frozen=True)
class StartThread(Command):
    """With one desk, in the name of one account; `colleagues` take part as well. Who of us reads it, the desk says."""

    name: ClassVar = "message.start"
    creates: ClassVar = True

    account: UUID
    desk: str
    subject: str
    body: str
    colleagues: tuple[UUID, ...] = ()
    about: tuple[str, UUID] | None = None
    files: tuple[Upload, ...] = ()

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        if principal.is_staff:
            raise Forbidden(P.MESSAGE_USE)
        account = next((each.id for each in principal.accounts if each.uuid == self.account), None)
        if account is None:
            raise NotFound(str(self.account))
        if not principal.may(P.MESSAGE_USE, account):
            raise Forbidden(P.MESSAGE_USE)
        return principal.looking_at((account,)), P.MESSAGE_USE

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        subject, body, files = self._checked(work.principal)
        kind, uuid = self.about or (None, None)
        begun = work.connection.execute(
            select("*").select_from(
                func.authz.start_thread(
                    self.desk, kind, literal(uuid, Uuid), subject, body,
                    literal(list(dict.fromkeys(self.colleagues)), ARRAY(Uuid)), new_message_id(),
                )
            )
        ).one_or_none()  # fmt: skip
        if begun is None:
            raise Conflict(N_("You have begun many conversations within an hour. Please write in one of them."))
        thread, message = begun
        (account,) = work.principal.chosen
        keep_files(work, FILES, account, message, files)
        note(work, self.name, account, thread, after=named(files) or None)
        return {"thread": str(thread)}

    def _checked(self, principal: Principal) -> tuple[str, str, tuple[Accepted, ...]]:
        if self.desk not in tuple(Desk):
            raise Invalid(N_("Choose one of the list."), "desk")
        desk = Desk(self.desk)
        if desk in ASKS_FOR:
            principal.require(ASKS_FOR[desk])
        if self.about is not None and self.about[0] not in ABOUT[desk]:
            raise Invalid(N_("This is nothing that they may read. Write to somebody else about it."), "desk")
        subject = " ".join(self.subject.split())
        if not subject:
            raise Invalid(N_("Please write something."), "subject")
        refuse_too_long(subject, LONGEST_SUBJECT, "subject")
        return subject, checked_body(self.body), accept(self.files)


@dataclass(frozen=True)
class SayInThread(Command):
    """Whoever takes part, of the customer's people or of ours."""

    name: ClassVar = "message.say"
    creates: ClassVar = True

    thread: UUID
    body: str
    files: tuple[Upload, ...] = ()

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        return speaking(principal, account_of(engine, principal, self.thread)), P.MESSAGE_USE

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        body, files = checked_body(self.body), accept(self.files)
        said = func.authz.say_in_thread(self.thread, body, new_message_id())
        message: int = work.connection.execute(select(said)).scalar_one()
        account = work.connection.execute(
            select(ThreadMessage.account_id).join(Thread, Thread.account_id == ThreadMessage.account_id)
            .where(Thread.uuid == self.thread, ThreadMessage.id == message)
        ).scalar_one()  # fmt: skip
        keep_files(work, FILES, account, message, files)
        note(work, self.name, account, self.thread, after=named(files) or None)
        return {"message": message}


def account_of(engine: Engine, principal: Principal, thread: UUID) -> int:
    """Of which account; NotFound for a thread they take no part in as for one that never was."""
    principal = principal.covering(P.MESSAGE_USE)
    with reading(engine, principal, P.MESSAGE_USE) as connection:
        account = connection.scalar(select(Thread.account_id).where(Thread.uuid == thread))
    if account is None:
        raise NotFound(str(thread))
    return account


def speaking(principal: Principal, account_id: int) -> Principal:
    """For what the database does for one account: the person looking at that one alone."""
    return principal if principal.is_staff else principal.looking_at((account_id,))


def note(work: Work, action: str, account_id: int, thread: UUID, *, after: Mapping[str, Any] | None = None) -> None:
    """For the audit log, without the subject: what is written is for those who take part."""
    deed = Deed(
        action, "thread", object_id=str(thread), account_id=account_id, function=P.MESSAGE_USE, after=after,
    )  # fmt: skip
    record(work.connection, work.principal, deed)
