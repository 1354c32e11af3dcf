"""How tickets of the demo go: one small function for each way a ticket can take, with the times between its states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from rules.lifecycle import Actor, Category, category_of
from rules.request_types import Direction, Severity, TicketKind
from rules.sla import first_answer_target, second_target

C, D, S = Actor.CUSTOMER, Actor.DESK, Actor.SYSTEM
REMOTE_HANDS, FAULT = TicketKind.REMOTE_HANDS, TicketKind.FAULT
SHIPMENT, SITE_VISIT = TicketKind.SHIPMENT, TicketKind.SITE_VISIT

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CLOSES_BY_ITSELF = 5 * DAY


@dataclass(frozen=True)
class Move:
    """A ticket gets into a state, some time after it was opened. `reason` names a text of the phrases."""

    after: timedelta
    status: str
    by: Actor
    reason: str | None = None
    severity: Severity | None = None
    customer_must_act: bool = True

    @property
    def category(self) -> Category:
        return category_of(self.status, customer_must_act=self.customer_must_act)


@dataclass
class Course:
    """A ticket's way from its opening to its end; `starts` is when work or a visit was to begin, `notified` when the
    customer heard of a delivery."""

    kind: TicketKind
    rng: Random
    direction: Direction | None = None
    severity: Severity | None = None
    starts: timedelta | None = None
    ends: timedelta | None = None
    notified: timedelta | None = None
    moves: list[Move] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.moves.append(Move(timedelta(0), "submitted", C, severity=self.severity))

    @property
    def now(self) -> timedelta:
        return self.moves[-1].after

    def between(self, low: timedelta, high: timedelta) -> timedelta:
        return timedelta(seconds=round(low.total_seconds() + (high - low).total_seconds() * self.rng.random()))

    def then(
        self,
        status: str,
        low: timedelta,
        high: timedelta,
        by: Actor = D,
        *,
        reason: str | None = None,
        customer_must_act: bool = True,
    ) -> None:
        wait = self.between(low, high)
        self.moves.append(Move(self.now + wait, status, by, reason, self.severity, customer_must_act))

    def answered(self, status: str = "acknowledged", *, by: Actor = D, reason: str | None = None) -> None:
        """The desk's first move: most within the promise, one in twelve too late."""
        target = first_answer_target(self.kind, self.severity)
        slow = self.rng.random() < 0.08
        low, high = (target * 1.1, target * 3) if slow else (target * 0.1, target * 0.93)
        self.then(status, low, high, by, reason=reason)

    def share_of_target(self) -> timedelta:
        """How long the repair takes net of pauses: most within the promise."""
        target = second_target(self.kind, self.severity)
        assert target is not None
        slow = self.rng.random() < 0.11
        return self.between(target * 1.05, target * 1.9) if slow else self.between(target * 0.45, target * 0.96)

    def resolved_and_closed(self, low: timedelta, high: timedelta) -> None:
        self.then("resolved", low, high)
        self.closed()

    def closed(self) -> None:
        if self.rng.random() < 0.45:
            self.then("closed", HOUR, 70 * HOUR, C)
        else:
            self.then("closed", CLOSES_BY_ITSELF, CLOSES_BY_ITSELF, S, reason="closed")

    def waiting(self, low: timedelta, high: timedelta) -> timedelta:
        """Ask the customer; how long they took to answer."""
        self.then("waiting_customer", low, high, reason="waiting_customer")
        asked = self.now
        self.then("in_progress", 20 * MINUTE, 15 * HOUR, C)
        return self.now - asked

    def held(self, low: timedelta, high: timedelta, *, customer_must_act: bool) -> timedelta:
        reason = "on_hold_customer" if customer_must_act else "on_hold_operator"
        self.then("on_hold", low, high, reason=reason, customer_must_act=customer_must_act)
        began = self.now
        self.then("in_progress", HOUR, 20 * HOUR)
        return self.now - began


Way = Callable[[Course], None]


@dataclass(frozen=True)
class Journey:
    """A kind of ticket on one of its ways, and how often that happens."""

    name: str
    kind: TicketKind
    way: Way
    often: int
    direction: Direction | None = None

    def course(self, rng: Random, severity: Severity | None = None) -> Course:
        if self.kind is FAULT and severity is None:
            severity = rng.choices(list(Severity), weights=(6, 17, 47, 30))[0]
        course = Course(self.kind, rng, self.direction, severity)
        self.way(course)
        return course
