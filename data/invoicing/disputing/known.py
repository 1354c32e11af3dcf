"""A dispute as its commands need it: which it is, who may speak in it, what it holds, and what the audit log says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from data.attached import Folder, keep_files
from data.audit import Deed, record
from data.commands import Work
from data.invoicing.disputing.disputable import Disputable
from data.models import Dispute, DisputeFile, DisputeMessage, Invoice
from rules.disputes import DisputeState, Side
from rules.errors import Forbidden, NotFound
from rules.files import Accepted
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

P = Permission
FILES = Folder(
    DisputeFile, DisputeMessage, DisputeMessage.dispute_id, most=50, full=N_("A dispute holds at most {most} files.")
)
LONGEST = 4000


@dataclass(frozen=True)
class Known:
    """A dispute that somebody sees, as far as commands need it."""

    uuid: UUID
    account_id: int
    dispute_id: int
    invoice: UUID
    number: str
    currency: str
    state: DisputeState
    amount: Decimal
    version: int


def side_of(principal: Principal) -> Side:
    return Side.FINANCE if principal.is_staff else Side.CUSTOMER


def may_speak(principal: Principal, account_id: int) -> bool:
    """May this person, who sees the invoice, say something about a dispute of it?"""
    if principal.is_staff:
        return principal.may(P.INVOICE_MANAGE)
    return principal.may(P.INVOICE_DISPUTE, account_id)


def speaking(principal: Principal, account_id: int) -> tuple[Principal, Permission]:
    """For a change: the person looking at that account alone."""
    if not may_speak(principal, account_id):
        raise Forbidden(P.INVOICE_MANAGE if principal.is_staff else P.INVOICE_DISPUTE)
    if principal.is_staff:
        return principal, P.INVOICE_MANAGE
    return principal.looking_at((account_id,)), P.INVOICE_DISPUTE


def known_in(connection: Connection, uuid: UUID) -> Known:
    query = (
        select(
            Dispute.uuid, Dispute.account_id, Dispute.id, Invoice.uuid, Invoice.number, Invoice.currency,
            Dispute.state, Dispute.amount, Dispute.version,
        )
        .join(Invoice, (Invoice.account_id == Dispute.account_id) & (Invoice.id == Dispute.invoice_id))
        .where(Dispute.uuid == uuid)
    )  # fmt: skip
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(str(uuid))
    known = Known(*row)
    return Known(**{**vars(known), "state": DisputeState(known.state)})


def keep(work: Work, account_id: int, message: int, files: tuple[Accepted, ...]) -> None:
    """With one's own contribution, in its transaction."""
    keep_files(work, FILES, account_id, message, files)


def note(
    work: Work,
    action: str,
    about: Disputable | Known,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """For the audit log, behind the function that opens the invoice."""
    deed = Deed(
        action,
        "invoice",
        object_id=str(about.invoice),
        object_label=about.number,
        account_id=about.account_id,
        function=P.INVOICE_VIEW,
        before=dict(before) if before else None,
        after=dict(after) if after else None,
        reason=reason,
    )
    record(work.connection, work.principal, deed)
