"""The desk's queue: what is not over of all accounts, the clock that runs out first on top, and what waits for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, or_, select

from data.database import reading
from data.listing.spec import EVERYWHERE, HIDDEN, Choice, Column, Kind
from data.models import Ticket
from data.tickets import TICKETS
from rules.lifecycle import Category
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

_t = Ticket.__table__
#: Of the running clocks, by how much time is left.
LATE, SOON, NEXT_HOUR = "late", "soon", "next_hour"
UNANSWERED, MINE, UNASSIGNED, WAITING = "unanswered", "mine", "unassigned", "waiting"
#: What rests until the customer acts, and they have written since (data/ticketing/converse.py).
REPLIED = "replied"
VIEWS = (LATE, SOON, NEXT_HOUR, UNANSWERED, REPLIED, MINE, UNASSIGNED, WAITING)
_MINUTE = func.make_interval(0, 0, 0, 0, 0, 1)
_open = _t.c.category != Category.DONE  # the words of the partial indexes


def _stands(view: str) -> ColumnElement[bool]:
    now = func.now()
    match view:
        case "late":
            return _t.c.next_deadline < now
        case "soon":
            return and_(_t.c.next_deadline >= now, _t.c.next_deadline < now + 15 * _MINUTE)
        case "next_hour":
            return and_(_t.c.next_deadline >= now, _t.c.next_deadline < now + 60 * _MINUTE)
        case "unanswered":
            return and_(_t.c.first_answered_at.is_(None), _open)
        case "replied":
            return and_(_t.c.category == Category.PAUSED, _t.c.waiting_for.is_(None))
        case "mine":
            return _t.c.assignee_id == select(func.authz.me()).scalar_subquery()
        case "unassigned":
            return and_(_t.c.assignee_id.is_(None), _open)
    return or_(_t.c.category == Category.PAUSED, _t.c.waiting_for == "customer")


def _in_views(_connection: Connection, values: tuple[str, ...]) -> ColumnElement[bool]:
    return or_(*(_stands(value) for value in values))


#: What a phone shows without being pushed aside comes first: which ticket, how long yet, and where it stands.
_FIRST = {"number": 104, "next_deadline": 130, "status": 124}


def _columns() -> tuple[Column, ...]:
    known = {column.key: column for column in TICKETS.columns if column.key != "opened_at"}
    known["assignee"] = replace(known["assignee"], shown=EVERYWHERE, width=130)
    first = tuple(replace(known[key], width=width) for key, width in _FIRST.items())
    rest = (column for key, column in known.items() if key not in _FIRST)
    return (*first, *rest, Column("version", "", _t.c.version, Kind.INTEGER, shown=HIDDEN))


QUEUE = replace(
    TICKETS,
    name="queue",
    title=N_("Queue"),
    permissions=(Permission.TICKET_WORK,),
    columns=_columns(),
    filters=(Choice("show", N_("Show"), "ticket.queue", VIEWS, _in_views), *TICKETS.filters),
    sorts=tuple(sorted(TICKETS.sorts, key=lambda sort: sort.key != "deadline")),
    bar=("kind", "site", "severity"),
    charts=(),
    tally=None,
    mine=None,
)


def count_queue(engine: Engine, principal: Principal) -> Mapping[str, int]:
    """How many tickets stand behind each view; one walk over what is not over."""
    counts = [func.count().filter(_stands(view)).label(view) for view in VIEWS]
    with reading(engine, principal, Permission.TICKET_WORK) as connection:
        return dict(connection.execute(select(*counts).where(_open)).mappings().one())
