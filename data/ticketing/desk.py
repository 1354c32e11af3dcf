"""What the desk does to a ticket besides moving it: who works on it, how bad it is, when it begins and is done."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, Engine, func, select, update

from data.commands import Command, Work
from data.database import reading
from data.models import Person, RemoteHands, Shipment, StaffMember
from data.ticketing.move import keep_shipment, tell_received
from data.ticketing.proposals import proposal_of
from data.ticketing.reach import Found, expect, locked, working_on
from data.ticketing.saying import checked_body, say
from data.ticketing.standing import Line, change_of, log, moment, restand
from data.ticketing.telling import note, tell_assignee, tell_followers
from rules.errors import Conflict, Invalid
from rules.lifecycle import Actor, Category, can_agree_on_start
from rules.mail import MailKind
from rules.permissions import Permission, StaffRole
from rules.principal import Principal
from rules.request_types import Severity, TicketKind
from rules.words import N_

P = Permission


@dataclass(frozen=True)
class DeskCommand(Command):
    """Something that only the desk does to one ticket, as it was when they decided (`version`)."""

    number: str

    @property
    @abstractmethod
    def version(self) -> int | None:
        """The one they saw; the last field of each, so that it may be left out."""

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        return working_on(engine, principal, self.number, only=Actor.DESK)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        ticket = locked(work.connection, self.number)
        expect(work.connection, ticket, self.version)
        self.change(work, ticket)
        return {"number": ticket.number, "status": ticket.status, "version": ticket.version + 1}

    @abstractmethod
    def change(self, work: Work, ticket: Found) -> None:
        """With its audit entry; clocks and mail where it concerns them."""


@dataclass(frozen=True)
class Assign(DeskCommand):
    """To a colleague of the desk, or (None) to nobody. Customers are not told who."""

    name: ClassVar = "ticket.assign"

    person_id: int | None
    version: int | None = None

    def change(self, work: Work, ticket: Found) -> None:
        names = dict(colleagues(work.connection))
        if self.person_id is not None and self.person_id not in names:
            raise Invalid(N_("Choose somebody of the service desk."), "person_id")
        _change(work, ticket, assignee_id=self.person_id)
        before, after = (person and names.get(person) for person in (ticket.assignee_id, self.person_id))
        note(work, ticket, self.name, before={"assignee": before}, after={"assignee": after}, internal=True)


@dataclass(frozen=True)
class SetSeverity(DeskCommand):
    """Of a fault; the targets change, the answer and the pauses that were stay."""

    name: ClassVar = "ticket.severity"

    severity: Severity
    reason: str
    version: int | None = None

    def change(self, work: Work, ticket: Found) -> None:
        if ticket.kind is not TicketKind.FAULT or ticket.category is Category.DONE:
            raise Conflict(N_("Only a fault that is not over has a severity to change."))
        reason = self.reason.strip()
        if not reason:
            raise Invalid(N_("Please give a reason."), "reason")
        _change(work, ticket, severity=self.severity)
        line = Line(
            ticket.status, ticket.category, Actor.DESK, work.principal.person_id, ticket.status, self.severity, reason
        )
        log(work.connection, ticket, line)
        restand(work.connection, ticket, by=Actor.DESK)
        before, after = {"severity": ticket.severity}, {"severity": self.severity}
        note(work, ticket, self.name, before=before, after=after, reason=reason)


@dataclass(frozen=True)
class Estimate(DeskCommand):
    """When it will be done, as far as we know; None takes it back."""

    name: ClassVar = "ticket.estimate"

    at: datetime | None
    version: int | None = None

    def change(self, work: Work, ticket: Found) -> None:
        if self.at is not None and self.at < moment(work.connection):
            raise Invalid(N_("This time has passed. Choose a later one."), "at")
        _change(work, ticket, estimated_completion=self.at)
        note(work, ticket, self.name, after={"at": self.at and self.at.isoformat()})


@dataclass(frozen=True)
class ProposeStart(DeskCommand):
    """A time for remote hands, with a question to the customer; they accept or decline, the desk then schedules."""

    name: ClassVar = "ticket.propose"

    starts_at: datetime
    message: str
    version: int | None = None

    def change(self, work: Work, ticket: Found) -> None:
        if ticket.kind is not TicketKind.REMOTE_HANDS or ticket.status not in (
            "submitted",
            "acknowledged",
            "scheduled",
        ):
            raise Conflict(N_("A time is proposed for remote hands that have not begun."))
        if self.starts_at < moment(work.connection):
            raise Invalid(N_("This time has passed. Choose a later one."), "starts_at")
        said = say(work, ticket, checked_body(self.message))
        _change_hands(work, ticket, proposed_starts_at=self.starts_at, proposal_answer=None)
        _change(work, ticket, waiting_for="customer", respond_by=self.starts_at)
        restand(work.connection, ticket, by=Actor.DESK, replied_at=said.at)
        note(work, ticket, self.name, after={"starts_at": self.starts_at.isoformat()})
        kind = MailKind.TICKET_WAITING
        tell_followers(work, ticket, kind, said.id, message=self.message, respond_by=self.starts_at)


@dataclass(frozen=True)
class AnswerProposal(Command):
    """The customer's yes or no to a proposed time; a no says why."""

    name: ClassVar = "ticket.proposal"

    number: str
    accept: bool
    body: str = ""

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        return working_on(engine, principal, self.number, only=Actor.CUSTOMER)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        ticket = locked(work.connection, self.number)
        proposal = proposal_of(work, ticket)
        if proposal is None or proposal.answer is not None or not can_agree_on_start(ticket.standing):
            raise Conflict(N_("No time waits for an answer here."))
        answer = "accepted" if self.accept else "declined"
        if self.body.strip() or not self.accept:
            said = say(work, ticket, checked_body(self.body))
            tell_assignee(work, ticket, MailKind.TICKET_NOTE, said.id, message=self.body, by=work.principal.name)
        _change_hands(work, ticket, proposal_answer=answer)
        # a ticket that waits for the customer has another question open, which this does not answer
        waits = {} if ticket.category is Category.PAUSED else {"waiting_for": None, "respond_by": None}
        work.connection.execute(change_of(ticket).values(updated_at=func.now(), **waits))
        note(work, ticket, self.name, after={"answer": answer})
        return {"answer": answer, "starts_at": proposal.starts_at.isoformat()}


