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
    func,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, Created, Id, Moment, Number, PublicId, Version, one_of, order_of_list, table_info
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
_GOING_ON = "category <> 'done'"
_FILTERED = ("category", "kind", "status", "site_id", "severity")
_WITH_CLOCK = (*_FILTERED, "next_deadline")


def _may_work() -> str:
    """Whoever may open a ticket of its kind at its site may also say and do something about it; a viewer may not."""
    by_kind = " or ".join(
        f"(kind = '{t.kind}' and account_id = {account(t.create)} and {at_my_sites(t.create)})"
        for t in REQUEST_TYPES.values()
    )
    return f"({by_kind})"


def _may_create() -> str:
    """A new ticket needs the function of its kind, at its site, and the requester is the one who asks."""
    return f"{_may_work()} and requested_by = {ME}"


_NEW = (
    "account_id", "kind", "site_id", "space_id", "subject", "description", "customer_reference", "requested_by",
    "severity", "direction",
)  # fmt: skip

#: What a move changes. Whether the move exists is asked by the trigger authz.check_ticket() (rules/lifecycle.py).
_MOVED = (
    "status", "category", "resolved_at", "closed_at", "next_deadline", "paused_since", "waiting_for", "respond_by",
    "updated_at", "version",
)  # fmt: skip
_RATED = (*_MOVED, "rating", "rating_comment")
_WORKED_ON = (*_MOVED, "severity", "assignee_id", "estimated_completion", "first_answered_at")
_IS_DESK = staff(P.TICKET_WORK)

