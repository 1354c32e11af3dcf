"""Visitors at the door: each is checked in and out; the visit follows the first who comes and the last who leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Engine, func, select, update

from data.commands import Command, Work
from data.models import Visitor
from data.ticketing.move import moved
from data.ticketing.reach import Found, locked, working_on
from data.ticketing.standing import change_of
from data.ticketing.telling import note
from rules.errors import Conflict, NotFound
from rules.lifecycle import Actor
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_, Stored


@dataclass(frozen=True)
class AtTheDoor(Command):
    """By the desk, for one visitor."""

    number: str
    visitor_id: int

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        return working_on(engine, principal, self.number, only=Actor.DESK)

    def visitor(self, work: Work, ticket: Found) -> Any:
        columns = Visitor.id, Visitor.name, Visitor.checked_in_at, Visitor.checked_out_at
        row = work.connection.execute(select(*columns).where(*_of(ticket), Visitor.id == self.visitor_id)).one_or_none()
        if row is None:
            raise NotFound(str(self.visitor_id))
        return row

    def stamp(self, work: Work, ticket: Found, **when: Any) -> None:
        work.connection.execute(update(Visitor).where(*_of(ticket), Visitor.id == self.visitor_id).values(when))
        work.connection.execute(change_of(ticket).values(updated_at=func.now()))


@dataclass(frozen=True)
class CheckIn(AtTheDoor):
    name: ClassVar = "visit.check_in"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        ticket = locked(work.connection, self.number)
        if ticket.status not in ("approved", "checked_in"):
            state = Stored("ticket.status", ticket.status)
            raise Conflict(N_("Nobody is let in while the visit is “{status}”."), status=state)
        visitor = self.visitor(work, ticket)
        if visitor.checked_in_at is not None:
            raise Conflict(N_("{who} is checked in already."), who=visitor.name)
        self.stamp(work, ticket, checked_in_at=func.clock_timestamp())
        note(work, ticket, self.name, after={"visitor": visitor.name})
        if ticket.status == "approved":
            ticket = moved(work, ticket, "checked_in")
        return {"status": ticket.status}


@dataclass(frozen=True)
class CheckOut(AtTheDoor):
    """With the last one inside, the visit is over."""

    name: ClassVar = "visit.check_out"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        ticket = locked(work.connection, self.number)
        visitor = self.visitor(work, ticket)
        if visitor.checked_in_at is None or visitor.checked_out_at is not None:
            raise Conflict(N_("{who} is not inside."), who=visitor.name)
        self.stamp(work, ticket, checked_out_at=func.clock_timestamp())
        note(work, ticket, self.name, after={"visitor": visitor.name})
        inside = (
            select(func.count())
            .select_from(Visitor)
            .where(*_of(ticket), Visitor.checked_in_at.is_not(None), Visitor.checked_out_at.is_(None))
        )
        if ticket.status == "checked_in" and not work.connection.scalar(inside):
            ticket = moved(work, ticket, "checked_out")
        return {"status": ticket.status}


def _of(ticket: Found) -> tuple[Any, ...]:
    return Visitor.account_id == ticket.account_id, Visitor.ticket_id == ticket.id
