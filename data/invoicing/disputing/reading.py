"""The disputes of one invoice with their threads, as this person may see them, and what they may do; and the files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, func, select

from data.audit import Deed, record
from data.database import reading, writing
from data.invoicing.disputing.disputable import Disputable, disputable_in
from data.invoicing.disputing.known import may_speak, side_of
from data.models import (
    Account,
    Dispute,
    DisputeFile,
    DisputeLine,
    DisputeMessage,
    Invoice,
    InvoiceLine,
    LegalEntity,
    Person,
)
from data.ticketing.files import File
from data.ticketing.reading import FileRef
from rules.disputes import GOING_ON, DisputeReason, DisputeState, Side, next_states
from rules.errors import NotFound
from rules.permissions import Permission
from rules.principal import Principal

P = Permission


@dataclass(frozen=True)
class Said:
    """One contribution. `brought` is the state it led to, where that changed."""

    uuid: UUID
    side: Side
    author: str
    is_mine: bool
    body: str
    brought: DisputeState | None
    written_at: datetime
    files: tuple[FileRef, ...]


@dataclass(frozen=True)
class DisputeDetail:
    """One dispute with everything that is shown of it."""

    uuid: UUID
    state: DisputeState
    reason: DisputeReason
    amount: Decimal
    agreed: Decimal | None
    currency: str
    #: The lines it is about, by number and description; none: the whole invoice.
    lines: tuple[tuple[int, str], ...]
    opened_by: str | None
    opened_at: datetime
    #: As far as its reader sees it: a customer not before it is issued.
    credit_note: tuple[UUID, str] | None
    thread: tuple[Said, ...]
    version: int
    #: What this reader may do.
    may_speak: bool
    next_states: tuple[DisputeState, ...]

    @property
    def goes_on(self) -> bool:
        return self.state in GOING_ON


@dataclass(frozen=True)
class DisputesOf:
    """An invoice and its disputes, the newest first."""

    about: Disputable
    account: str
    issuer: str
    finance_email: str | None
    disputes: tuple[DisputeDetail, ...]
    #: May this reader open another one?
    may_open: bool


def disputes_of(engine: Engine, principal: Principal, invoice: UUID) -> DisputesOf:
    """NotFound for a stranger's invoice as for none at all."""
    with reading(engine, principal.covering(P.INVOICE_VIEW), P.INVOICE_VIEW) as connection:
        asks = not principal.is_staff and principal.may(P.INVOICE_DISPUTE)
        about = disputable_in(connection, invoice, lines=None if asks else ())
        whose = connection.execute(
            select(Account.name, LegalEntity.name, LegalEntity.finance_email)
            .select_from(Invoice)
            .join(Account, Account.id == Invoice.account_id)
            .join(LegalEntity, LegalEntity.id == Invoice.issuer_id)
            .where(Invoice.account_id == about.account_id, Invoice.id == about.invoice_id)
        ).one()
        disputes = _disputes(connection, principal, about)
    speaks = asks and may_speak(principal, about.account_id)
    return DisputesOf(about, *whose, disputes, speaks and about.is_disputable and _is_something_left(about, disputes))


def _is_something_left(about: Disputable, disputes: Sequence[DisputeDetail]) -> bool:
    """The whole invoice is questioned once at a time, and so is each line."""
    going_on = [dispute for dispute in disputes if dispute.goes_on]
    if any(not dispute.lines for dispute in going_on):
        return False
    taken = {line for dispute in going_on for line, _description in dispute.lines}
    return not going_on or any(line.line not in taken for line in about.lines)


def _disputes(connection: Connection, principal: Principal, about: Disputable) -> tuple[DisputeDetail, ...]:
    note = Invoice.__table__.alias("note")
    query = (
        select(
            Dispute.id, Dispute.uuid, Dispute.state, Dispute.reason, Dispute.amount, Dispute.agreed, Person.name,
            Dispute.opened_at, Dispute.version, note.c.uuid.label("note"), note.c.number,
        )
        .outerjoin(Person, Person.id == Dispute.opened_by)
        .outerjoin(note, (note.c.account_id == Dispute.account_id) & (note.c.id == Dispute.credit_note_id))
        .where(Dispute.account_id == about.account_id, Dispute.invoice_id == about.invoice_id)
        .order_by(Dispute.opened_at.desc(), Dispute.id.desc())
    )  # fmt: skip
    rows = connection.execute(query).all()
    if not rows:
        return ()
    lines, threads = _lines(connection, about), _threads(connection, principal, about)
    speaks = may_speak(principal, about.account_id)
    return tuple(
        DisputeDetail(
            row.uuid,
            DisputeState(row.state),
            DisputeReason(row.reason),
            row.amount,
            row.agreed,
            about.currency,
            tuple(lines[row.id]),
            row.name,
            row.opened_at,
            None if row.note is None else (row.note, row.number),
            tuple(threads[row.id]),
            row.version,
            may_speak=speaks and row.state != DisputeState.CLOSED,
            next_states=next_states(DisputeState(row.state), side_of(principal)) if speaks else (),
        )
        for row in rows
    )


