"""What people write to each other behind the envelope, and what they think of the portal.

Conversations are written by the functions of data/security/messages.sql, and by no hat."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, Created, Id, Moment, PublicId, one_of, table_info
from data.models.rows import (
    CUSTOMER_HATS,
    IS_MANAGER,
    ME,
    PEOPLE_HATS,
    Hat,
    Rows,
    Write,
    account,
    following,
    managed,
    several,
    staff,
)
from rules import feedback
from rules.messages import ABOUT, LONGEST, LONGEST_SUBJECT, About, Desk, Recipients, Side
from rules.permissions import Permission

P = Permission

_MINE = f"person_id = {ME}"

#: Taking part is not enough: the function must still be held for that account.
_TAKING_PART = {
    Hat.CUSTOMER: f"{_MINE} and account_id = {account(P.MESSAGE_USE)}",
    Hat.OWN: f"{_MINE} and account_id = {account(P.MESSAGE_USE)}",
    Hat.MANY: f"{_MINE} and account_id = {several(P.MESSAGE_USE)}",
    Hat.STAFF: f"{_MINE} and {staff(P.MESSAGE_USE)}",
    Hat.MANAGER: f"{_MINE} and {managed(P.MESSAGE_USE)}",
}

_I_AM_IN_IT = (
    "exists (select from portal.thread_member tm where tm.account_id = {table}.account_id "
    "and tm.thread_id = {table}.id)"
)


def _customers(invoices: str) -> str:
    """What is written to finance is about money: it needs the function that opens that."""
    return f"{_I_AM_IN_IT} and (desk <> '{Desk.FINANCE}' or account_id = {invoices})"


#: Staff take part by their role: whoever works as finance or at the service desk, and who looks after the account.
_READERS = {
    Hat.CUSTOMER: _customers(account(P.INVOICE_VIEW)),
    Hat.OWN: _customers(account(P.INVOICE_VIEW)),
    Hat.MANY: _customers(several(P.INVOICE_VIEW)),
    Hat.STAFF: (
        f"{staff(P.MESSAGE_USE)} and case desk when '{Desk.FINANCE}' then {staff(P.INVOICE_MANAGE)} "
        f"when '{Desk.SERVICE_DESK}' then {staff(P.TICKET_WORK)} else false end"
    ),
    Hat.MANAGER: f"desk = '{Desk.ACCOUNT_MANAGER}' and {managed(P.MESSAGE_USE)}",
}


def _may_be_about() -> str:
    pairs = ", ".join(f"'{desk} {about}'" for desk in Desk for about in sorted(ABOUT[desk]))
    both = "(about_kind is null) = (about_uuid is null)"
    return f"{both} and (about_kind is null or desk || ' ' || about_kind in ({pairs}))"


class Thread(Base):
    """A conversation between people of one account and a desk of ours."""

    __tablename__ = "thread"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: Who of us answers; everybody of that role who may reach the account reads it.
    desk: Mapped[str] = mapped_column(server_default=Desk.ACCOUNT_MANAGER)
    subject: Mapped[str]
    about_kind: Mapped[str | None]
    about_uuid: Mapped[UUID | None]
    started_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[Created]
    last_at: Mapped[Created]
    #: Which side wrote last: for staff a conversation is new as long as none of them has answered.
    last_side: Mapped[str] = mapped_column(server_default=Side.CUSTOMER)
    __table_args__ = (
        UniqueConstraint("account_id", "id"),
        one_of("desk", Desk),
        one_of("about_kind", About),
        one_of("last_side", Side),
        CheckConstraint(_may_be_about(), name="about"),
        CheckConstraint(f"length(subject) between 1 and {LONGEST_SUBJECT}", name="subject"),
        Index("ix_thread_last", "account_id", "last_at", "id"),
        Index("ix_thread_waiting", "desk", "account_id", postgresql_where=text("last_side = 'customer'")),
        Index("ix_thread_started_by", "started_by", "started_at"),
        table_info(Rows(see=_READERS)),
    )


class ThreadMember(Base):
    """Somebody who takes part in a thread, and up to where they have read it. Of staff: who has opened it."""

    __tablename__ = "thread_member"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    read_until: Mapped[Moment | None]
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "thread_id"], ["thread.account_id", "thread.id"]),
        table_info(Rows(see=_TAKING_PART)),
    )


class ThreadMessage(Base):
    """One message of a thread."""

    __tablename__ = "thread_message"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    account_id: Mapped[int]
    thread_id: Mapped[int]
    side: Mapped[str] = mapped_column(server_default=Side.CUSTOMER)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    author_name: Mapped[str]
    body: Mapped[str]
    written_at: Mapped[Created]
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "thread_id"], ["thread.account_id", "thread.id"]),
        UniqueConstraint("account_id", "id"),
        one_of("side", Side),
        CheckConstraint(f"length(body) <= {LONGEST}", name="body"),
        Index("ix_thread_message_thread", "account_id", "thread_id", "id"),
        table_info(following("thread", ("account_id", "account_id"), ("thread_id", "id"), hats=PEOPLE_HATS)),
    )


#: A file comes with one's own message.
_WITH_MY_WORDS = (
    "exists (select from portal.thread_message m where m.account_id = {table}.account_id "
    f"and m.id = {{table}}.message_id and m.author_id = {ME})"
)
#: It becomes a header of the answer.
_MEDIA_TYPE = "media_type ~ '^[a-z]+/[a-z0-9][a-z0-9.+-]*$' and length(media_type) <= 100"
_FILE = ("account_id", "message_id", "name", "media_type", "sha256", "content")


class ThreadFile(Base):
    """A file of a message."""

    __tablename__ = "thread_file"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    account_id: Mapped[int]
    message_id: Mapped[int]
    name: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[bytes]
    content: Mapped[bytes | None]
    #: What came with a text to several customers is kept once, and not with each of them.
    broadcast_file_id: Mapped[int | None] = mapped_column(ForeignKey("broadcast_file.id"), index=True)
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "message_id"], ["thread_message.account_id", "thread_message.id"]),
        CheckConstraint("(content is null) <> (broadcast_file_id is null)", name="kept_once"),
        CheckConstraint("octet_length(content) between 1 and 10485760", name="size"),
        CheckConstraint(_MEDIA_TYPE, name="media_type"),
        Index("ix_thread_file_message", "account_id", "message_id"),
        table_info(
            following("thread_message", ("account_id", "account_id"), ("message_id", "id"), hats=PEOPLE_HATS).plus(
                insert={
                    Hat.CUSTOMER: Write(_FILE, f"account_id = {account(P.MESSAGE_USE)} and {_WITH_MY_WORDS}"),
                    Hat.STAFF: Write(_FILE, f"{staff(P.MESSAGE_USE)} and {_WITH_MY_WORDS}"),
                    Hat.MANAGER: Write(_FILE, f"{managed(P.MESSAGE_USE)} and {_WITH_MY_WORDS}"),
                }
            )
        ),
    )


class Broadcast(Base):
    """One text that an account manager writes to several of their customers; each gets a conversation of their own."""

    __tablename__ = "broadcast"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    subject: Mapped[str]
    body: Mapped[str]
    recipients: Mapped[str]
    begun_at: Mapped[Created]
    __table_args__ = (
        one_of("recipients", Recipients),
        CheckConstraint(f"length(subject) between 1 and {LONGEST_SUBJECT}", name="subject"),
        CheckConstraint(f"length(body) between 1 and {LONGEST}", name="body"),
        table_info(Rows(see={Hat.MANAGER: f"{IS_MANAGER} and author_id = {ME}"})),
    )


_OF_MY_TEXT = "exists (select from portal.broadcast b where b.id = {table}.broadcast_id)"
#: Whoever reads a message that it came with.
_CAME_TO_ME = "exists (select from portal.thread_file f where f.broadcast_file_id = {table}.id)"


class BroadcastFile(Base):
    """A file of such a text, kept once for all whom it reaches: their own files name it (`ThreadFile`)."""

    __tablename__ = "broadcast_file"
    id: Mapped[Id]
    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcast.id"), index=True)
    name: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[bytes]
    content: Mapped[bytes]
    __table_args__ = (
        CheckConstraint("octet_length(content) between 1 and 10485760", name="size"),
        CheckConstraint(_MEDIA_TYPE, name="media_type"),
        table_info(
            Rows(
                see={
                    **dict.fromkeys((*CUSTOMER_HATS, Hat.STAFF), _CAME_TO_ME),
                    Hat.MANAGER: f"{_OF_MY_TEXT} or {_CAME_TO_ME}",
                },
                insert={
                    Hat.MANAGER: Write(
                        ("broadcast_id", "name", "media_type", "sha256", "content"), f"{IS_MANAGER} and {_OF_MY_TEXT}"
                    )
                },
                # of which text it is, and so who else got it, is for its author
                columns=dict.fromkeys((*CUSTOMER_HATS, Hat.STAFF), ("id", "content")),
            )
        ),
    )


class BroadcastAccount(Base):
    """An account that such a text goes to, and what became of it. Sent once: whoever takes it up again goes on."""

    __tablename__ = "broadcast_account"
    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcast.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    thread_id: Mapped[int | None]
    #: How many people of the account got it.
    people: Mapped[int] = mapped_column(server_default=text("0"))
    sent_at: Mapped[Moment | None]
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "thread_id"], ["thread.account_id", "thread.id"]),
        table_info(
            following("broadcast", ("broadcast_id", "id"), hats=(Hat.MANAGER,), also=managed(P.BROADCAST_SEND)),
        ),
    )


class Feedback(Base):
    """What somebody thinks of a page; it goes to the account manager and the desk."""

    __tablename__ = "feedback"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    #: Under the name they had: who reads it may not see the person any more.
    author_name: Mapped[str] = mapped_column(server_default="")
    rating: Mapped[int] = mapped_column(SmallInteger)
    body: Mapped[str]
    page: Mapped[str]
    written_at: Mapped[Created]
    __table_args__ = (
        CheckConstraint("rating between 1 and 5", name="rating"),
        CheckConstraint(f"length(body) <= {feedback.LONGEST} and length(page) <= {feedback.LONGEST_PAGE}", name="body"),
        Index("ix_feedback_person", "person_id", "written_at"),
        table_info(
            Rows(
                see={
                    **dict.fromkeys(CUSTOMER_HATS, _MINE),
                    Hat.STAFF: staff(P.TICKET_WORK),
                    Hat.MANAGER: managed(P.ACCOUNT_VIEW),
                }
            )
        ),
    )
