"""What is said about a ticket: customers write notes, the desk replies, and notes things only the desk may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Engine, func

from data.commands import Command, Work
from data.ticketing.move import USUAL_ANSWER, moved
from data.ticketing.reach import Found, locked, working_on
from data.ticketing.saying import checked_body, say
from data.ticketing.standing import change_of, restand
from data.ticketing.telling import tell_assignee, tell_followers
from rules.files import Upload, accept
from rules.lifecycle import Actor, Category
from rules.mail import MailKind
from rules.permissions import Permission
from rules.principal import Principal


@dataclass(frozen=True)
class Say(Command):
    """A note of the customer or a reply of the desk; `internal` is for the desk's own eyes.

    A customer's note answers a question that the ticket waits for, and so work goes on. What rests for a reason of
    theirs the desk takes up again, once it has read the note: until then it stands among what customers replied to."""

    name: ClassVar = "ticket.say"
    creates: ClassVar = True

    number: str
    body: str
    files: tuple[Upload, ...] = ()
    internal: bool = False

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        return working_on(engine, principal, self.number, only=Actor.DESK if self.internal else None)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        body, files = checked_body(self.body, has_files=bool(self.files)), accept(self.files)
        ticket = locked(work.connection, self.number)
        if self.internal:
            return {"message": str(say(work, ticket, body, files, internal=True).uuid), "status": ticket.status}
        said = say(work, ticket, body, files)
        if work.principal.is_staff:
            waits = self._asked_again(ticket, said.at)
            restand(work.connection, ticket, by=Actor.DESK, replied_at=said.at, **waits)
            kind = MailKind.TICKET_ANSWERED
        else:
            ticket = self._answered(work, ticket)
            kind = MailKind.TICKET_NOTE
            tell_assignee(work, ticket, kind, said.id, message=body, by=work.principal.name)
        tell_followers(work, ticket, kind, said.id, message=body, by=work.principal.name)
        return {"message": str(said.uuid), "status": ticket.status}

    def _answered(self, work: Work, ticket: Found) -> Found:
        if ticket.status == "waiting_customer":
            return moved(work, ticket, "in_progress", tells=False)  # the note is told
        # it stays on hold until the desk has read it, but waits for the customer no longer
        waits = {"waiting_for": None, "respond_by": None} if _rests_for_the_customer(ticket) else {}
        work.connection.execute(change_of(ticket).values(updated_at=func.now(), **waits))
        return ticket

    def _asked_again(self, ticket: Found, at: datetime) -> dict[str, Any]:
        """What the customer wrote was not enough: it is their turn again."""
        if not _rests_for_the_customer(ticket) or ticket.respond_by is not None:
            return {}
        return {"waiting_for": "customer", "respond_by": at + USUAL_ANSWER}


def _rests_for_the_customer(ticket: Found) -> bool:
    return ticket.status == "on_hold" and ticket.category is Category.PAUSED
