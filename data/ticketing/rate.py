"""What the customer says about the work once it is done: one to five, and perhaps why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Engine, func, select

from data.commands import Command, Work
from data.models import Ticket
from data.ticketing.reach import locked, working_on
from data.ticketing.saying import REMARK, refuse_too_long
from data.ticketing.standing import change_of
from data.ticketing.telling import note
from rules.errors import Conflict, Invalid
from rules.lifecycle import Actor
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_


@dataclass(frozen=True)
class RateTicket(Command):
    """Once, after it was resolved."""

    name: ClassVar = "ticket.rate"

    number: str
    rating: int
    comment: str = ""

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        return working_on(engine, principal, self.number, only=Actor.CUSTOMER)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        comment = self.comment.strip()
        if self.rating not in range(1, 6):
            raise Invalid(N_("Choose one to five."), "rating")
        refuse_too_long(comment, REMARK, "comment")
        ticket = locked(work.connection, self.number)
        rated = work.connection.scalar(select(Ticket.rating).where(Ticket.number == self.number))
        if ticket.resolved_at is None:
            raise Conflict(N_("A ticket is rated once it is resolved."))
        if rated is not None:
            raise Conflict(N_("This ticket was rated already."))
        change = change_of(ticket).values(rating=self.rating, rating_comment=comment or None, updated_at=func.now())
        work.connection.execute(change)
        note(work, ticket, self.name, after={"rating": self.rating})
        return {"rating": self.rating}
