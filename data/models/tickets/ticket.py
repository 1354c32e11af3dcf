"""A ticket: what an account asked us to do, and how far we are."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, Created, Id, Moment, Number, PublicId, Version, one_of, order_of_list, table_info
from data.models.rows import ME, Hat, Rows, Write, account, at_my_sites, managed, many_accounts, one_account, staff
from rules.lifecycle import STATES, Category
from rules.permissions import Permission
from rules.request_types import REQUEST_TYPES, Direction, Severity, TicketKind

P = Permission
GOING_ON = "category <> 'done'"
#: For the customer: to answer, or to confirm that it was done.
_WAITING = "waiting_for = 'customer' or status = 'resolved'"
_FILTERED = ("category", "kind", "status", "site_id", "severity")
_WITH_CLOCK = (*_FILTERED, "next_deadline")


def may_work() -> str:
    """Whoever may open a ticket of its kind at its site may also say and do something about it; a viewer may not."""
    by_kind = " or ".join(
        f"(kind = '{t.kind}' and account_id = {account(t.create)} and {at_my_sites(t.create)})"
        for t in REQUEST_TYPES.values()
    )
    return f"({by_kind})"


def _may_create() -> str:
    """A new ticket needs the function of its kind, at its site, and the requester is the one who asks."""
    return f"{may_work()} and requested_by = {ME}"


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
IS_DESK = staff(P.TICKET_WORK)

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
        Hat.STAFF: Write(_NEW, IS_DESK),
    },
    update={
        Hat.CUSTOMER: Write(_RATED, f"{one_account(P.TICKET_VIEW_COMPANY)} and {may_work()}"),
        Hat.OWN: Write(_RATED, f"{one_account(P.TICKET_VIEW_OWN)} and requested_by = {ME} and {may_work()}"),
        Hat.STAFF: Write(_WORKED_ON, IS_DESK),
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
            "portal.search_vector(account_id, number, subject || ' ' || coalesce(customer_reference, '') || ' ' || "
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
        *order_of_list("ticket", "going_on", "opened_at", "id", carrying=_WITH_CLOCK, only=GOING_ON),
        *order_of_list("ticket", "going_on_kind", "kind", "opened_at", "id", carrying=_FILTERED, only=GOING_ON),
        *order_of_list("ticket", "going_on_site", "site_id", "opened_at", "id", carrying=_FILTERED, only=GOING_ON),
        *order_of_list("ticket", "going_on_status", "status", "opened_at", "id", carrying=_FILTERED, only=GOING_ON),
        *order_of_list("ticket", "going_on_severity", "severity", "opened_at", "id", carrying=_FILTERED, only=GOING_ON),
        *order_of_list("ticket", "deadline", "next_deadline", "id", carrying=_FILTERED, only=GOING_ON),
        *order_of_list(
            "ticket",
            "waiting",
            "respond_by",
            "id",
            carrying=(*_FILTERED, "waiting_for"),
            only=_WAITING,
            for_staff=False,
        ),
        Index("ix_ticket_mine", "account_id", "requested_by", "opened_at", "id", postgresql_include=_WITH_CLOCK),
        Index("ix_ticket_updated", "account_id", "updated_at"),
        Index("ix_ticket_search", "search", postgresql_using="gin"),
        table_info(_TICKETS),
    )
