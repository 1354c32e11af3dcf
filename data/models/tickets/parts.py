"""What belongs to a ticket is seen with it, and written by whoever may work on it."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint

from data.models.rows import CUSTOMER_HATS, Hat, Rows, Write, following
from data.models.tickets.ticket import IS_DESK, may_work
from rules.request_types import TicketKind

_OF_TICKET = (("account_id", "account_id"), ("ticket_id", "id"))


def follow_ticket(*, hide: str = "") -> Rows:
    """Seen with the ticket; what is internal is hidden from every customer hat, finance never gets here."""
    customers = following("ticket", *_OF_TICKET, hats=CUSTOMER_HATS, also=hide)
    operators = following("ticket", *_OF_TICKET, hats=(Hat.STAFF, Hat.MANAGER))
    return customers.plus(see=operators.see)


#: Hats that write: several accounts at once, managers and the other staff roles only look.
WRITING = (Hat.CUSTOMER, Hat.OWN, Hat.STAFF)
_BELONGS = "exists (select from portal.ticket parent where {joined} and {may})"


def of_a_ticket_worked_on(hat: Hat, also: str = "") -> str:
    """The row hangs on a ticket that this hat sees and may say or do something about."""
    joined = " and ".join(f"parent.{theirs} = {{table}}.{own}" for own, theirs in _OF_TICKET)
    may = IS_DESK if hat is Hat.STAFF else may_work()
    return _BELONGS.format(joined=joined, may=f"{may} and {also}" if also else may)


#: What was asked is what was asked: a visitor who came after the approval was approved by nobody.
_NOT_SEEN_YET = "parent.status = 'submitted'"


def added_with(
    *columns: str, of: TicketKind | None = None, desk: tuple[str, ...] = (), customer: tuple[str, ...] = ()
) -> Rows:
    """A part of a ticket (`of` this kind): whoever works on it adds these columns, a customer only until somebody has
    looked at it; the desk, or the customer, changes some."""
    fits = f"parent.kind = '{of}'" if of else ""
    when = {hat: (fits, "" if hat is Hat.STAFF else _NOT_SEEN_YET) for hat in WRITING}
    rows = follow_ticket().plus(
        insert={
            hat: Write(
                ("account_id", "ticket_id", *columns), of_a_ticket_worked_on(hat, " and ".join(filter(None, only)))
            )
            for hat, only in when.items()
        }
    )
    if desk:
        rows = rows.plus(update={Hat.STAFF: Write(desk, of_a_ticket_worked_on(Hat.STAFF))})
    if customer:
        changed = {hat: Write(customer, of_a_ticket_worked_on(hat)) for hat in (Hat.CUSTOMER, Hat.OWN)}
        rows = rows.plus(update={**rows.update, **changed})
    return rows


def seen_by_worker(rows: Rows, *columns: str) -> Rows:
    """The clocks depend on it, and the worker moves tickets that nobody moves any more."""
    return rows.plus(see={Hat.WORKER: "true"}, columns={Hat.WORKER: ("account_id", "ticket_id", *columns)})


def ticket_key() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["account_id", "ticket_id"], ["ticket.account_id", "ticket.id"])
