"""What is said about a ticket: the conversation, its files, and who hears of it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, Created, Id, Moment, PublicId, one_of, table_info
from data.models.rows import ME, PEOPLE_HATS, Hat, Rows, Write, following
from data.models.tickets.parts import WRITING, added_with, follow_ticket, of_a_ticket_worked_on, ticket_key

_NOT_INTERNAL = "{table}.kind <> 'internal_note'"
#: Nobody writes in another's name: not as its author, and not under a name that is not theirs.
_MINE = f"author_id = {ME} and exists (select from portal.person me where me.id = {ME} and me.name = author_name)"


def _said() -> Rows:
    """Customers write notes, the desk replies to the customer or notes something for itself."""
    columns = ("account_id", "ticket_id", "kind", "author_id", "author_name", "body")
    kinds = {
        **dict.fromkeys((Hat.CUSTOMER, Hat.OWN), "{table}.kind = 'customer_note'"),
        Hat.STAFF: "{table}.kind in ('staff_reply', 'internal_note')",
    }
    return follow_ticket(hide=_NOT_INTERNAL).plus(
        insert={
            hat: Write(columns, f"{of_a_ticket_worked_on(hat)} and {kind} and {_MINE}") for hat, kind in kinds.items()
        }
    )


class TicketMessage(Base):
    """One contribution to the conversation; internal notes are never seen by a customer."""

    __tablename__ = "ticket_message"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    account_id: Mapped[int]
    ticket_id: Mapped[int]
    kind: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    author_name: Mapped[str]
    body: Mapped[str]
    written_at: Mapped[Created] = mapped_column(server_default=text("clock_timestamp()"))
    __table_args__ = (
        ticket_key(),
        UniqueConstraint("account_id", "ticket_id", "id"),
        one_of("kind", ("customer_note", "staff_reply", "internal_note")),
        CheckConstraint("length(body) <= 10000", name="body"),
        Index("ix_ticket_message_ticket", "account_id", "ticket_id", "id"),
        table_info(_said()),
    )


#: A file is added to one's own contribution, by whoever may still work on the ticket.
_WITH_MY_MESSAGE = (
    "exists (select from portal.ticket_message m where m.account_id = {table}.account_id "
    "and m.ticket_id = {table}.ticket_id and m.id = {table}.message_id and m.author_id = " + ME + ") "
    f"and uploaded_by = {ME}"
)
_FILE = ("account_id", "ticket_id", "message_id", "name", "media_type", "size", "sha256", "content", "uploaded_by")


class Attachment(Base):
    """A file of a ticket, kept in the database; it is seen exactly by whom its message is seen by."""

    __tablename__ = "attachment"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    account_id: Mapped[int]
    ticket_id: Mapped[int]
    message_id: Mapped[int]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[bytes]
    content: Mapped[bytes]
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[Created]
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "ticket_id", "message_id"],
            ["ticket_message.account_id", "ticket_message.ticket_id", "ticket_message.id"],
        ),
        CheckConstraint("size between 1 and 10485760 and size = octet_length(content)", name="size"),
        # it becomes a header of the answer
        CheckConstraint(
            "media_type ~ '^[a-z]+/[a-z0-9][a-z0-9.+-]*$' and length(media_type) <= 100", name="media_type"
        ),
        Index("ix_attachment_ticket", "account_id", "ticket_id"),
        table_info(
            following(
                "ticket_message",
                ("account_id", "account_id"),
                ("ticket_id", "ticket_id"),
                ("message_id", "id"),
                hats=PEOPLE_HATS,
            ).plus(
                insert={hat: Write(_FILE, f"{of_a_ticket_worked_on(hat)} and {_WITH_MY_MESSAGE}") for hat in WRITING}
            )
        ),
    )


#: An outside address may watch where the account's PAA allows it; it gets mail only once it has confirmed.
_OUTSIDE_IF_ALLOWED = (
    "(email is null or exists (select from portal.account a where a.id = {table}.account_id and a.outside_watchers))"
)


def _watched() -> Rows:
    columns = ("account_id", "ticket_id", "person_id", "email")
    return follow_ticket().plus(
        columns=dict.fromkeys(PEOPLE_HATS, ("id", *columns, "confirmed_at")),
        insert={hat: Write(columns, f"{of_a_ticket_worked_on(hat)} and {_OUTSIDE_IF_ALLOWED}") for hat in WRITING},
        delete={hat: of_a_ticket_worked_on(hat) for hat in WRITING},
    )


class TicketWatcher(Base):
    """Somebody who gets mail about a ticket: a member, or an outside address that confirmed it. Mail, not access."""

    __tablename__ = "ticket_watcher"
    id: Mapped[Id]
    account_id: Mapped[int]
    ticket_id: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    email: Mapped[str | None]
    confirmed_at: Mapped[Moment | None]
    __table_args__ = (
        ticket_key(),
        CheckConstraint("(person_id is null) <> (email is null)", name="one_of_two"),
        Index("uq_ticket_watcher_person", "account_id", "ticket_id", "person_id", unique=True),
        Index("uq_ticket_watcher_email", "account_id", "ticket_id", func.lower(text("email")), unique=True),
        table_info(_watched()),
    )


class TicketContact(Base):
    """Whom to call about a ticket on the customer's side."""

    __tablename__ = "ticket_contact"
    id: Mapped[Id]
    account_id: Mapped[int]
    ticket_id: Mapped[int]
    name: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    __table_args__ = (
        ticket_key(),
        Index("ix_ticket_contact_ticket", "account_id", "ticket_id"),
        table_info(added_with("name", "phone", "email")),
    )
