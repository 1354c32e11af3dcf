"""What happens to tickets when nobody does anything: they close after five days, and who did not come is a no-show."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, literal, select

from data import outbox
from data.audit import Deed, record
from data.models import SiteVisit, Ticket
from data.ticketing.move import check_move, ends
from data.ticketing.reach import COLUMNS, Found, found
from data.ticketing.standing import Line, change_of, log, moment, restand
from rules.lifecycle import CLOSES_AFTER, Actor, category_of
from rules.mail import MailKind
from rules.permissions import Permission

#: States that close by themselves; what is stored waits for its owner.
_CLOSING = ("resolved", "delivered", "handed_over", "checked_out")
AT_ONCE = 200
#: The worker is told neither who asked nor what; it moves what it may see.
_COLUMNS = [literal(None) if column.name == "requested_by" else column for column in COLUMNS]


def close_resolved(connection: Connection) -> int:
    """As the worker: what was done five days ago and not taken up again is closed. How many; call again while it is
    AT_ONCE."""
    due = Ticket.status.in_(_CLOSING), Ticket.resolved_at < func.now() - CLOSES_AFTER
    return _move_all(connection, select(Ticket.id).where(*due).order_by(Ticket.resolved_at), "closed")


def mark_no_shows(connection: Connection) -> int:
    """As the worker: the visit is over and nobody was checked in."""
    visits = select(Ticket.id).join(
        SiteVisit, (SiteVisit.account_id == Ticket.account_id) & (SiteVisit.ticket_id == Ticket.id)
    )
    due = Ticket.status == "approved", SiteVisit.ends_at < func.now()
    return _move_all(connection, visits.where(*due).order_by(Ticket.id), "no_show")


def _move_all(connection: Connection, due: Any, to: str) -> int:
    """One that somebody works on right now is left for the next time."""
    ids = connection.scalars(due.limit(AT_ONCE).with_for_update(of=Ticket, skip_locked=True, key_share=True)).all()
    for ticket_id in ids:
        _move(
            connection, found((*connection.execute(select(*_COLUMNS).where(Ticket.id == ticket_id)).one(), False)), to
        )
    return len(ids)


def _move(connection: Connection, ticket: Found, to: str) -> None:
    check_move(ticket, to, Actor.SYSTEM, moment(connection))
    category = category_of(to)
    change = change_of(ticket).values(
        status=to, category=category, version=ticket.version + 1, waiting_for=None, respond_by=None
    )
    connection.execute(change)
    line = Line(to, category, Actor.SYSTEM, None, ticket.status, ticket.severity)
    number, at = log(connection, ticket, line)
    restand(connection, ticket, by=Actor.SYSTEM, **ends(ticket, to, at))
    deed = Deed(
        "ticket.move",
        "ticket",
        object_id=str(ticket.uuid),
        object_label=ticket.number,
        account_id=ticket.account_id,
        function=Permission.TICKET_VIEW_COMPANY,
        before={"status": ticket.status},
        after={"status": to},
    )
    record(connection, None, deed)
    outbox.tell_followers(
        connection,
        kind=MailKind.TICKET_STATUS,
        account_id=ticket.account_id,
        ticket_id=ticket.id,
        context={"status": to, "reason": None},
        dedupe_key=f"{MailKind.TICKET_STATUS}/{ticket.id}/{number}",
    )
