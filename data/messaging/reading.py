"""One conversation as this person may read it, with its files; and with whom somebody could begin one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, and_, func, select, text

from data.audit import Deed, record
from data.database import reading, writing
from data.messages import IS_NEW, mine
from data.messaging.writing import account_of, speaking
from data.models import (
    Account,
    BroadcastFile,
    Invoice,
    ServiceOrder,
    Thread,
    ThreadFile,
    ThreadMember,
    ThreadMessage,
    Ticket,
)
from data.ticketing.files import File
from data.ticketing.reading import FileRef
from rules.errors import NotFound
from rules.messages import ASKS_FOR, OPENED_BY, About, Desk, Side, desks_for
from rules.permissions import Permission
from rules.principal import Principal

P = Permission
#: Of a long conversation the last ones are shown, and as many more at each step back.
PAGE_SIZE = 30


@dataclass(frozen=True)
class Message:
    uuid: UUID
    author: str
    is_mine: bool
    side: Side
    body: str
    written_at: datetime
    files: tuple[FileRef, ...]


@dataclass(frozen=True)
class Linked:
    """What a conversation is about: kind, the id of addresses, and its number."""

    kind: About
    uuid: UUID
    number: str
    account_id: int | None = None


@dataclass(frozen=True)
class Conversation:
    """The last messages of one thread; `earlier` are left out."""

    uuid: UUID
    account_id: int
    account: str
    subject: str
    desk: Desk
    about: Linked | None
    #: Of the customer's people, me among them.
    people: tuple[tuple[str, bool], ...]
    messages: tuple[Message, ...]
    earlier: int
    last_at: datetime
    is_unread: bool


@dataclass(frozen=True)
class Partner:
    """A colleague who could take part, and whether also in what is written to finance."""

    uuid: UUID
    name: str
    with_finance: bool


#: With the message, or once for all whom it reached.
_CONTENT = func.coalesce(ThreadFile.content, BroadcastFile.content)


def conversation_of(engine: Engine, principal: Principal, thread: UUID, *, most: int = PAGE_SIZE) -> Conversation:
    """NotFound for one they take no part in as for one that never was."""
    account = account_of(engine, principal, thread)
    with reading(engine, speaking(principal, account), P.MESSAGE_USE) as connection:
        row = connection.execute(_head(thread)).one_or_none()
        if row is None:  # the right went away since
            raise NotFound(str(thread))
        people = connection.execute(text("select name, is_me from authz.who_takes_part(:t)"), {"t": thread}).all()
        about = connection.execute(text("select * from authz.thread_is_about(:t)"), {"t": thread}).one_or_none()
        messages, earlier = _messages(connection, principal, row.account_id, row.id, most)
    return Conversation(
        thread,
        row.account_id,
        row.name,
        row.subject,
        Desk(row.desk),
        None if about is None else Linked(About(about.kind), about.uuid, about.number, row.account_id),
        tuple((name, is_me) for name, is_me in people),
        messages,
        earlier,
        row.last_at,
        row.is_new,
    )


def _head(thread: UUID) -> Any:
    columns = Thread.account_id, Thread.id, Account.name, Thread.subject, Thread.desk, Thread.last_at
    return (
        select(*columns, IS_NEW.label("is_new"))
        .select_from(Thread)
        .join(Account, Account.id == Thread.account_id)
        .outerjoin(ThreadMember, mine())
        .where(Thread.uuid == thread)
    )


def _messages(
    connection: Connection, principal: Principal, account: int, thread: int, most: int
) -> tuple[tuple[Message, ...], int]:
    m, f = ThreadMessage, ThreadFile
    of_it = m.account_id == account, m.thread_id == thread
    n = connection.execute(select(func.count()).select_from(m).where(*of_it)).scalar_one()
    columns = m.id, m.uuid, m.author_name, m.author_id, m.side, m.body, m.written_at
    last = connection.execute(select(*columns).where(*of_it).order_by(m.id.desc()).limit(most)).all()
    files: dict[int, list[FileRef]] = defaultdict(list)
    listed = select(f.message_id, f.uuid, f.name, func.octet_length(_CONTENT)).select_from(f).order_by(f.id)
    listed = listed.outerjoin(BroadcastFile, BroadcastFile.id == f.broadcast_file_id)
    for of, *file in connection.execute(
        listed.where(f.account_id == account, f.message_id.in_([row.id for row in last]))
    ):
        files[of].append(FileRef(*file))
    messages = tuple(
        Message(uuid, author, by == principal.person_id, Side(side), body, at, tuple(files[number]))
        for number, uuid, author, by, side, body, at in reversed(last)
    )
    return messages, n - len(messages)


def mark_read(engine: Engine, principal: Principal, conversation: Conversation) -> None:
    """Up to what was shown: what is written meanwhile stays unread."""
    with writing(engine, speaking(principal, conversation.account_id), P.MESSAGE_USE) as connection:
        connection.execute(select(func.authz.read_thread(conversation.uuid, conversation.last_at)))


def partners(engine: Engine, principal: Principal, account_id: int) -> tuple[Partner, ...]:
    """Colleagues of that account whom a conversation could be shared with."""
    with reading(engine, principal.looking_at((account_id,)), P.MESSAGE_USE) as connection:
        found = connection.execute(text("select person, name, with_finance from authz.who_may_take_part()"))
        return tuple(Partner(*row) for row in found)


def desks_of(principal: Principal, account_id: int, about: About | None = None) -> tuple[Desk, ...]:
    """To whom this person can write for that account."""
    return tuple(desk for desk in desks_for(about) if desk not in ASKS_FOR or principal.may(ASKS_FOR[desk], account_id))


_TABLES: dict[About, Any] = {About.TICKET: Ticket, About.INVOICE: Invoice, About.ORDER: ServiceOrder}


def linked(engine: Engine, principal: Principal, kind: About, uuid: UUID) -> Linked:
    """What somebody wants to write about, if they may open it; NotFound else."""
    table = _TABLES[kind]
    query = select(table.number, table.account_id).where(table.uuid == uuid)
    for function in OPENED_BY[kind]:
        held = tuple(account for account in principal.chosen if principal.may(function, account))
        # one's own tickets are seen in one account at a time
        for accounts in [(account,) for account in held] if function is P.TICKET_VIEW_OWN else [held]:
            if not accounts:
                continue
            with reading(engine, principal.looking_at(accounts), function) as connection:
                row = connection.execute(query).one_or_none()
            if row is not None:
                return Linked(kind, uuid, *row)
    raise NotFound(str(uuid))


def read_message_file(engine: Engine, principal: Principal, uuid: UUID) -> File:
    """The file, noted in the audit log; NotFound for a stranger's as for one that never was."""
    if not principal.may(P.MESSAGE_USE):
        raise NotFound(str(uuid))
    m, f = ThreadMessage, ThreadFile
    query = (
        select(f.name, f.media_type, _CONTENT.label("content"), f.account_id, Thread.uuid)
        .select_from(f)
        .outerjoin(BroadcastFile, BroadcastFile.id == f.broadcast_file_id)
        .join(m, and_(m.account_id == f.account_id, m.id == f.message_id))
        .join(Thread, and_(Thread.account_id == m.account_id, Thread.id == m.thread_id))
        .where(f.uuid == uuid)
    )
    with writing(engine, principal.covering(P.MESSAGE_USE), P.MESSAGE_USE) as connection:
        row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(str(uuid))
        deed = Deed(
            "attachment.read",
            "thread",
            object_id=str(row.uuid),
            account_id=row.account_id,
            function=P.MESSAGE_USE,
            after={"file": row.name},
        )
        record(connection, principal, deed)
    return File(row.name, row.media_type, row.content)
