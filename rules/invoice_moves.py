"""Which states an invoice can be in, what brings it from one to the next, and what finance may do to it now (SPEC §6).

Two things move it: money, which the database counts by itself, and steps, which somebody takes with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from rules.money import OPEN_STATES, InvoiceState, InvoiceType
from rules.words import N_

S, T = InvoiceState, InvoiceType


class Step(StrEnum):
    """What somebody of finance decides; its value is the state it leads to."""

    ISSUE = S.ISSUED
    VOID = S.VOID
    WRITE_OFF = S.WRITTEN_OFF


class InvoiceDeed(StrEnum):
    """All that finance can do to an invoice or a credit note."""

    ISSUE = "issue"
    PAY = "pay"
    CREDIT = "credit"
    VOID = "void"
    WRITE_OFF = "write_off"


#: state → steps that lead out of it. A draft that will not be sent is voided: its number is not given again.
_STEPS: dict[InvoiceState, tuple[Step, ...]] = {
    S.DRAFT: (Step.ISSUE, Step.VOID),
    S.ISSUED: (Step.VOID, Step.WRITE_OFF),
    S.PARTIALLY_PAID: (Step.WRITE_OFF,),
    S.PAID: (),
    S.VOID: (),
    S.WRITTEN_OFF: (),
}
#: Type → the same; what we owe a customer is not given up by us.
STEPS: Mapping[InvoiceType, Mapping[InvoiceState, tuple[Step, ...]]] = {
    T.INVOICE: _STEPS,
    T.CREDIT_NOTE: {state: tuple(s for s in steps if s is not Step.WRITE_OFF) for state, steps in _STEPS.items()},
}
#: Steps that need a reason.
NEEDS_REASON: frozenset[Step] = frozenset({Step.VOID, Step.WRITE_OFF})
#: States that money moves an invoice between; in all others it stays where it is.
BY_MONEY: frozenset[InvoiceState] = OPEN_STATES | {S.PAID}


def all_steps() -> list[str]:
    """Every step there is, as the database is told: 'credit_note draft issued'."""
    return [f"{of} {state} {step}" for of, table in STEPS.items() for state, steps in table.items() for step in steps]


def by_money(state: InvoiceState, total: Decimal, settled: Decimal) -> InvoiceState:
    """Where so much that was paid and credited leaves it; taken back, it goes back."""
    if state not in BY_MONEY:
        return state
    if total - settled <= 0:
        return S.PAID
    return S.PARTIALLY_PAID if settled > 0 else S.ISSUED


@dataclass(frozen=True)
class Money:
    """Where an invoice stands, as far as finance's next deeds depend on it."""

    type: InvoiceType
    state: InvoiceState
    paid: Decimal
    credited: Decimal
    balance: Decimal

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES and self.balance > 0


def refusal(money: Money, step: Step) -> str | None:
    """Why this step cannot be taken, as a sentence to be translated; None if it can."""
    if step is Step.VOID and money.state in OPEN_STATES and (money.paid or money.credited):
        return N_("Something was paid or credited, so it cannot be void. Take that back first, or write the rest off.")
    if step not in STEPS[money.type][money.state]:
        return N_("What is “{state}” cannot become “{target}”.")
    return None


def deeds(money: Money) -> tuple[InvoiceDeed, ...]:
    """What can be done now, what is wanted most first."""
    possible = []
    if refusal(money, Step.ISSUE) is None:
        possible.append(InvoiceDeed.ISSUE)
    if money.is_open:
        possible += [InvoiceDeed.PAY] if money.type is T.INVOICE else []
        possible.append(InvoiceDeed.CREDIT)
    possible += [deed for deed, step in ((InvoiceDeed.VOID, Step.VOID), (InvoiceDeed.WRITE_OFF, Step.WRITE_OFF))
                 if refusal(money, step) is None]  # fmt: skip
    return tuple(possible)
