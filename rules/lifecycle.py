"""Which states a ticket can be in, what each means for the clock, and who may move it where (SPEC §4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rules.request_types import Direction, TicketKind
from rules.words import N_


class Category(StrEnum):
    """What a state means for the reader: work is going on, somebody else must act, or it is over."""

    OPEN = "open"
    PAUSED = "paused"
    DONE = "done"


class Actor(StrEnum):
    CUSTOMER = "customer"
    DESK = "desk"
    SYSTEM = "system"


C, D, S = Actor.CUSTOMER, Actor.DESK, Actor.SYSTEM

#: state → {next state: who may make the move}; a move that is not here does not exist.
Moves = dict[str, dict[str, frozenset[Actor]]]


def _moves(table: dict[str, str]) -> Moves:
    """Read the notation of SPEC §4: "acknowledged D · closed C S" """
    actors = {"C": C, "D": D, "S": S}
    moves: Moves = {}
    for state, line in table.items():
        moves[state] = {}
        for step in filter(None, (part.strip() for part in line.split("·"))):
            target, *who = step.split()
            moves[state][target] = frozenset(actors[w] for w in who)
    return moves


_WORK = _moves(
    {
        "submitted": "acknowledged D · scheduled D · in_progress D · resolved D · rejected D · cancelled C",
        "acknowledged": ("scheduled D · in_progress D · waiting_customer D · on_hold D · resolved D · cancelled C"),
        "scheduled": "in_progress D · waiting_customer D · on_hold D · resolved D · cancelled C",
        "in_progress": "waiting_customer D · on_hold D · resolved D",
        "waiting_customer": "in_progress C D · resolved D · cancelled C",
        "on_hold": "in_progress D · resolved D",
        "resolved": "closed C S · reopened C",
        "closed": "reopened C",
        "reopened": "in_progress D · waiting_customer D · resolved D",
        "cancelled": "",
        "rejected": "",
    }
)

_INBOUND = _moves(
    {
        "submitted": "acknowledged D · cancelled C · refused D",
        "acknowledged": "expected D · cancelled C · refused D",
        "expected": "partially_received D · received D · cancelled C · refused D",
        "partially_received": "received D · refused D",
        "received": "stored D · delivered D · returned D",
        "stored": "closed D S · delivered D · returned D",
        "delivered": "closed D S",
        "closed": "",
        "cancelled": "",
        "refused": "",
        "returned": "",
    }
)

_OUTBOUND = _moves(
    {
        "submitted": "acknowledged D · cancelled C · refused D",
        "acknowledged": "packed D · cancelled C · refused D",
        "packed": "awaiting_pickup D",
        "awaiting_pickup": "handed_over D",
        "handed_over": "closed D S",
        "closed": "",
        "cancelled": "",
        "refused": "",
    }
)

_VISIT = _moves(
    {
        "submitted": "pending_approval D · approved D · rejected D · cancelled C",
        "pending_approval": "approved D · rejected D · cancelled C",
        "approved": "checked_in D · cancelled C · no_show S",
        "checked_in": "checked_out D",
        "checked_out": "closed D S",
        "closed": "",
        "cancelled": "",
        "rejected": "",
        "no_show": "",
    }
)

DONE: frozenset[str] = frozenset(
    {
        "resolved", "closed", "cancelled", "rejected", "refused", "returned",
        "stored", "delivered", "handed_over", "checked_out", "no_show",
    }
)  # fmt: skip

#: States in which the work is done, and those in which there is nothing more to do.
RESOLVED: frozenset[str] = frozenset({"resolved", "stored", "delivered", "handed_over", "checked_out"})
OVER: frozenset[str] = frozenset({"closed", "cancelled", "rejected", "refused", "returned", "no_show"})

#: Every state a ticket of any kind can be in, in the order a reader expects them.
STATES: tuple[str, ...] = tuple(dict.fromkeys([*_WORK, *_INBOUND, *_OUTBOUND, *_VISIT]))


def moves_of(kind: TicketKind, direction: Direction | None = None) -> Moves:
    """The whole table of one kind of ticket; a shipment's depends on its direction."""
    if kind is TicketKind.SHIPMENT:
        return _OUTBOUND if direction is Direction.OUTBOUND else _INBOUND
    return _VISIT if kind is TicketKind.SITE_VISIT else _WORK


