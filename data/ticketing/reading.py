"""One ticket with everything that hangs on it, as this person may see it, and what they may do to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, func, select

from data.database import reading
from data.models import (
    Account,
    Attachment,
    Base,
    InventoryItem,
    Person,
    Site,
    StatusChange,
    Ticket,
    TicketClock,
    TicketContact,
    TicketItem,
    TicketMessage,
    TicketWatcher,
    TrackingNumber,
    Visitor,
)
from data.ticketing.reach import Found, actor_of, find, may_work
from data.ticketing.submit import DETAILS
from rules.lifecycle import next_states
from rules.permissions import Permission
from rules.principal import Principal
from rules.sla import Reading, read_clock

P = Permission


@dataclass(frozen=True)
class FileRef:
    """A file as a link: /attachments/<uuid>."""

    uuid: UUID
    name: str
    size: int


@dataclass(frozen=True)
class Contribution:
    """One entry of the conversation."""

    uuid: UUID
    kind: str
    author: str
    is_mine: bool
    body: str
    written_at: datetime
    files: tuple[FileRef, ...]


@dataclass(frozen=True)
class Step:
    """One line of the timeline. `who` is empty where the reader may not know their name."""

    at: datetime
    from_status: str | None
    to_status: str
    severity: str | None
    reason: str | None
    actor: str
    who: str | None


@dataclass(frozen=True)
class ClockFace:
    """One clock and how it stands now."""

    clock: str
    round: int
    started_at: datetime
    deadline: datetime | None
    reading: Reading | None


@dataclass(frozen=True)
class WatcherRow:
    """Who gets mail: a colleague, or an address from outside that may not have confirmed yet."""

    id: int
    person_id: int | None
    name: str | None
    email: str | None
    is_confirmed: bool


@dataclass(frozen=True)
class TicketDetail:
    """Everything a drawer shows."""

    ticket: Found
    account: str
    site: str | None
    site_zone: str
    subject: str
    description: str
    customer_reference: str | None
    requester: str | None
    assignee: str | None
    estimated_completion: datetime | None
    waiting_for: str | None
    rating: int | None
    rating_comment: str | None
    #: What only this kind has, by column.
    details: Mapping[str, Any]
    space: str | None
    items: tuple[str, ...]
    tracking_numbers: tuple[str, ...]
    visitors: tuple[Mapping[str, Any], ...]
    contacts: tuple[Mapping[str, Any], ...]
    conversation: tuple[Contribution, ...]
    timeline: tuple[Step, ...]
    clocks: tuple[ClockFace, ...]
    watchers: tuple[WatcherRow, ...]
    #: Does the account allow that addresses from outside watch its tickets?
    outside_watchers: bool
    #: What this reader may do: say something at all, move it to these states, rate it.
    may_work: bool
    next_states: tuple[str, ...]
    may_rate: bool

    @property
    def last_move(self) -> Step | None:
        """How it came to be where it is; another severity is no move."""
        return next((step for step in reversed(self.timeline) if step.from_status != step.to_status), None)

    @property
    def open_question(self) -> Contribution | None:
        """What the desk said when it began to wait for the customer, or last since."""
        if self.waiting_for != "customer":
            return None
        return next((said for said in reversed(self.conversation) if said.kind == "staff_reply"), None)


def get_ticket(engine: Engine, principal: Principal, number: str) -> TicketDetail:
    """By its number; NotFound for a stranger's as for one that never was."""
    ticket, view = find(engine, principal, number)
    who = principal if principal.is_staff else principal.looking_at((ticket.account_id,))
    sees_items = who.may(P.INVENTORY_VIEW) and view is P.TICKET_VIEW_COMPANY
    with reading(engine, who, view) as connection:
        now = connection.execute(select(func.now())).scalar_one()
        head = _head(connection, ticket)
        works = may_work(principal, ticket)
        actor = actor_of(principal)
        return TicketDetail(
            ticket=ticket,
            **head,
            details=_details(connection, ticket),
            space=_space(connection, ticket) if sees_items else None,
            items=_items(connection, ticket) if sees_items else (),
            tracking_numbers=tuple(connection.scalars(_children(TrackingNumber, ticket, TrackingNumber.number))),
            visitors=_rows(connection, Visitor, ticket),
            contacts=_rows(connection, TicketContact, ticket),
            conversation=_conversation(connection, ticket, principal),
            timeline=_timeline(connection, ticket),
            clocks=_clocks(connection, ticket, now),
            watchers=_watchers(connection, ticket),
            may_work=works,
            next_states=next_states(ticket.standing, actor, now) if works else (),
            may_rate=works and not principal.is_staff and ticket.resolved_at is not None and head["rating"] is None,
        )