@dataclass(frozen=True)
class NotifyReceipt(DeskCommand):
    """The customer hears that the shipment is here, where it was not told at once."""

    name: ClassVar = "shipment.notify"

    version: int | None = None

    def change(self, work: Work, ticket: Found) -> None:
        mine = Shipment.account_id == ticket.account_id, Shipment.ticket_id == ticket.id
        if ticket.kind is not TicketKind.SHIPMENT or ticket.status not in ("received", "stored"):
            raise Conflict(N_("There is nothing to tell yet: it has not arrived."))
        keep_shipment(work, ticket)
        if work.connection.scalar(select(Shipment.notified_at).where(*mine)) is not None:
            raise Conflict(N_("The customer has been told already."))
        work.connection.execute(update(Shipment).where(*mine).values(notified_at=func.clock_timestamp()))
        work.connection.execute(change_of(ticket).values(version=ticket.version + 1))
        restand(work.connection, ticket, by=Actor.DESK)
        note(work, ticket, self.name)
        tell_received(work, ticket, "told", partial=False)


def _change(work: Work, ticket: Found, **values: Any) -> None:
    change = change_of(ticket).values(version=ticket.version + 1, updated_at=func.now(), **values)
    work.connection.execute(change)


def _change_hands(work: Work, ticket: Found, **values: Any) -> None:
    mine = RemoteHands.account_id == ticket.account_id, RemoteHands.ticket_id == ticket.id
    work.connection.execute(update(RemoteHands).where(*mine).values(values))


def colleagues(connection: Connection) -> tuple[tuple[int, str], ...]:
    """Who works at the service desk, by name."""
    query = (
        select(Person.id, Person.name)
        .join(StaffMember, StaffMember.person_id == Person.id)
        .where(StaffMember.role == StaffRole.SERVICE_DESK, Person.disabled_at.is_(None))
        .order_by(Person.name, Person.id)
    )
    return tuple((row.id, row.name) for row in connection.execute(query))


def list_colleagues(engine: Engine, principal: Principal) -> tuple[tuple[int, str], ...]:
    """To whom a ticket can be assigned."""
    with reading(engine, principal, P.TICKET_WORK) as connection:
        return colleagues(connection)
