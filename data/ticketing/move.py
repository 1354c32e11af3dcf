"""Moving a ticket on: every move goes through the tables of rules/lifecycle.py, into the log, and into the clocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import Engine, func, insert, select, update

from data.commands import Command, Work
from data.models import RemoteHands, Shipment, SiteVisit, Visitor
from data.ticketing.proposals import proposal_of
from data.ticketing.reach import Found, actor_of, expect, locked, working_on
from data.ticketing.saying import REMARK, checked_body, refuse_too_long, say
from data.ticketing.standing import Line, change_of, log, moment, restand
from data.ticketing.telling import note, tell_assignee, tell_followers
from rules.errors import Conflict, Invalid
from rules.lifecycle import (
    NEEDS_REASON,
    OVER,
    RESOLVED,
    STORAGE,
    Actor,
    Category,
    can_agree_on_start,
    category_of,
    refusal,
)
from rules.mail import MailKind
from rules.permissions import Permission
from rules.principal import Principal
from rules.request_types import Carrier, Schedule, TicketKind
from rules.words import N_, Stored

#: How long the customer has, unless the desk says otherwise.
USUAL_ANSWER = timedelta(days=3)
#: Steps of a shipment that are the arrival of packages.
ARRIVALS = ("partially_received", "received")
LEFT_THE_DOCK = ("stored", "delivered", "returned")


@dataclass(frozen=True)
class MoveTicket(Command):
    """To the state `to`, for customers and for the desk alike; what the move needs besides is said by its fields."""

    name: ClassVar = "ticket.move"

    number: str
    to: str
    #: What the mover saw when they decided; another one meanwhile is a Conflict.
    version: int | None = None
    #: Why it ends, rests or waits; the customer reads it.
    reason: str | None = None
    #: A reply that goes with it: the question where it waits for the customer, the outcome where it is resolved.
    message: str | None = None
    #: On hold: does the reason lie with the customer? Only then the clock is paused.
    customer_must_act: bool = False
    respond_by: datetime | None = None
    #: Scheduled: when work begins.
    starts_at: datetime | None = None
    estimated_completion: datetime | None = None
    #: Received: how many packages so far, and whether the customer is told at once.
    packages: int | None = None
    notify: bool = True

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        return working_on(engine, principal, self.number)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        ticket = locked(work.connection, self.number)
        expect(work.connection, ticket, self.version)
        ticket = moved(work, ticket, self.to, self)
        return {"number": ticket.number, "status": ticket.status, "version": ticket.version}


def moved(work: Work, ticket: Found, to: str, told: MoveTicket | None = None, *, tells: bool = True) -> Found:
    """Make the move: check, change, log, clocks, audit and mail. The ticket is locked; it comes back as it is then.

    `tells` is false where its reader is told by another mail of the same deed."""
    told = told or MoveTicket(ticket.number, to)
    actor, now = actor_of(work.principal), moment(work.connection)
    check_move(ticket, to, actor, now)
    reason = _checked_reason(told, to, actor)
    _check_times(told, now)
    category = category_of(to, customer_must_act=told.customer_must_act)
    respond_by = _respond_by(work, ticket, told, now, to, category)
    changes: dict[str, Any] = {
        "status": to,
        "category": category,
        "version": ticket.version + 1,
        "waiting_for": "customer" if respond_by else None,
        "respond_by": respond_by,
    }
    if actor is Actor.DESK and told.estimated_completion is not None:
        changes["estimated_completion"] = told.estimated_completion
    work.connection.execute(change_of(ticket).values(changes))
    line = Line(to, category, actor, work.principal.person_id, ticket.status, ticket.severity, reason)
    number, at = log(work.connection, ticket, line)
    details = _details(work, ticket, told, now) if actor is Actor.DESK else {}
    said_at = _say(work, ticket, told)
    restand(work.connection, ticket, by=actor, replied_at=said_at, **ends(ticket, to, at))
    note(work, ticket, "ticket.move", before={"status": ticket.status}, after={"status": to, **details}, reason=reason)
    if tells:
        _tell(work, ticket, told, number, reason, respond_by)
    return replace(ticket, status=to, category=category, version=ticket.version + 1, respond_by=respond_by)


def check_move(ticket: Found, to: str, actor: Actor, now: datetime) -> None:
    """Conflict with the reason where the tables know no such move, or not by this actor or not any more."""
    why = refusal(ticket.standing, actor, to, now)
    if why is not None:
        states = {"status": Stored("ticket.status", ticket.status), "target": Stored("ticket.status", to)}
        raise Conflict(why, **{name: value for name, value in states.items() if f"{{{name}}}" in why})


def ends(ticket: Found, to: str, at: datetime) -> dict[str, datetime | None]:
    """When it was resolved and when it was over; taking it up again takes both back."""
    if to == "reopened":
        return {"resolved_at": None, "closed_at": None}
    if to in RESOLVED:
        return {"resolved_at": ticket.resolved_at or at}
    return {"closed_at": at} if to in OVER else {}


def _checked_reason(told: MoveTicket, to: str, actor: Actor) -> str | None:
    reason = (told.reason or "").strip() or None
    if to == "waiting_customer":
        if not (told.message or "").strip():
            raise Invalid(N_("What do you need from the customer? Write your question."), "message")
    elif to in NEEDS_REASON and reason is None:
        raise Invalid(N_("Please give a reason."), "reason")
    refuse_too_long(reason or "", REMARK, "reason")
    if told.message and actor is Actor.CUSTOMER:
        raise Invalid(N_("Write a note instead."), "message")
    return reason


def _check_times(told: MoveTicket, now: datetime) -> None:
    for field in ("respond_by", "estimated_completion"):
        at = getattr(told, field)
        if at is not None and at < now:
            raise Invalid(N_("This time has passed. Choose a later one."), field)


def _respond_by(
    work: Work, ticket: Found, told: MoveTicket, now: datetime, to: str, category: Category
) -> datetime | None:
    """Until when the customer should answer, after this move; a proposed start waits for its answer through moves."""
    if category is Category.PAUSED:
        return told.respond_by or now + USUAL_ANSWER
    if to == "scheduled" or not can_agree_on_start(replace(ticket.standing, status=to)):
        return None
    proposed = proposal_of(work, ticket)
    return proposed.starts_at if proposed is not None and proposed.answer is None else None


def _say(work: Work, ticket: Found, told: MoveTicket) -> datetime | None:
    if not (told.message or "").strip():
        return None
    return say(work, ticket, checked_body(told.message or "")).at


def _details(work: Work, ticket: Found, told: MoveTicket, now: datetime) -> dict[str, Any]:
    """What some moves of the desk bring along; returned for the audit log."""
    if not can_agree_on_start(replace(ticket.standing, status=told.to)):
        _forget_proposal(work, ticket)
    if told.to == "scheduled":
        return _schedule(work, ticket, told, now)
    if told.to in ARRIVALS:
        return _arrive(work, ticket, told, now)
    if told.to in LEFT_THE_DOCK:
        # whoever was not told of the arrival hears of it now, by the mail about this move
        notified = func.coalesce(Shipment.notified_at, func.clock_timestamp())
        until = {"storage_until": (now + STORAGE).date()} if told.to == "stored" else {}
        keep_shipment(work, ticket)
        _change(work, ticket, Shipment, notified_at=notified, **until)
        return {name: day.isoformat() for name, day in until.items()}
    if told.to == "checked_out":
        _everybody_left(work, ticket)
    return {}


def _forget_proposal(work: Work, ticket: Found) -> None:
    """Nobody needs to answer it any more; what was answered stays."""
    if ticket.kind is TicketKind.REMOTE_HANDS and (proposed := proposal_of(work, ticket)) and proposed.answer is None:
        _change(work, ticket, RemoteHands, proposed_starts_at=None)


def _schedule(work: Work, ticket: Found, told: MoveTicket, now: datetime) -> dict[str, Any]:
    if ticket.kind is not TicketKind.REMOTE_HANDS:
        return {}
    mine = RemoteHands.account_id == ticket.account_id, RemoteHands.ticket_id == ticket.id
    known, proposed, answer = work.connection.execute(
        select(RemoteHands.starts_at, RemoteHands.proposed_starts_at, RemoteHands.proposal_answer).where(*mine)
    ).one()
    agreed = proposed if answer == "accepted" else None
    start = told.starts_at or agreed or known
    if start is None:
        raise Invalid(N_("When will work begin?"), "starts_at")
    if start < now:
        raise Invalid(N_("This time has passed. Choose a later one."), "starts_at")
    return _change(work, ticket, RemoteHands, schedule=Schedule.SCHEDULED, starts_at=start, proposed_starts_at=None)


def _arrive(work: Work, ticket: Found, told: MoveTicket, now: datetime) -> dict[str, Any]:
    if told.packages is not None and told.packages < 1:
        raise Invalid(N_("At least {least}."), "packages", least=1)
    values: dict[str, Any] = {"received_at": now, "storage_until": (now + STORAGE).date()}
    if told.packages is not None:
        values["received_packages"] = told.packages
    if told.to == "received":
        # the promise is about all of it (SPEC §4): a word about the first packages does not keep it
        values["notified_at"] = func.clock_timestamp() if told.notify else None
    keep_shipment(work, ticket)
    _change(work, ticket, Shipment, **values)
    return {"packages": told.packages} if told.packages is not None else {}


def keep_shipment(work: Work, ticket: Found) -> None:
    """A shipment that was announced before the portal came without its carrier; where it is now belongs in a row."""
    mine = Shipment.account_id == ticket.account_id, Shipment.ticket_id == ticket.id
    if work.connection.scalar(select(Shipment.ticket_id).where(*mine)) is None:
        new = {"account_id": ticket.account_id, "ticket_id": ticket.id, "carrier": Carrier.OTHER}
        work.connection.execute(insert(Shipment).inline().values(new))


def _change(work: Work, ticket: Found, model: Any, **values: Any) -> dict[str, Any]:
    mine = model.account_id == ticket.account_id, model.ticket_id == ticket.id
    work.connection.execute(update(model).where(*mine).values(values))
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def _everybody_left(work: Work, ticket: Found) -> None:
    """Who was checked in and not out has left with the others."""
    work.connection.execute(
        update(Visitor)
        .where(Visitor.account_id == ticket.account_id, Visitor.ticket_id == ticket.id)
        .where(Visitor.checked_in_at.is_not(None), Visitor.checked_out_at.is_(None))
        .values(checked_out_at=func.now())
    )


def _tell(
    work: Work, ticket: Found, told: MoveTicket, number: int, reason: str | None, respond_by: datetime | None
) -> None:
    message = (told.message or "").strip() or None
    if actor_of(work.principal) is Actor.CUSTOMER:
        tell_assignee(work, ticket, MailKind.TICKET_STATUS, number, status=told.to, reason=reason)
    match told.to:
        case "waiting_customer":
            tell_followers(work, ticket, MailKind.TICKET_WAITING, number, message=message, respond_by=respond_by)
        case "resolved":
            tell_followers(work, ticket, MailKind.TICKET_RESOLVED, number, message=message)
        case "received" | "partially_received":
            if told.notify:
                tell_received(work, ticket, number, partial=told.to == "partially_received")
        case "approved":
            visit = _visit(work, ticket)
            kind = MailKind.VISIT_APPROVED if visit else MailKind.TICKET_STATUS
            tell_followers(work, ticket, kind, number, **(visit or {"status": told.to, "reason": reason}))
        case _:
            tell_followers(work, ticket, MailKind.TICKET_STATUS, number, status=told.to, reason=reason)


def tell_received(work: Work, ticket: Found, about: object, *, partial: bool) -> None:
    packages, received, until = work.connection.execute(
        select(Shipment.packages, Shipment.received_packages, Shipment.storage_until).where(
            Shipment.account_id == ticket.account_id, Shipment.ticket_id == ticket.id
        )
    ).one()
    arrived = received if received is not None else packages
    tell_followers(
        work, ticket, MailKind.SHIPMENT_RECEIVED, about, packages=arrived, storage_until=until, partial=partial
    )


def _visit(work: Work, ticket: Found) -> dict[str, Any]:
    """Empty for one that was asked for before the portal, without its hours."""
    visit = work.connection.execute(
        select(SiteVisit.starts_at, SiteVisit.ends_at).where(
            SiteVisit.account_id == ticket.account_id, SiteVisit.ticket_id == ticket.id
        )
    ).one_or_none()
    if visit is None:
        return {}
    visitors = select(Visitor.name).where(Visitor.account_id == ticket.account_id, Visitor.ticket_id == ticket.id)
    names = list(work.connection.scalars(visitors.order_by(Visitor.id)))
    return {"starts_at": visit.starts_at, "ends_at": visit.ends_at, "visitors": names}
