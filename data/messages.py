"""Messages behind the envelope: conversations between the people of an account and staff (SPEC §7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, Select, and_, func, or_, select, true, update

from data.database import reading, writing
from data.models import Account, Thread, ThreadMember, ThreadMessage
from rules.errors import NotFound
from rules.permissions import Permission
from rules.principal import Principal

P = Permission
PAGE_SIZE = 20
#: So many pages can be turned.
MOST_PAGES = 40
#: Of a long conversation the last ones are shown.
MOST_MESSAGES = 100

_LAST_FIRST = (ThreadMessage.written_at.desc(), ThreadMessage.id.desc())

#: Somebody wrote after the last time this person looked.
IS_NEW = or_(ThreadMember.read_until.is_(None), Thread.last_at > ThreadMember.read_until)


@dataclass(frozen=True)
class ThreadRow:
    """A conversation as a list shows it, with the last words of it."""

    uuid: UUID
    subject: str
    account: str
    last_author: str | None
    last_words: str | None
    last_at: datetime
    is_unread: bool


@dataclass(frozen=True)
class ThreadPage:
    rows: tuple[ThreadRow, ...]
    pages: int


@dataclass(frozen=True)
class Message:
    author: str
    is_mine: bool
    body: str
    written_at: datetime


@dataclass(frozen=True)
class Conversation:
    """One thread from its beginning; `earlier` messages are left out of a very long one."""

    row: ThreadRow
    messages: tuple[Message, ...]
    earlier: int


def taking_part(person_id: int) -> ColumnElement[bool]:
    """A thread's own member row of this person; the policy lets nobody see another's."""
    return and_(
        ThreadMember.account_id == Thread.account_id,
        ThreadMember.thread_id == Thread.id,
        ThreadMember.person_id == person_id,
    )


def list_threads(engine: Engine, principal: Principal, *, page: int = 1) -> ThreadPage:
    """The conversations this person takes part in, the liveliest first."""
    query = _threads(principal).order_by(Thread.last_at.desc(), Thread.id.desc())
    query = query.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    mine = select(Thread.id).join(ThreadMember, taking_part(principal.person_id)).limit(PAGE_SIZE * MOST_PAGES)
    with reading(engine, principal, P.MESSAGE_USE) as connection:
        rows = tuple(ThreadRow(*row) for row in connection.execute(query))
        n = connection.execute(select(func.count()).select_from(mine.subquery())).scalar_one()
    return ThreadPage(rows, max(1, -(-n // PAGE_SIZE)))


def get_conversation(engine: Engine, principal: Principal, uuid: UUID) -> Conversation:
    """One thread; NotFound for one they take no part in as for one that never was."""
    said = (
        select(ThreadMessage.author_name, ThreadMessage.author_id, ThreadMessage.body, ThreadMessage.written_at)
        .join(Thread, and_(Thread.account_id == ThreadMessage.account_id, Thread.id == ThreadMessage.thread_id))
        .where(Thread.uuid == uuid)
    )
    with reading(engine, principal, P.MESSAGE_USE) as connection:
        found = connection.execute(_threads(principal).where(Thread.uuid == uuid)).one_or_none()
        if found is None:
            raise NotFound(str(uuid))
        n = connection.execute(select(func.count()).select_from(said.subquery())).scalar_one()
        last = connection.execute(said.order_by(*_LAST_FIRST).limit(MOST_MESSAGES)).all()
    messages = tuple(Message(name, by == principal.person_id, body, at) for name, by, body, at in reversed(last))
    return Conversation(ThreadRow(*found), messages, n - len(messages))


def mark_read(engine: Engine, principal: Principal, thread: ThreadRow) -> None:
    """Up to what was shown: what is written meanwhile stays unread."""
    same = and_(ThreadMember.account_id == Thread.account_id, ThreadMember.thread_id == Thread.id)
    mine = update(ThreadMember).where(same, Thread.uuid == thread.uuid, ThreadMember.person_id == principal.person_id)
    with writing(engine, principal, P.MESSAGE_USE) as connection:
        connection.execute(mine.values(read_until=thread.last_at))


def _threads(principal: Principal) -> Select[Any]:
    last = (
        select(ThreadMessage.author_name, func.left(ThreadMessage.body, 160).label("words"))
        .where(ThreadMessage.account_id == Thread.account_id, ThreadMessage.thread_id == Thread.id)
        .order_by(*_LAST_FIRST)
        .limit(1)
        .lateral("last")
    )
    columns = Thread.uuid, Thread.subject, Account.name, last.c.author_name, last.c.words, Thread.last_at, IS_NEW
    return (
        select(*columns)
        .select_from(Thread)
        .join(ThreadMember, taking_part(principal.person_id))
        .join(Account, Account.id == Thread.account_id)
        .outerjoin(last, true())
    )
