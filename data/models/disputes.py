"""Disputes: what a customer questions about an invoice, and what is said about it with the local finance team.

A dispute, its lines and its thread are written by the functions of data/security/disputes.sql, and by no hat."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import (
    Base,
    Created,
    Id,
    Moment,
    Money,
    Number,
    PublicId,
    Version,
    one_of,
    order_of_list,
    quoted,
    table_info,
)
from data.models.invoices import READERS, by_account, follow_invoice, invoice_key
from data.models.rows import ME, Hat, Write, account, following, staff
from rules.disputes import GOING_ON, DisputeReason, DisputeState, Side
from rules.permissions import Permission

P = Permission
_FILTERED = ("state", "reason", "opened_at", "invoice_id")
_GOING_ON = f"state in ({quoted(sorted(GOING_ON))})"


class Dispute(Base):
    """A customer questions an invoice or, where it has rows in `dispute_line`, these lines of it."""

    __tablename__ = "dispute"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    account_id: Mapped[int]
    invoice_id: Mapped[int]
    #: The invoice's, which the database writes down here (disputes.sql).
    number: Mapped[Number]
    reason: Mapped[str]
    #: What the customer questions, and what finance agreed to credit.
    amount: Mapped[Money]
    agreed: Mapped[Money | None]
    credit_note_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(server_default=DisputeState.OPEN)
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[Created]
    updated_at: Mapped[Created]
    closed_at: Mapped[Moment | None]
    version: Mapped[Version]
    __table_args__ = (
        invoice_key(),
        ForeignKeyConstraint(
            ["account_id", "credit_note_id"], ["invoice.account_id", "invoice.id"], name="fk_dispute_credit_note"
        ),
        UniqueConstraint("account_id", "id"),
        UniqueConstraint("account_id", "invoice_id", "id"),
        one_of("state", DisputeState),
        one_of("reason", DisputeReason),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("agreed > 0 and agreed <= amount", name="agreed"),
        CheckConstraint("credit_note_id is null or agreed is not null", name="credit"),
        Index("ix_dispute_invoice", "account_id", "invoice_id"),
        # for what follows a dispute: with it no other order seems a shorter way to one
        Index("ix_dispute_followed", "account_id", "id", postgresql_include=["invoice_id"]),
        *order_of_list("dispute", "opened", "opened_at", "id", carrying=_FILTERED),
        *order_of_list("dispute", "updated", "updated_at", "id", carrying=_FILTERED),
        *order_of_list("dispute", "amount", "amount", "id", carrying=_FILTERED),
        *order_of_list("dispute", "going_on", "opened_at", "id", carrying=_FILTERED, only=_GOING_ON),
        table_info(follow_invoice(one_by_one=True)),
    )


class DisputeLine(Base):
    """One line of the invoice that a dispute is about."""

    __tablename__ = "dispute_line"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    dispute_id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int]
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "invoice_id", "dispute_id"],
            ["dispute.account_id", "dispute.invoice_id", "dispute.id"],
            name="fk_dispute_line_dispute",
        ),
        ForeignKeyConstraint(
            ["account_id", "invoice_id", "line_id"],
            ["invoice_line.account_id", "invoice_line.invoice_id", "invoice_line.id"],
            name="fk_dispute_line_line",
        ),
        Index("ix_dispute_line_line", "account_id", "invoice_id", "line_id"),
        table_info(follow_invoice()),
    )


class DisputeMessage(Base):
    """One contribution to the thread between a customer and the local finance team."""

    __tablename__ = "dispute_message"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    account_id: Mapped[int]
    dispute_id: Mapped[int]
    side: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    author_name: Mapped[str]
    body: Mapped[str]
    #: The state that the dispute came to with it, where it changed.
    brought: Mapped[str | None]
    written_at: Mapped[Created]
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "dispute_id"], ["dispute.account_id", "dispute.id"]),
        UniqueConstraint("account_id", "id"),
        one_of("side", Side),
        one_of("brought", DisputeState),
        CheckConstraint("length(body) <= 10000", name="body"),
        Index("ix_dispute_message_dispute", "account_id", "dispute_id", "id"),
        table_info(
            by_account(
                following("dispute", ("account_id", "account_id"), ("dispute_id", "id"), hats=READERS, one_by_one=True)
            )
        ),
    )


#: A file comes with one's own contribution, as long as the dispute is not closed.
_WITH_MY_WORDS = (
    "exists (select from portal.dispute_message m join portal.dispute d "
    "on d.account_id = m.account_id and d.id = m.dispute_id "
    "where m.account_id = {table}.account_id and m.id = {table}.message_id and m.author_id = " + ME + " "
    "and d.state <> 'closed')"
)
_FILE = ("account_id", "message_id", "name", "media_type", "sha256", "content")


class DisputeFile(Base):
    """A file that belongs to a contribution."""

    __tablename__ = "dispute_file"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    account_id: Mapped[int]
    message_id: Mapped[int]
    name: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[bytes]
    content: Mapped[bytes]
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "message_id"], ["dispute_message.account_id", "dispute_message.id"]),
        CheckConstraint("octet_length(content) between 1 and 10485760", name="size"),
        # it becomes a header of the answer
        CheckConstraint(
            "media_type ~ '^[a-z]+/[a-z0-9][a-z0-9.+-]*$' and length(media_type) <= 100", name="media_type"
        ),
        Index("ix_dispute_file_message", "account_id", "message_id"),
        table_info(
            following("dispute_message", ("account_id", "account_id"), ("message_id", "id"), hats=READERS).plus(
                insert={
                    Hat.CUSTOMER: Write(_FILE, f"account_id = {account(P.INVOICE_DISPUTE)} and {_WITH_MY_WORDS}"),
                    Hat.STAFF: Write(_FILE, f"{staff(P.INVOICE_MANAGE)} and {_WITH_MY_WORDS}"),
                }
            )
        ),
    )
