"""Which states a ticket can be in, what each means for the clock, and who may move it where (SPEC §4)."""

from __future__ import annotations

from enum import StrEnum

from rules.request_types import Direction, TicketKind


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

_DONE: frozenset[str] = frozenset(
    {
        "resolved", "closed", "cancelled", "rejected", "refused", "returned",
        "stored", "delivered", "handed_over", "checked_out", "no_show",
    }
)  # fmt: skip

#: Every state a ticket of any kind can be in, in the order a reader expects them.
STATES: tuple[str, ...] = tuple(dict.fromkeys([*_WORK, *_INBOUND, *_OUTBOUND, *_VISIT]))


def moves_of(kind: TicketKind, direction: Direction | None = None) -> Moves:
    """The whole table of one kind of ticket; a shipment's depends on its direction."""
    if kind is TicketKind.SHIPMENT:
        return _OUTBOUND if direction is Direction.OUTBOUND else _INBOUND
    return _VISIT if kind is TicketKind.SITE_VISIT else _WORK


def category_of(state: str, *, customer_must_act: bool = True) -> Category:
    """What the state means for the clock; on_hold pauses it only where the reason lies with the customer."""
    if state in _DONE:
        return Category.DONE
    if state == "waiting_customer" or (state == "on_hold" and customer_must_act):
        return Category.PAUSED
    return Category.OPEN