def _head(connection: Connection, ticket: Found) -> dict[str, Any]:
    requester, assignee = Person.__table__.alias("requester"), Person.__table__.alias("assignee")
    query = (
        select(
            Account.name.label("account"),
            Account.outside_watchers,
            Site.name.label("site"),
            func.coalesce(Site.time_zone, "UTC").label("site_zone"),
            requester.c.name.label("requester"),
            assignee.c.name.label("assignee"),
            *(
                Ticket.__table__.c[name]
                for name in (
                    "subject", "description", "customer_reference", "estimated_completion", "waiting_for", "rating",
                    "rating_comment",
                )
            ),
        )
        .select_from(Ticket)
        .join(Account, Account.id == Ticket.account_id)
        .outerjoin(Site, Site.id == Ticket.site_id)
        .outerjoin(requester, requester.c.id == Ticket.requested_by)
        .outerjoin(assignee, assignee.c.id == Ticket.assignee_id)
        .where(Ticket.account_id == ticket.account_id, Ticket.id == ticket.id)
    )  # fmt: skip
    return dict(connection.execute(query).mappings().one())


def _children(model: Any, ticket: Found, *columns: Any) -> Any:
    mine = model.account_id == ticket.account_id, model.ticket_id == ticket.id
    return select(*columns).where(*mine).order_by(model.id)


def _rows(connection: Connection, model: type[Base], ticket: Found) -> tuple[Mapping[str, Any], ...]:
    table = model.__table__
    columns = [column for column in table.columns if column.name not in ("account_id", "ticket_id")]
    mine = table.c.account_id == ticket.account_id, table.c.ticket_id == ticket.id
    return tuple(dict(row) for row in connection.execute(select(*columns).where(*mine).order_by(table.c.id)).mappings())


def _details(connection: Connection, ticket: Found) -> Mapping[str, Any]:
    table = DETAILS[ticket.kind].__table__
    columns = [column for column in table.columns if column.name not in ("account_id", "ticket_id")]
    mine = table.c.account_id == ticket.account_id, table.c.ticket_id == ticket.id
    row = connection.execute(select(*columns).where(*mine)).mappings().one_or_none()
    return dict(row) if row else {}


def _space(connection: Connection, ticket: Found) -> str | None:
    query = (
        select(InventoryItem.label)
        .join(Ticket, (Ticket.account_id == InventoryItem.account_id) & (Ticket.space_id == InventoryItem.id))
        .where(Ticket.account_id == ticket.account_id, Ticket.id == ticket.id)
    )
    return connection.scalar(query)


def _items(connection: Connection, ticket: Found) -> tuple[str, ...]:
    same = (InventoryItem.account_id == TicketItem.account_id) & (InventoryItem.id == TicketItem.item_id)
    query = (
        select(InventoryItem.label)
        .join(TicketItem, same)
        .where(TicketItem.account_id == ticket.account_id, TicketItem.ticket_id == ticket.id)
        .order_by(InventoryItem.asset_number)
    )
    return tuple(connection.scalars(query))


def _conversation(connection: Connection, ticket: Found, principal: Principal) -> tuple[Contribution, ...]:
    """Internal notes are left out by the policy, and so are their files."""
    files: dict[int, list[FileRef]] = {}
    listed = _children(Attachment, ticket, Attachment.message_id, Attachment.uuid, Attachment.name, Attachment.size)
    for message, uuid, name, size in connection.execute(listed):
        files.setdefault(message, []).append(FileRef(uuid, name, size))
    said = _children(
        TicketMessage,
        ticket,
        *(TicketMessage.id, TicketMessage.uuid, TicketMessage.kind, TicketMessage.author_name, TicketMessage.author_id),
        *(TicketMessage.body, TicketMessage.written_at),
    )
    return tuple(
        Contribution(uuid, kind, author, by == principal.person_id, body, at, tuple(files.get(number, ())))
        for number, uuid, kind, author, by, body, at in connection.execute(said)
    )


def _timeline(connection: Connection, ticket: Found) -> tuple[Step, ...]:
    query = (
        select(
            *(StatusChange.changed_at, StatusChange.from_status, StatusChange.to_status, StatusChange.severity),
            *(StatusChange.reason, StatusChange.by_actor, Person.name),
        )
        .outerjoin(Person, Person.id == StatusChange.by_person_id)
        .where(StatusChange.account_id == ticket.account_id, StatusChange.ticket_id == ticket.id)
        .order_by(StatusChange.id)
    )
    return tuple(Step(*row) for row in connection.execute(query))


def _clocks(connection: Connection, ticket: Found, now: datetime) -> tuple[ClockFace, ...]:
    columns = (
        *(TicketClock.clock, TicketClock.round, TicketClock.started_at, TicketClock.deadline),
        *(TicketClock.stopped_at, TicketClock.paused_since),
    )
    return tuple(
        ClockFace(
            clock, number, started, deadline,
            read_clock(deadline=deadline, stopped_at=stopped, paused_since=paused, now=now),
        )
        for clock, number, started, deadline, stopped, paused in connection.execute(
            _children(TicketClock, ticket, *columns)
        )
    )  # fmt: skip


def _watchers(connection: Connection, ticket: Found) -> tuple[WatcherRow, ...]:
    query = (
        select(TicketWatcher.id, TicketWatcher.person_id, Person.name, TicketWatcher.email, TicketWatcher.confirmed_at)
        .outerjoin(Person, Person.id == TicketWatcher.person_id)
        .where(TicketWatcher.account_id == ticket.account_id, TicketWatcher.ticket_id == ticket.id)
        .order_by(TicketWatcher.id)
    )
    return tuple(
        WatcherRow(number, person, name, email, is_confirmed=email is None or at is not None)
        for number, person, name, email, at in connection.execute(query)
    )