def category_of(state: str, *, customer_must_act: bool = True) -> Category:
    """What the state means for the clock; on_hold pauses it only where the reason lies with the customer."""
    if state in DONE:
        return Category.DONE
    if state == "waiting_customer" or (state == "on_hold" and customer_must_act):
        return Category.PAUSED
    return Category.OPEN


def all_moves() -> list[str]:
    """Every move there is, as the database is told: 'shipment inbound expected received desk'."""
    tables = [
        (TicketKind.REMOTE_HANDS.value, _WORK),
        (TicketKind.FAULT.value, _WORK),
        (f"{TicketKind.SHIPMENT} {Direction.INBOUND}", _INBOUND),
        (f"{TicketKind.SHIPMENT} {Direction.OUTBOUND}", _OUTBOUND),
        (TicketKind.SITE_VISIT.value, _VISIT),
    ]
    return [
        f"{kind} {state} {target} {actor}"
        for kind, moves in tables
        for state, steps in moves.items()
        for target, actors in steps.items()
        for actor in sorted(actors)
    ]


#: A resolved ticket may be taken up again for so long, and closes by itself after so long.
REOPENED_WITHIN = timedelta(days=7)
CLOSES_AFTER = timedelta(days=5)
#: What arrived is kept for so long.
STORAGE = timedelta(days=5)
#: States in which we keep something for its owner.
IN_STORAGE = ("partially_received", "received", "stored")
#: Who ends a ticket before its work is done, or lets it rest, says why.
NEEDS_REASON: frozenset[str] = frozenset(
    {"cancelled", "rejected", "refused", "returned", "reopened", "on_hold", "waiting_customer"}
)
#: Work had begun: from here on the customer cannot cancel any more.
_BEGUN = "in_progress"


@dataclass(frozen=True)
class Standing:
    """Where a ticket stands, as far as its next moves depend on it."""

    kind: TicketKind
    status: str
    direction: Direction | None = None
    resolved_at: datetime | None = None
    #: Has anybody begun to work on it, ever?
    has_begun: bool = False


#: Work has not begun; waiting and on hold may also come later.
_BEFORE_WORK = ("submitted", "acknowledged", "scheduled")


def can_agree_on_start(standing: Standing) -> bool:
    """May the customer still say yes or no to a start that was proposed? Not once work began, or the ticket is over."""
    if standing.kind is not TicketKind.REMOTE_HANDS or standing.has_begun:
        return False
    return standing.status in (*_BEFORE_WORK, "waiting_customer", "on_hold")


def next_states(standing: Standing, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Where this actor may move the ticket now, in the order of the table."""
    steps = moves_of(standing.kind, standing.direction)[standing.status]
    return tuple(
        target for target, actors in steps.items() if actor in actors and refusal(standing, actor, target, now) is None
    )


def refusal(standing: Standing, actor: Actor, target: str, now: datetime) -> str | None:
    """Why this actor may not make the move, as a sentence to be translated; None if they may."""
    actors = moves_of(standing.kind, standing.direction)[standing.status].get(target)
    if actors is None:
        return N_("A ticket that is “{status}” cannot become “{target}”.")
    if actor not in actors:
        return N_("This is for others to do: “{status}” to “{target}”.")
    if target == "cancelled" and standing.status == "waiting_customer" and standing.has_begun:
        return N_("Work has begun, so the ticket cannot be cancelled. Answer, and say that it is no longer needed.")
    if target == "reopened" and standing.resolved_at is not None and now - standing.resolved_at > REOPENED_WITHIN:
        return N_("It was resolved more than 7 days ago. Please open a new ticket and name this one.")
    return None