_TICKETS = Rows(
    see={
        Hat.CUSTOMER: one_account(P.TICKET_VIEW_COMPANY),
        Hat.OWN: f"{one_account(P.TICKET_VIEW_OWN)} and requested_by = {ME}",
        Hat.MANY: many_accounts(P.TICKET_VIEW_COMPANY),
        Hat.STAFF: staff(P.TICKET_VIEW_COMPANY),
        Hat.MANAGER: managed(P.TICKET_VIEW_COMPANY),
        Hat.WORKER: "true",
    },
    insert={
        **{hat: Write(_NEW, _may_create()) for hat in (Hat.CUSTOMER, Hat.OWN)},
        Hat.STAFF: Write(_NEW, _IS_DESK),
    },
    update={
        Hat.CUSTOMER: Write(_RATED, f"{one_account(P.TICKET_VIEW_COMPANY)} and {_may_work()}"),
        Hat.OWN: Write(_RATED, f"{one_account(P.TICKET_VIEW_OWN)} and requested_by = {ME} and {_may_work()}"),
        Hat.STAFF: Write(_WORKED_ON, _IS_DESK),
        Hat.WORKER: Write(_MOVED, "true"),
    },
    columns={
        Hat.WORKER: (
            "id", "uuid", "account_id", "number", "kind", "site_id", "status", "category", "severity", "opened_at",
            "first_answered_at", "resolved_at", "closed_at", "next_deadline", "paused_since", "assignee_id",
            "updated_at", "direction", "waiting_for", "respond_by", "version",
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
        *order_of_list("ticket", "opened", "opened_at", "id", carrying=_FILTERED),
        *order_of_list("ticket", "kind", "kind", "opened_at", "id", carrying=_FILTERED),
        *order_of_list("ticket", "site", "site_id", "opened_at", "id", carrying=_FILTERED),
        *order_of_list("ticket", "status", "status", "opened_at", "id", carrying=_FILTERED),
        *order_of_list(
            "ticket", "severity", "severity", "opened_at", "id", carrying=_FILTERED, only="severity is not null"
        ),
        *order_of_list("ticket", "clock", "next_deadline", "id", carrying=_FILTERED),
        *order_of_list("ticket", "going_on", "opened_at", "id", carrying=_WITH_CLOCK, only=_GOING_ON),
        *order_of_list("ticket", "going_on_kind", "kind", "opened_at", "id", carrying=_FILTERED, only=_GOING_ON),
        *order_of_list("ticket", "going_on_site", "site_id", "opened_at", "id", carrying=_FILTERED, only=_GOING_ON),
        *order_of_list("ticket", "going_on_status", "status", "opened_at", "id", carrying=_FILTERED, only=_GOING_ON),
        *order_of_list(
            "ticket", "going_on_severity", "severity", "opened_at", "id", carrying=_FILTERED, only=_GOING_ON
        ),
        *order_of_list("ticket", "deadline", "next_deadline", "id", carrying=_FILTERED, only=_GOING_ON),
        Index("ix_ticket_mine", "account_id", "requested_by", "opened_at", "id", postgresql_include=_WITH_CLOCK),
        Index("ix_ticket_updated", "account_id", "updated_at"),
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


#: Hats that write: several accounts at once, managers and the other staff roles only look.
_WRITING = (Hat.CUSTOMER, Hat.OWN, Hat.STAFF)
_BELONGS = "exists (select from portal.ticket parent where {joined} and {may})"


def of_a_ticket_worked_on(hat: Hat, also: str = "") -> str:
    """The row hangs on a ticket that this hat sees and may say or do something about."""
    joined = " and ".join(f"parent.{theirs} = {{table}}.{own}" for own, theirs in _OF_TICKET)
    may = _IS_DESK if hat is Hat.STAFF else _may_work()
    return _BELONGS.format(joined=joined, may=f"{may} and {also}" if also else may)


#: What was asked is what was asked: a visitor who came after the approval was approved by nobody.
_NOT_SEEN_YET = "parent.status = 'submitted'"


def _added_with(
    *columns: str, of: TicketKind | None = None, desk: tuple[str, ...] = (), customer: tuple[str, ...] = ()
) -> Rows:
    """A part of a ticket (`of` this kind): whoever works on it adds these columns, a customer only until somebody has
    looked at it; the desk, or the customer, changes some."""
    fits = f"parent.kind = '{of}'" if of else ""
    when = {hat: (fits, "" if hat is Hat.STAFF else _NOT_SEEN_YET) for hat in _WRITING}
    rows = _follow_ticket().plus(
        insert={
            hat: Write(
                ("account_id", "ticket_id", *columns), of_a_ticket_worked_on(hat, " and ".join(filter(None, only)))
            )
            for hat, only in when.items()
        }
    )
    if desk:
        rows = rows.plus(update={Hat.STAFF: Write(desk, of_a_ticket_worked_on(Hat.STAFF))})
    if customer:
        changed = {hat: Write(customer, of_a_ticket_worked_on(hat)) for hat in (Hat.CUSTOMER, Hat.OWN)}
        rows = rows.plus(update={**rows.update, **changed})
    return rows


def _seen_by_worker(rows: Rows, *columns: str) -> Rows:
    """The clocks depend on it, and the worker moves tickets that nobody moves any more."""
    return rows.plus(see={Hat.WORKER: "true"}, columns={Hat.WORKER: ("account_id", "ticket_id", *columns)})


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
    #: A start that the desk proposed, and what the customer said to it.
    proposed_starts_at: Mapped[Moment | None]
    proposal_answer: Mapped[str | None]
    __table_args__ = (
        _ticket_key(),
        one_of("schedule", Schedule),
        one_of("task_type", TaskType),
        one_of("proposal_answer", ("accepted", "declined")),
        CheckConstraint("(schedule = 'scheduled') = (starts_at is not null)", name="scheduled_start"),
        table_info(
            _seen_by_worker(
                _added_with(
                    "schedule",
                    "starts_at",
                    "task_type",
                    of=TicketKind.REMOTE_HANDS,
                    desk=("schedule", "starts_at", "proposed_starts_at", "proposal_answer"),
                    customer=("proposal_answer",),
                ),
                "starts_at",
            )
        ),
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
    __table_args__ = (
        _ticket_key(),
        one_of("fault_category", FaultCategory),
        table_info(
            _added_with("occurred_at", "fault_category", "service_down", "redundancy_lost", of=TicketKind.FAULT)
        ),
    )


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
    received_packages: Mapped[int | None]
    notified_at: Mapped[Moment | None]
    storage_until: Mapped[date | None]
    __table_args__ = (
        _ticket_key(),
        one_of("carrier", Carrier),
        CheckConstraint("packages >= 1", name="packages"),
        CheckConstraint("received_packages >= 0", name="received_packages"),
        Index("ix_shipment_storage", "storage_until", postgresql_where=text("storage_until is not null")),
        table_info(
            _seen_by_worker(
                _added_with(
                    "expected_on",
                    "carrier",
                    "carrier_name",
                    "packages",
                    "oversized",
                    "dimensions",
                    "weight_kg",
                    "loading_dock",
                    "cage_delivery",
                    "ship_to",
                    "declared_value",
                    "currency",
                    "insured",
                    of=TicketKind.SHIPMENT,
                    desk=("received_at", "received_packages", "notified_at", "storage_until"),
                ),
                "notified_at",
                "storage_until",
            )
        ),
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
        table_info(_added_with("number", of=TicketKind.SHIPMENT)),
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
        table_info(
            _seen_by_worker(
                _added_with("starts_at", "ends_at", "purpose", "escort", "equipment_removal", of=TicketKind.SITE_VISIT),
                "starts_at",
                "ends_at",
            )
        ),
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
        Index("ix_visitor_ticket", "account_id", "ticket_id"),
        table_info(
            _added_with(
                *("name", "company", "email", "mobile", "id_last_four"),
                of=TicketKind.SITE_VISIT,
                desk=("checked_in_at", "checked_out_at"),
            )
        ),
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
        table_info(_added_with("item_id")),
    )


#: Nobody writes in another's name: not as its author, and not under a name that is not theirs.
_MINE = f"author_id = {ME} and exists (select from portal.person me where me.id = {ME} and me.name = author_name)"


def _said() -> Rows:
    """Customers write notes, the desk replies to the customer or notes something for itself."""
    columns = ("account_id", "ticket_id", "kind", "author_id", "author_name", "body")
    kinds = {
        **dict.fromkeys((Hat.CUSTOMER, Hat.OWN), "{table}.kind = 'customer_note'"),
        Hat.STAFF: "{table}.kind in ('staff_reply', 'internal_note')",
    }
    return _follow_ticket(hide=_NOT_INTERNAL).plus(
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
        _ticket_key(),
        UniqueConstraint("account_id", "ticket_id", "id"),
        one_of("kind", ("customer_note", "staff_reply", "internal_note")),
        CheckConstraint("length(body) <= 10000", name="body"),
        Index("ix_ticket_message_ticket", "account_id", "ticket_id", "id"),
        table_info(_said()),
    )


#: A file is added to one's own contribution.
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
            ).plus(insert=dict.fromkeys(_WRITING, Write(_FILE, _WITH_MY_MESSAGE)))
        ),
    )


#: An outside address may watch where the account's PAA allows it; it gets mail only once it has confirmed.
_OUTSIDE_IF_ALLOWED = (
    "(email is null or exists (select from portal.account a where a.id = {table}.account_id and a.outside_watchers))"
)


def _watched() -> Rows:
    columns = ("account_id", "ticket_id", "person_id", "email")
    return _follow_ticket().plus(
        columns=dict.fromkeys(PEOPLE_HATS, ("id", *columns, "confirmed_at")),
        insert={hat: Write(columns, f"{of_a_ticket_worked_on(hat)} and {_OUTSIDE_IF_ALLOWED}") for hat in _WRITING},
        delete={hat: of_a_ticket_worked_on(hat) for hat in _WRITING},
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
        _ticket_key(),
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
        _ticket_key(),
        Index("ix_ticket_contact_ticket", "account_id", "ticket_id"),
        table_info(_added_with("name", "phone", "email")),
    )


#: A line of the log says what the ticket's state is now, and who brought it there: oneself.
_NOW_STANDS = (
    "parent.status = {table}.to_status and parent.category = {table}.category "
    "and parent.severity is not distinct from {table}.severity"
)
_LINE = (
    "account_id", "ticket_id", "from_status", "to_status", "category", "severity", "reason", "by_person_id", "by_actor",
)  # fmt: skip


def _logged() -> Rows:
    by = {
        **dict.fromkeys((Hat.CUSTOMER, Hat.OWN), "by_actor = 'customer'"),
        # what the desk files for a customer is the customer's request, and no answer to it
        Hat.STAFF: "(by_actor = 'desk' or (by_actor = 'customer' and from_status is null))",
    }
    insert = {
        hat: Write(_LINE, f"{of_a_ticket_worked_on(hat, _NOW_STANDS)} and by_person_id = {ME} and {actor}")
        for hat, actor in by.items()
    }
    insert[Hat.WORKER] = Write(_LINE, "by_actor = 'system' and by_person_id is null")
    seen = _seen_by_worker(
        _follow_ticket(), "id", "from_status", "to_status", "category", "severity", "by_actor", "changed_at"
    )
    return seen.plus(insert=insert)


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
    #: After the ticket was locked, not when its transaction began: moves of one ticket follow each other in time.
    changed_at: Mapped[Created] = mapped_column(server_default=text("clock_timestamp()"))
    __table_args__ = (
        _ticket_key(),
        one_of("category", Category),
        Index("ix_status_change_ticket", "account_id", "ticket_id", "id"),
        table_info(_logged()),
    )


_CLOCK = (
    "account_id", "ticket_id", "site_id", "kind", "clock", "round", "started_at", "target_seconds", "paused_seconds",
    "paused_since", "deadline", "stopped_at", "outcome",
)  # fmt: skip
#: A customer's move ends a pause, withdraws a promise or begins a round; how long we may take is not theirs to say.
_RAN_ON = ("paused_seconds", "paused_since", "deadline", "stopped_at", "outcome")
_RETIMED = (*_RAN_ON, "started_at", "target_seconds")


#: A customer's move begins a clock of this ticket, now, and nothing has become of it yet: only a parcel that lies here
#: and was claimed is a promise kept at once.
_BEGINS_NOW = (
    "parent.kind = {table}.kind and parent.site_id is not distinct from {table}.site_id "
    "and {table}.started_at >= now() - interval '1 minute' "
    "and ({table}.outcome is null "
    "or ({table}.outcome = 'met' and parent.kind = 'shipment' and parent.status = 'received'))"
)


def _timed() -> Rows:
    """Written with each move by the one piece of code that reads the log (data/ticketing/standing.py)."""
    written = {hat: of_a_ticket_worked_on(hat) for hat in _WRITING}
    begun = {hat: of_a_ticket_worked_on(hat, "" if hat is Hat.STAFF else _BEGINS_NOW) for hat in _WRITING}
    return _follow_ticket().plus(
        see={Hat.WORKER: "true"},
        insert={**{hat: Write(_CLOCK, may) for hat, may in begun.items()}, Hat.WORKER: Write(_CLOCK, "true")},
        update={
            **{hat: Write(_RAN_ON, may) for hat, may in written.items()},
            Hat.STAFF: Write(_RETIMED, written[Hat.STAFF]),
            Hat.WORKER: Write((*_RAN_ON, "warned_at", "breach_told_at"), "true"),
        },
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
        Index("ix_ticket_clock_started", "started_at", "id"),
        table_info(_timed()),
    )


def _counted(*columns: str) -> Rows:
    """Sums over whole companies, for whoever may see all their tickets there; the worker folds them."""
    return Rows(
        see={
            Hat.CUSTOMER: one_account(P.TICKET_VIEW_COMPANY),
            Hat.MANY: many_accounts(P.TICKET_VIEW_COMPANY),
            Hat.STAFF: staff(P.TICKET_VIEW_COMPANY),
            Hat.MANAGER: managed(P.TICKET_VIEW_COMPANY),
            Hat.WORKER: "true",
        },
        delete={Hat.WORKER: "true"},
        insert={Hat.WORKER: Write(columns, "true")},
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
        Index(
            "ix_ticket_tally_going_on",
            "kind",
            "site_id",
            postgresql_include=["account_id", "category", "status", "opened_month", "n"],
            postgresql_where=text(_GOING_ON),
        ),
        table_info(_counted("account_id", "site_id", "kind", "status", "category", "opened_month", "n")),
    )


class ClockTally(Base):
    """How many promises were kept and how many missed, by the month (UTC) in which they began. As TicketTally, it only
    grows by rows; a clock that is late and still runs is in none of them yet."""

    __tablename__ = "clock_tally"
    account_id: Mapped[int]
    site_id: Mapped[int | None]
    kind: Mapped[str]
    clock: Mapped[str]
    month: Mapped[date]
    met: Mapped[int]
    breached: Mapped[int]
    row: Mapped[Id]
    __table_args__ = (
        Index("ix_clock_tally_account", "account_id", "month"),
        table_info(_counted("account_id", "site_id", "kind", "clock", "month", "met", "breached")),
    )
