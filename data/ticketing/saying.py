"""One contribution to a ticket's conversation, with its files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert

from data.commands import Work
from data.models import TicketMessage
from data.ticketing.files import keep_files
from data.ticketing.reach import Found, actor_of
from data.ticketing.telling import note
from rules.errors import Invalid
from rules.files import Accepted
from rules.lifecycle import Actor
from rules.words import N_

LONGEST = 10_000
#: A reason, or what is said with a rating.
REMARK = 1000


@dataclass(frozen=True)
class Said:
    id: int
    uuid: UUID
    at: datetime


def checked_body(typed: str, *, has_files: bool = False) -> str:
    body = typed.strip()
    if not body and not has_files:
        raise Invalid(N_("Please write something."), "body")
    refuse_too_long(body, LONGEST, "body")
    return body


def refuse_too_long(typed: str, most: int, field: str) -> None:
    """Too long, or with a NUL, which the database cannot keep."""
    if len(typed) > most or "\x00" in typed:
        raise Invalid(N_("At most {most} characters; this has {count}."), field, most=most, count=len(typed))


def say(work: Work, ticket: Found, body: str, files: tuple[Accepted, ...] = (), *, internal: bool = False) -> Said:
    """One contribution with its files; only for the desk it is noted where only staff read."""
    spoken = "staff_reply" if actor_of(work.principal) is Actor.DESK else "customer_note"
    kind = "internal_note" if internal else spoken
    new = insert(TicketMessage).values(
        account_id=ticket.account_id,
        ticket_id=ticket.id,
        kind=kind,
        author_id=work.principal.person_id,
        author_name=work.principal.name,
        body=body,
    )
    said = Said(
        *work.connection.execute(new.returning(TicketMessage.id, TicketMessage.uuid, TicketMessage.written_at)).one()
    )
    keep_files(work, ticket, said.id, files)
    note(
        work,
        ticket,
        f"ticket.{kind}",
        after={"files": [file.name for file in files]} if files else None,
        internal=internal,
    )
    return said
