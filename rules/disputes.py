"""Disputes of invoices: why somebody questions one, which states that has, and who may move it where (SPEC §6, R49)."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from rules.errors import Invalid
from rules.money import InvoiceState, quantize
from rules.words import N_, Price


class DisputeReason(StrEnum):
    PRICE = "price"
    QUANTITY = "quantity"
    TWICE = "twice"
    NOT_ORDERED = "not_ordered"
    ENDED = "ended"
    TAX = "tax"
    ALREADY_PAID = "already_paid"
    OTHER = "other"


class DisputeState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CLOSED = "closed"


class Side(StrEnum):
    """Who speaks: the customer, or the local finance team of the entity that issued the invoice."""

    CUSTOMER = "customer"
    FINANCE = "finance"


D = DisputeState
_BOTH = frozenset(Side)
_CUSTOMER, _FINANCE = frozenset({Side.CUSTOMER}), frozenset({Side.FINANCE})

#: state → {next state: who may make the move}; a move that is not here does not exist, and the database knows the same
#: table (data/security/disputes.sql). While it goes on a customer may take it back at any time.
MOVES: dict[DisputeState, dict[DisputeState, frozenset[Side]]] = {
    D.OPEN: {D.ANSWERED: _FINANCE, D.ACCEPTED: _FINANCE, D.REJECTED: _FINANCE, D.CLOSED: _CUSTOMER},
    D.ANSWERED: {D.OPEN: _CUSTOMER, D.ACCEPTED: _FINANCE, D.REJECTED: _FINANCE, D.CLOSED: _CUSTOMER},
    D.ACCEPTED: {D.CLOSED: _BOTH},
    D.REJECTED: {D.CLOSED: _BOTH},
    D.CLOSED: {},
}

#: As long as one of these stands, the invoice is marked as disputed.
GOING_ON: frozenset[DisputeState] = frozenset({D.OPEN, D.ANSWERED})
#: Only what was issued and still counts can be questioned, paid or not.
DISPUTABLE: frozenset[InvoiceState] = frozenset({InvoiceState.ISSUED, InvoiceState.PARTIALLY_PAID, InvoiceState.PAID})


def all_moves() -> list[str]:
    """Every move there is, as the database compares it: "open answered finance"."""
    steps = ((state, *step) for state, moves in MOVES.items() for step in moves.items())
    return sorted(f"{state} {target} {side}" for state, target, sides in steps for side in sides)


def next_states(state: DisputeState, side: Side) -> tuple[DisputeState, ...]:
    """Where this side may move it by a button; what happens by talking has none."""
    return tuple(target for target, sides in MOVES[state].items() if side in sides and target not in GOING_ON)


def disputable(balance: Decimal, paid: Decimal) -> Decimal:
    """Of a whole invoice: what is open, or what was paid where nothing is."""
    return balance if balance > 0 else paid


def refuse_amount(amount: Decimal, currency: str, most: Decimal) -> None:
    """Exact, in the currency's decimals, more than nothing and not more than it is about."""
    if not amount.is_finite():
        raise Invalid(N_("This is no number."), "amount")
    if amount <= 0:
        raise Invalid(N_("More than nothing must be in question."), "amount")
    if amount > most:
        raise Invalid(N_("At most {most}."), "amount", most=Price(quantize(most, currency), currency))
    if quantize(amount, currency) != amount:
        raise Invalid(N_("{currency} is not divided that finely."), "amount", currency=currency)
