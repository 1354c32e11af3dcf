"""Files of a ticket, kept in the database: added with a contribution, read through our own route."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Engine, func, insert, select

from data.audit import Deed, record
from data.commands import Work
from data.database import writing
from data.models import Attachment, Ticket, TicketMessage
from data.ticketing.reach import VIEWS, Found, looking
from rules.errors import Invalid, NotFound
from rules.files import Accepted
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

MOST_PER_TICKET = 50


@dataclass(frozen=True)
class File:
    """A file as it is handed out."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


def keep_files(work: Work, ticket: Found, message_id: int, files: tuple[Accepted, ...]) -> None:
    """With one's own message, in its transaction; who sees the message sees its files."""
    if not files:
        return
    mine = Attachment.account_id == ticket.account_id, Attachment.ticket_id == ticket.id
    kept = work.connection.scalar(select(func.count()).select_from(Attachment).where(*mine)) or 0
    if kept + len(files) > MOST_PER_TICKET:
        raise Invalid(N_("A ticket holds at most {most} files."), "files", most=MOST_PER_TICKET)
    for file in files:
        work.connection.execute(
            insert(Attachment)
            .inline()
            .values(
                account_id=ticket.account_id,
                ticket_id=ticket.id,
                message_id=message_id,
                name=file.name,
                media_type=file.media_type,
                size=len(file.content),
                sha256=hashlib.sha256(file.content).digest(),
                content=file.content,
                uploaded_by=work.principal.person_id,
            )
        )


def read_attachment(engine: Engine, principal: Principal, uuid: UUID) -> File:
    """The file, noted in the audit log; NotFound for a stranger's as for one that never was."""
    query = (
        select(Attachment.name, Attachment.media_type, Attachment.content, Attachment.account_id)
        .add_columns(Ticket.number, Ticket.uuid, TicketMessage.kind)
        .join(
            TicketMessage,
            (TicketMessage.account_id == Attachment.account_id) & (TicketMessage.id == Attachment.message_id),
        )
        .join(Ticket, (Ticket.account_id == Attachment.account_id) & (Ticket.id == Attachment.ticket_id))
        .where(Attachment.uuid == uuid)
    )
    for view in VIEWS:
        for who in looking(principal, view):
            with writing(engine, who, view) as connection:
                row = connection.execute(query).one_or_none()
                if row is None:
                    continue
                internal = row.kind == "internal_note"
                deed = Deed(
                    "attachment.read",
                    "ticket",
                    object_id=str(row.uuid),
                    object_label=row.number,
                    account_id=None if internal else row.account_id,
                    function=Permission.TICKET_VIEW_COMPANY,
                    after={"file": row.name},
                )
                record(connection, who, deed)
                return File(row.name, row.media_type, row.content)
    raise NotFound(str(uuid))
