"""Tickets: what an account asked us to do, and how far we are; with conversation, files, log and clocks."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, Created, Id, Moment, Number, PublicId, Version, one_of, table_info
from data.models.rows import (
    CUSTOMER_HATS,
    ME,
    PEOPLE_HATS,
    Hat,
    Rows,
    Write,
    account,
    at_my_sites,
    following,
    managed,
    many_accounts,
    one_account,
    staff,
)
from rules.lifecycle import STATES, Category
from rules.permissions import Permission
from rules.request_types import (
    REQUEST_TYPES,
    Carrier,
    Direction,
    FaultCategory,
    Schedule,
    Severity,
    TaskType,
    TicketKind,
)
from rules.sla import Clock

P = Permission


def _may_create() -> str:
    """A new ticket needs the function of its kind, at its site, and the requester is the one who asks."""
    by_kind = " or ".join(
        f"(kind = '{t.kind}' and account_id = {account(t.create)} and {at_my_sites(t.create)})"
        for t in REQUEST_TYPES.values()
    )
    return f"({by_kind}) and requested_by = {ME}"


_NEW = (
    "account_id", "kind", "site_id", "space_id", "subject", "description", "customer_reference", "requested_by",
    "severity", "direction",
)  # fmt: skip

_TICKETS = Rows(
    see={
        Hat.CUSTOMER: one_account(P.TICKET_VIEW_COMPANY),
        Hat.OWN: f"{one_account(P.TICKET_VIEW_OWN)} and requested_by = {ME}",
        Hat.MANY: many_accounts(P.TICKET_VIEW_COMPANY),
        Hat.STAFF: staff(P.TICKET_VIEW_COMPANY),
        Hat.MANAGER: managed(P.TICKET_VIEW_COMPANY),
        Hat.WORKER: "true",
    },
    insert={hat: Write(_NEW, _may_create()) for hat in (Hat.CUSTOMER, Hat.OWN)},
    columns={
        Hat.WORKER: (
            "id", "uuid", "account_id", "number", "kind", "site_id", "status", "category", "severity", "opened_at",
            "first_answered_at", "resolved_at", "closed_at", "next_deadline", "paused_since", "assignee_id",
            "updated_at",
        )
    },
)  # fmt: skip


class Ticket(Base):
    """One request of an account; the fields that all four kinds share, and where its clocks stand."""

    __tablename__ = "ticket"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    number: Mapped[Number] = mapped_column(unique=True)
    kind: Mapped[str]
    direction: Mapped[str | None]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    space_id: Mapped[int | None]
    subject: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    customer_reference: Mapped[str | None]
    requested_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    status: Mapped[str] = mapped_column(server_default="submitted")
    #: What the status means for the clock; written with it (rules/lifecycle.py), so that an index can name it.
    category: Mapped[str] = mapped_column(server_default=Category.OPEN)
    severity: Mapped[str | None]
    estimated_completion: Mapped[Moment | None]
    opened_at: Mapped[Created]
    first_answered_at: Mapped[Moment | None]
    resolved_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]
    #: The clock that runs out first; empty while paused and when all clocks have stopped.
    next_deadline: Mapped[Moment | None]
    paused_since: Mapped[Moment | None]
    waiting_for: Mapped[str | None]
    respond_by: Mapped[Moment | None]
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    rating_comment: Mapped[str | None]
    updated_at: Mapped[Created]
    version: Mapped[Version]
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            "portal.search_vector(account_id, subject || ' ' || coalesce(customer_reference, '') || ' ' || "
            "description)",
            persisted=True,
        ),
    )
    __table_args__ = (
        UniqueConstraint("account_id", "id"),
        ForeignKeyConstraint(["account_id", "space_id"], ["inventory_item.account_id", "inventory_item.id"]),
        one_of("kind", TicketKind),
        one_of("direction", Direction),
        one_of("status", STATES),
        one_of("category", Category),
        one_of("severity", Severity),
        CheckConstraint("length(subject) between 1 and 200", name="subject"),
        CheckConstraint("length(description) <= 4000", name="description"),
        CheckConstraint("length(customer_reference) <= 50", name="customer_reference"),
        CheckConstraint("rating between 1 and 5", name="rating"),
        CheckConstraint("(kind = 'shipment') = (direction is not null)", name="direction_of_shipments"),
        Index("ix_ticket_opened", "account_id", "opened_at", "id"),
        Index("ix_ticket_status", "account_id", "status", "opened_at", "id"),
        Index("ix_ticket_kind", "account_id", "kind", "opened_at", "id"),
        Index("ix_ticket_site", "account_id", "site_id", "opened_at", "id"),
        Index("ix_ticket_mine", "account_id", "requested_by", "opened_at", "id"),
        Index("ix_ticket_updated", "account_id", "updated_at"),
        Index("ix_ticket_going_on", "account_id", "opened_at", "id", postgresql_where=text("category <> 'done'")),
        Index("ix_ticket_deadline", "account_id", "next_deadline", "id", postgresql_where=text("category <> 'done'")),
        Index("ix_ticket_all_opened", "opened_at", "id"),
        Index("ix_ticket_all_kind", "kind", "opened_at", "id"),
        Index("ix_ticket_all_status", "status", "opened_at", "id"),
        Index("ix_ticket_all_site", "site_id", "opened_at", "id"),
        Index("ix_ticket_all_going_on", "opened_at", "id", postgresql_where=text("category <> 'done'")),
        Index("ix_ticket_all_deadline", "next_deadline", "id", postgresql_where=text("category <> 'done'")),
        Index("ix_ticket_search", "search", postgresql_using="gin"),
        table_info(_TICKETS),
    )


_NOT_INTERNAL = "{table}.kind <> 'internal_note'"
_OF_TICKET = (("account_id", "account_id"), ("ticket_id", "id"))


def _follow_ticket(*, hide: str = "") -> Rows:
    """Seen with the ticket; what is internal is hidden from every customer hat, finance never gets here."""
    customers = following("ticket", *_OF_TICKET, hats=CUSTOMER_HATS, also=hide)
    operators = following("ticket", *_OF_TICKET, hats=(Hat.STAFF, Hat.MANAGER))
    return customers.plus(see=operators.see)


def _ticket_key() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["account_id", "ticket_id"], ["ticket.account_id", "ticket.id"])


class RemoteHands(Base):
    """What only remote hands have: routine or scheduled, and the kind of task."""

    __tablename__ = "remote_hands"
    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int]
    schedule: Mapped[str] = mapped_column(server_default=Schedule.ROUTINE)
    starts_at: Mapped[Moment | None]
    task_type: Mapped[str] = mapped_column(server_default=TaskType.OTHER)
    __table_args__ = (
        _ticket_key(),
        one_of("schedule", Schedule),
        one_of("task_type", TaskType),
        CheckConstraint("(schedule = 'scheduled') = (starts_at is not null)", name="scheduled_start"),
        table_info(_follow_ticket()),
    )


class Fault(Base):
    """What only a fault has: when it happened, what it is about, and how badly it hurts."""

    __tablename__ = "fault"
    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int]
    occurred_at: Mapped[Moment]
    fault_category: Mapped[str] = mapped_column(server_default=FaultCategory.OTHER)
    service_down: Mapped[bool] = mapped_column(server_default=text("false"))
    redundancy_lost: Mapped[bool] = mapped_column(server_default=text("false"))
    __table_args__ = (_ticket_key(), one_of("fault_category", FaultCategory), table_info(_follow_ticket()))


class Shipment(Base):
    """What only a shipment has: carrier, packages, dock, and for outbound where it goes."""

    __tablename__ = "shipment"
    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int]
    expected_on: Mapped[date | None]
    carrier: Mapped[str]
    carrier_name: Mapped[str | None]
    packages: Mapped[int] = mapped_column(server_default=text("1"))
    oversized: Mapped[bool] = mapped_column(server_default=text("false"))
    dimensions: Mapped[str | None]
    weight_kg: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    loading_dock: Mapped[bool] = mapped_column(server_default=text("false"))
    cage_delivery: Mapped[bool] = mapped_column(server_default=text("false"))
    ship_to: Mapped[str | None]
    declared_value: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    currency: Mapped[str | None]
    insured: Mapped[bool] = mapped_column(server_default=text("false"))
    received_at: Mapped[Moment | None]
    notified_at: Mapped[Moment | None]
    storage_until: Mapped[date | None]
    __table_args__ = (
        _ticket_key(),
        one_of("carrier", Carrier),
        CheckConstraint("packages >= 1", name="packages"),
        table_info(_follow_ticket()),
    )


class TrackingNumber(Base):
    """A carrier's tracking number; a customer claims an unclaimed parcel by it."""

    __tablename__ = "tracking_number"
    id: Mapped[Id]
    account_id: Mapped[int]
    ticket_id: Mapped[int]
    number: Mapped[Number] = mapped_column(index=True)
    __table_args__ = (
        _ticket_key(),
        UniqueConstraint("account_id", "ticket_id", "number"),
        table_info(_follow_ticket()),
    )


