"""How far the mail about a ticket is, for the desk: sent when, trying again, or given up and to be started again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Engine, func, select, update

from data.audit import Deed, record
from data.commands import Command, Work
from data.database import reading
from data.models import Mail, Person, Ticket
from rules.errors import NotFound
from rules.mail import MailKind, MailState
from rules.permissions import Permission
from rules.principal import Principal

P = Permission
MOST = 200


@dataclass(frozen=True)
class MailRow:
    """One mail, without what is in it. `next_at` is when a waiting one is tried next."""

    id: int
    kind: MailKind
    to: str
    state: MailState
    attempts: int
    next_at: datetime
    sent_at: datetime | None
    written_at: datetime


def list_mail(engine: Engine, principal: Principal, number: str) -> tuple[MailRow, ...]:
    """All about one ticket, the newest first; for whoever works on tickets."""
    query = (
        select(
            Mail.id, Mail.kind, func.coalesce(Person.name, Mail.address), Mail.state, Mail.attempts, Mail.next_at,
            Mail.sent_at, Mail.created_at,
        )
        .join(Ticket, (Ticket.account_id == Mail.account_id) & (Ticket.id == Mail.ticket_id))
        .outerjoin(Person, Person.id == Mail.person_id)
        .where(Ticket.number == number)
        .order_by(Mail.id.desc())
        .limit(MOST)
    )  # fmt: skip
    with reading(engine, principal, P.TICKET_WORK) as connection:
        rows = connection.execute(query).all()
    return tuple(MailRow(row[0], MailKind(row[1]), row[2], MailState(row[3]), *row[4:]) for row in rows)


@dataclass(frozen=True)
class SendAgain(Command):
    """A mail that was given up is tried once more, with the same Message-ID."""

    name: ClassVar = "mail.send_again"

    mail_id: int

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        principal.require(P.TICKET_WORK)
        return principal, P.TICKET_WORK

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        dead = Mail.id == self.mail_id, Mail.state == MailState.DEAD
        change = update(Mail).where(*dead).values(state=MailState.READY, attempts=0, next_at=func.now())
        if work.connection.execute(change).rowcount == 0:
            raise NotFound(f"mail {self.mail_id}")
        record(work.connection, work.principal, Deed(self.name, "mail", object_id=str(self.mail_id)))
        return {}
