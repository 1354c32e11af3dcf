"""What waits for the customer: questions, proposed times and work to confirm, the earliest respond-by date first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, Engine, and_, case, func, literal, null, or_, select

from data.listing import Asked
from data.listing.opened import opened
from data.listing.query import conditions_of
from data.listing.spec import HIDDEN, NOT_IN_TABLE, TABLE, Choice, Column, Kind, Sort
from data.models import RemoteHands, Ticket
from data.tickets import TICKETS
from rules.lifecycle import CLOSES_AFTER, Category
from rules.principal import Principal
from rules.words import N_

_t, _hands = Ticket.__table__, RemoteHands.__table__
#: What must be answered, what of it is past its date, and what was done and may be confirmed.
ANSWER, OVERDUE, CONFIRM = "answer", "overdue", "confirm"
VIEWS = (ANSWER, OVERDUE, CONFIRM)
_is_resolved = _t.c.status == "resolved"
_must_answer = and_(_t.c.waiting_for == "customer", _t.c.category != Category.DONE)
#: Resolved work closes by itself: until then it can be confirmed or opened again.
_respond_by = func.coalesce(_t.c.respond_by, case((_is_resolved, _t.c.resolved_at + CLOSES_AFTER)))
_is_asked_for_a_time = and_(_hands.c.proposed_starts_at.is_not(None), _hands.c.proposal_answer.is_(None))
_to_do = case(
    (_is_resolved, "confirm"),
    (_t.c.status == "waiting_customer", "answer"),
    (and_(_t.c.category == Category.OPEN, _is_asked_for_a_time), "time"),
    else_="act",
)


def _stands(view: str) -> ColumnElement[bool]:
    match view:
        case "answer":
            return _must_answer
        case "overdue":
            return and_(_must_answer, _t.c.respond_by < func.now())
    return _is_resolved


def _in_views(_connection: Connection, values: tuple[str, ...]) -> ColumnElement[bool]:
    return or_(*(_stands(value) for value in values))


_columns = {column.key: column for column in TICKETS.columns}
WAITING = replace(
    TICKETS,
    name="waiting",
    title=N_("Action required"),
    source=TICKETS.source.outerjoin(
        _hands, and_(_hands.c.account_id == _t.c.account_id, _hands.c.ticket_id == _t.c.id)
    ),
    columns=(
        _columns["number"],
        Column("next_deadline", N_("Time left"), _respond_by, Kind.CLOCK, shown=frozenset({TABLE}), width=150),
        Column("to_do", N_("What to do"), _to_do, Kind.TERM, "ticket.to_do", width=170),
        replace(_columns["subject"], width=300),
        _columns["account"],
        _columns["kind"],
        _columns["site"],
        Column("respond_by", N_("Respond by"), _respond_by, Kind.MOMENT, width=150),
        *(replace(_columns[key], shown=NOT_IN_TABLE) for key in ("status", "severity", "opened_at", "requested_by")),
        # the time left runs on, whatever the clocks of ours do
        Column("category", "", literal(Category.OPEN.value), shown=HIDDEN),
        Column("paused_since", "", null(), shown=HIDDEN),
        _columns["uuid"],
    ),
    filters=(
        Choice("show", N_("Show"), "ticket.waiting", VIEWS, _in_views, default=(ANSWER,)),
        *(wanted for wanted in TICKETS.filters if wanted.key in ("kind", "site")),
    ),
    sorts=(
        Sort("respond_by", N_("Respond by"), _t.c.respond_by),
        Sort("closing", N_("Closes first"), _t.c.resolved_at),
        *(sort for sort in TICKETS.sorts if sort.key in ("newest", "oldest")),
    ),
    bar=("kind", "site"),
    charts=(),
    tally=None,
    only=or_(_t.c.waiting_for == "customer", _is_resolved),  # the words of the partial index
    nothing=N_("Nothing waits for you."),
    usual_order=lambda asked: "closing" if asked.chosen("show") == (CONFIRM,) else None,
)


def count_waiting(engine: Engine, principal: Principal) -> Mapping[str, int]:
    """How many tickets stand behind each view, of the accounts in view."""
    counts = [func.count().filter(_stands(view)).label(view) for view in VIEWS]
    with opened(engine, principal, WAITING) as its:
        conditions = conditions_of(its.connection, WAITING, Asked(), its.scope)
        query = select(*counts).select_from(_t).where(*its.scope.condition(WAITING.table), *conditions)
        return dict(its.connection.execute(query).mappings().one())