def _lines(connection: Connection, about: Disputable) -> dict[int, list[tuple[int, str]]]:
    query = (
        select(DisputeLine.dispute_id, InvoiceLine.line, InvoiceLine.description)
        .join(
            InvoiceLine,
            (InvoiceLine.account_id == DisputeLine.account_id)
            & (InvoiceLine.invoice_id == DisputeLine.invoice_id)
            & (InvoiceLine.id == DisputeLine.line_id),
        )
        .where(DisputeLine.account_id == about.account_id, DisputeLine.invoice_id == about.invoice_id)
        .order_by(InvoiceLine.line)
    )
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for dispute, line, description in connection.execute(query):
        found[dispute].append((line, description))
    return found


def _threads(connection: Connection, principal: Principal, about: Disputable) -> dict[int, list[Said]]:
    of_it = (Dispute.account_id == DisputeMessage.account_id) & (Dispute.id == DisputeMessage.dispute_id)
    mine = Dispute.account_id == about.account_id, Dispute.invoice_id == about.invoice_id
    files: dict[int, list[FileRef]] = defaultdict(list)
    listed = (
        select(DisputeFile.message_id, DisputeFile.uuid, DisputeFile.name, func.octet_length(DisputeFile.content))
        .join(
            DisputeMessage,
            (DisputeMessage.account_id == DisputeFile.account_id) & (DisputeMessage.id == DisputeFile.message_id),
        )
        .join(Dispute, of_it)
        .where(*mine)
        .order_by(DisputeFile.id)
    )
    for message, *file in connection.execute(listed):
        files[message].append(FileRef(*file))
    m = DisputeMessage
    said = (
        select(m.dispute_id, m.id, m.uuid, m.side, m.author_name, m.author_id, m.body, m.brought, m.written_at)
        .join(Dispute, of_it)
        .where(*mine)
        .order_by(m.id)
    )
    found: dict[int, list[Said]] = defaultdict(list)
    for dispute, number, uuid, side, author, by, body, brought, at in connection.execute(said):
        state = None if brought is None else DisputeState(brought)
        is_mine = by == principal.person_id
        found[dispute].append(Said(uuid, Side(side), author, is_mine, body, state, at, tuple(files[number])))
    return found


def read_dispute_file(engine: Engine, principal: Principal, uuid: UUID) -> File:
    """The file, noted in the audit log; NotFound for a stranger's as for one that never was."""
    if not principal.may(P.INVOICE_VIEW):
        raise NotFound(str(uuid))
    query: Any = (
        select(DisputeFile.name, DisputeFile.media_type, DisputeFile.content, DisputeFile.account_id)
        .add_columns(Invoice.uuid, Invoice.number)
        .join(
            DisputeMessage,
            (DisputeMessage.account_id == DisputeFile.account_id) & (DisputeMessage.id == DisputeFile.message_id),
        )
        .join(
            Dispute,
            (Dispute.account_id == DisputeMessage.account_id) & (Dispute.id == DisputeMessage.dispute_id),
        )
        .join(Invoice, (Invoice.account_id == Dispute.account_id) & (Invoice.id == Dispute.invoice_id))
        .where(DisputeFile.uuid == uuid)
    )
    with writing(engine, principal.covering(P.INVOICE_VIEW), P.INVOICE_VIEW) as connection:
        row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(str(uuid))
        deed = Deed(
            "attachment.read",
            "invoice",
            object_id=str(row.uuid),
            object_label=row.number,
            account_id=row.account_id,
            function=P.INVOICE_VIEW,
            after={"file": row.name},
        )
        record(connection, principal, deed)
    return File(row.name, row.media_type, row.content)
