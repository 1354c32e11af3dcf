"""Who hears of what was done to a ticket: the audit log, and mail for its followers and for whoever works on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data import outbox
from data.audit import Deed, record
from data.commands import Work
from data.ticketing.reach import Found
from rules.mail import MailKind
from rules.permissions import Permission


def note(
    work: Work,
    ticket: Found,
    action: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
    internal: bool = False,
) -> None:
    """For the audit log. What is `internal` carries no account, so that only staff ever read it."""
    deed = Deed(
        action,
        "ticket",
        object_id=str(ticket.uuid),
        object_label=ticket.number,
        account_id=None if internal else ticket.account_id,
        function=Permission.TICKET_VIEW_COMPANY,
        before=dict(before) if before else None,
        after=dict(after) if after else None,
        reason=reason,
    )
    record(work.connection, work.principal, deed)


def tell_followers(
    work: Work, ticket: Found, kind: MailKind, about: object, *, to_myself: bool = False, **context: Any
) -> None:
    """Requester and watchers; the person who did it knows, unless it is the confirmation they wait for."""
    outbox.tell_followers(
        work.connection,
        kind=kind,
        account_id=ticket.account_id,
        ticket_id=ticket.id,
        context=context,
        dedupe_key=f"{kind}/{ticket.id}/{about}",
        but_not=None if to_myself else work.principal.person_id,
    )


def tell_assignee(work: Work, ticket: Found, kind: MailKind, about: object, **context: Any) -> None:
    """Whoever of the desk works on it, unless they did it themselves."""
    if ticket.assignee_id is None or ticket.assignee_id == work.principal.person_id:
        return
    outbox.tell(
        work.connection,
        kind=kind,
        account_id=ticket.account_id,
        person_id=ticket.assignee_id,
        context=context,
        ticket_id=ticket.id,
        dedupe_key=f"{kind}/{ticket.id}/{about}/assignee",
    )
