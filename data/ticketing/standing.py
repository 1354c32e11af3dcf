"""Where a ticket stands after a move: the log is read, and clocks, deadline and pause are written from it (SPEC §4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from data.models import RemoteHands, Shipment, SiteVisit, SlaTarget, StatusChange, Ticket, TicketClock
from data.ticketing.reach import Found
from rules.clocks import Change, History, TimedClock, next_deadline, replay
from rules.lifecycle import Actor, Category
from rules.request_types import Severity, TicketKind
from rules.sla import Agreed, Clock

#: What every move may write of a clock that is there (data/models/tickets/clocks.py).
RAN_ON = ("paused_seconds", "paused_since", "deadline", "stopped_at", "outcome")


@dataclass(frozen=True)
class Line:
    """One line for the log. A change of severity is a line that leads where the ticket already is."""

    to_status: str
    category: Category
    by: Actor
    by_person: int | None
    from_status: str | None = None
    severity: Severity | None = None
    reason: str | None = None


def log(connection: Connection, ticket: Found, line: Line) -> tuple[int, datetime]:
    """After the ticket's row was changed: the policy compares the two. The line's id and time."""
    new = insert(StatusChange).values(
        account_id=ticket.account_id,
        ticket_id=ticket.id,
        from_status=line.from_status,
        to_status=line.to_status,
        category=line.category,
        severity=line.severity,
        reason=line.reason,
        by_person_id=line.by_person,
        by_actor=line.by,
    )
    number, at = connection.execute(new.returning(StatusChange.id, StatusChange.changed_at)).one()
    return number, at


def restand(
    connection: Connection, ticket: Found, *, by: Actor, replied_at: datetime | None = None, **also: Any
) -> None:
    """Rewrite clocks, next deadline and pause from the log, in the transaction of what was logged; `also` with them."""
    history = history_of(connection, ticket, replied_at=ticket.first_answered_at or replied_at)
    clocks = replay(history)
    for clock in clocks:
        _write(connection, ticket, clock, by)
    category = history.changes[-1].category
    also |= {"next_deadline": next_deadline(clocks, category), "paused_since": history.paused_since}
    if by is Actor.DESK and ticket.first_answered_at is None:
        also["first_answered_at"] = history.answered_at
    connection.execute(change_of(ticket).values(updated_at=func.now(), **also))


def change_of(ticket: Found) -> Any:
    """An update of this one row."""
    return update(Ticket).where(Ticket.account_id == ticket.account_id, Ticket.id == ticket.id)


def history_of(connection: Connection, ticket: Found, *, replied_at: datetime | None) -> History:
    lines = connection.execute(
        select(
            StatusChange.changed_at,
            StatusChange.to_status,
            StatusChange.category,
            StatusChange.by_actor,
            StatusChange.severity,
        )
        .where(StatusChange.account_id == ticket.account_id, StatusChange.ticket_id == ticket.id)
        .order_by(StatusChange.id)
    )
    changes = tuple(
        Change(at, status, Category(category), Actor(by), Severity(severity) if severity else None)
        for at, status, category, by, severity in lines
    )
    arrival = _arrival(connection, ticket) if ticket.kind is TicketKind.SHIPMENT else {}
    return History(
        kind=ticket.kind,
        changes=changes,
        direction=ticket.direction,
        starts_at=_starts_at(connection, ticket),
        replied_at=replied_at,
        agreed=agreed_targets(connection),
        **arrival,
    )


def agreed_targets(connection: Connection) -> tuple[Agreed, ...]:
    """Every target that was ever set otherwise, oldest first."""
    table = SlaTarget.__table__
    query = select(table.c.kind, table.c.clock, table.c.since, table.c.minutes, table.c.severity).order_by(
        table.c.since, table.c.id
    )
    return tuple(
        Agreed(
            TicketKind(kind),
            Clock(clock),
            since,
            None if minutes is None else timedelta(minutes=minutes),
            Severity(severity) if severity else None,
        )
        for kind, clock, since, minutes, severity in connection.execute(query)
    )


def _arrival(connection: Connection, ticket: Found) -> dict[str, Any]:
    """When the customer heard of it, and whether our own dock saw it come; before it has, nothing of it was missed."""
    mine = Shipment.account_id == ticket.account_id, Shipment.ticket_id == ticket.id
    row = connection.execute(select(Shipment.notified_at, Shipment.received_at).where(*mine)).one_or_none()
    notified_at, received_at = (None, None) if row is None else row
    return {"notified_at": notified_at, "arrival_is_known": received_at is not None}


def _starts_at(connection: Connection, ticket: Found) -> datetime | None:
    column = {TicketKind.REMOTE_HANDS: RemoteHands.starts_at, TicketKind.SITE_VISIT: SiteVisit.starts_at}
    return _of(connection, ticket, column[ticket.kind]) if ticket.kind in column else None


def _of(connection: Connection, ticket: Found, column: Any) -> datetime | None:
    table = column.class_
    return connection.scalar(select(column).where(table.account_id == ticket.account_id, table.ticket_id == ticket.id))


def row_of(clock: TimedClock) -> dict[str, Any]:
    """A clock as its table keeps it; of its targets and pauses whole seconds."""
    return {
        "started_at": clock.started_at,
        "target_seconds": round(clock.target.total_seconds()),
        "paused_seconds": round(clock.paused.total_seconds()),
        "paused_since": clock.paused_since,
        "deadline": clock.deadline,
        "stopped_at": clock.stopped_at,
        "outcome": clock.outcome,
    }


def _write(connection: Connection, ticket: Found, clock: TimedClock, by: Actor) -> None:
    """A clock that is over for good is left alone; of a running one only what changed.

    From when and how long we may take is the desk's to write. Where that is stored otherwise than the log says, others
    write how it ran on, as the log says it, and the desk's next move puts the rest right."""
    key = {"account_id": ticket.account_id, "ticket_id": ticket.id, "clock": clock.clock, "round": clock.round}
    mine = [TicketClock.__table__.c[name] == value for name, value in key.items()]
    wanted = row_of(clock)
    stored = (
        connection.execute(select(*(TicketClock.__table__.c[name] for name in wanted)).where(*mine))
        .mappings()
        .one_or_none()
    )
    if stored is None:
        new = {**key, **wanted, "site_id": ticket.site_id, "kind": ticket.kind}
        connection.execute(insert(TicketClock).inline().values(new))
        return
    mine_to_say = wanted if by is Actor.DESK else {name: wanted[name] for name in RAN_ON}
    changed = {name: value for name, value in mine_to_say.items() if value != stored[name]}
    if changed and stored["outcome"] is None:
        connection.execute(update(TicketClock).where(*mine).values(changed))


def moment(connection: Connection) -> datetime:
    """Now, as the log will say it: after whatever this transaction waited for."""
    return connection.execute(select(func.clock_timestamp())).scalar_one()