class SiteVisit(Base):
    """What only a visit has: when, why, and what the visitors need."""

    __tablename__ = "site_visit"
    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int]
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    purpose: Mapped[str]
    escort: Mapped[bool] = mapped_column(server_default=text("false"))
    equipment_removal: Mapped[bool] = mapped_column(server_default=text("false"))
    __table_args__ = (
        _ticket_key(),
        CheckConstraint("ends_at > starts_at and ends_at <= starts_at + interval '14 days'", name="period"),
        table_info(_follow_ticket()),
    )


class Visitor(Base):
    """One person on a visit; of an ID number only the last four characters are ever stored."""

    __tablename__ = "visitor"
    id: Mapped[Id]
    account_id: Mapped[int]
    ticket_id: Mapped[int]
    name: Mapped[str]
    company: Mapped[str]
    email: Mapped[str | None]
    mobile: Mapped[str | None]
    id_last_four: Mapped[str | None]
    checked_in_at: Mapped[Moment | None]
    checked_out_at: Mapped[Moment | None]
    __table_args__ = (
        _ticket_key(),
        CheckConstraint("email is not null or mobile is not null", name="reachable"),
        CheckConstraint("length(id_last_four) <= 4", name="id_last_four"),
        table_info(_follow_ticket()),
    )


class TicketItem(Base):
    """An inventory item that a ticket is about."""

    __tablename__ = "ticket_item"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(primary_key=True)
    __table_args__ = (
        _ticket_key(),
        ForeignKeyConstraint(["account_id", "item_id"], ["inventory_item.account_id", "inventory_item.id"]),
        table_info(_follow_ticket()),
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
    written_at: Mapped[Created]
    __table_args__ = (
        _ticket_key(),
        UniqueConstraint("account_id", "ticket_id", "id"),
        one_of("kind", ("customer_note", "staff_reply", "internal_note")),
        CheckConstraint("length(body) between 1 and 10000", name="body"),
        Index("ix_ticket_message_ticket", "account_id", "ticket_id", "id"),
        table_info(_follow_ticket(hide=_NOT_INTERNAL)),
    )


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
        CheckConstraint("size between 1 and 10485760", name="size"),
        Index("ix_attachment_ticket", "account_id", "ticket_id"),
        table_info(
            following(
                "ticket_message",
                ("account_id", "account_id"),
                ("ticket_id", "ticket_id"),
                ("message_id", "id"),
                hats=PEOPLE_HATS,
            )
        ),
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
    leave_token_hash: Mapped[bytes | None]
    __table_args__ = (
        _ticket_key(),
        CheckConstraint("(person_id is null) <> (email is null)", name="one_of_two"),
        table_info(
            _follow_ticket().plus(
                columns=dict.fromkeys(
                    PEOPLE_HATS, ("id", "account_id", "ticket_id", "person_id", "email", "confirmed_at")
                )
            )
        ),
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
    __table_args__ = (_ticket_key(), table_info(_follow_ticket()))


class StatusChange(Base):
    """One move of a ticket; together they are the truth from which the clocks result (SPEC §4, rule 3)."""

    __tablename__ = "status_change"
    id: Mapped[Id]
    account_id: Mapped[int]
    ticket_id: Mapped[int]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    category: Mapped[str]
    severity: Mapped[str | None]
    reason: Mapped[str | None]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    by_actor: Mapped[str]
    changed_at: Mapped[Created]
    __table_args__ = (
        _ticket_key(),
        one_of("category", Category),
        Index("ix_status_change_ticket", "account_id", "ticket_id", "id"),
        table_info(_follow_ticket()),
    )


class TicketClock(Base):
    """One SLA clock of a ticket; reopening adds a second clock of the next round."""

    __tablename__ = "ticket_clock"
    id: Mapped[Id]
    account_id: Mapped[int]
    ticket_id: Mapped[int]
    site_id: Mapped[int | None]
    kind: Mapped[str]
    clock: Mapped[str]
    round: Mapped[int] = mapped_column(server_default=text("1"))
    started_at: Mapped[Moment]
    target_seconds: Mapped[int]
    paused_seconds: Mapped[int] = mapped_column(server_default=text("0"))
    paused_since: Mapped[Moment | None]
    deadline: Mapped[Moment | None]
    stopped_at: Mapped[Moment | None]
    #: Empty while the clock runs; afterwards met or breached, for good.
    outcome: Mapped[str | None]
    warned_at: Mapped[datetime | None]
    breach_told_at: Mapped[datetime | None]
    __table_args__ = (
        _ticket_key(),
        UniqueConstraint("account_id", "ticket_id", "clock", "round"),
        one_of("clock", Clock),
        one_of("outcome", ("met", "breached")),
        Index("ix_ticket_clock_running", "deadline", postgresql_where=text("outcome is null and deadline is not null")),
        Index("ix_ticket_clock_month", "account_id", "started_at"),
        table_info(_follow_ticket().plus(see={Hat.WORKER: "true"})),
    )


class TicketTally(Base):
    """How many tickets there are, by what charts ask for. Rows are added, never changed; a total is the sum of n, and
    the worker folds them (data/tallies.py)."""

    __tablename__ = "ticket_tally"
    account_id: Mapped[int]
    site_id: Mapped[int | None]
    kind: Mapped[str]
    status: Mapped[str]
    category: Mapped[str]
    opened_month: Mapped[date]
    n: Mapped[int]
    row: Mapped[Id]
    __table_args__ = (
        Index("ix_ticket_tally_account", "account_id"),
        table_info(
            Rows(
                see={
                    Hat.CUSTOMER: one_account(P.TICKET_VIEW_COMPANY),
                    Hat.MANY: many_accounts(P.TICKET_VIEW_COMPANY),
                    Hat.STAFF: staff(P.TICKET_VIEW_COMPANY),
                    Hat.MANAGER: managed(P.TICKET_VIEW_COMPANY),
                    Hat.WORKER: "true",
                },
                delete={Hat.WORKER: "true"},
                insert={
                    Hat.WORKER: Write(
                        ("account_id", "site_id", "kind", "status", "category", "opened_month", "n"), "true"
                    )
                },
            )
        ),
    )
