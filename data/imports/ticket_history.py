"""The log of a ticket that was worked on elsewhere: what the four times of a file tell, and nothing besides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rules.clocks import Change, History, TimedClock, replay
from rules.lifecycle import Actor, Category, category_of
from rules.request_types import Direction, Severity, TicketKind
from rules.sla import Agreed

#: States in which the work is done, and those in which there is nothing more to do.
RESOLVED = frozenset({"resolved", "stored", "delivered", "handed_over", "checked_out"})
OVER = frozenset({"closed", "cancelled", "rejected", "refused", "returned", "no_show"})
#: The desk says these by way of an answer, if it has not answered before.
_ANSWERS = frozenset({"rejected", "refused", "returned"})
_BY = {"submitted": Actor.CUSTOMER, "cancelled": Actor.CUSTOMER, "closed": Actor.SYSTEM, "no_show": Actor.SYSTEM}
#: How a kind says that it was answered, and that its work was done; else acknowledged and resolved.
_ANSWERED = {TicketKind.SITE_VISIT: "approved"}
_DONE = {TicketKind.SHIPMENT: "delivered", TicketKind.SITE_VISIT: "checked_out"}
_ON_THE_WAY_OUT = frozenset({"packed", "awaiting_pickup", "handed_over"})


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a file says about a ticket's course. Times of the states in between are not in it."""

    kind: TicketKind
    status: str
    severity: Severity | None
    opened_at: datetime
    first_answered_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    #: What was promised otherwise than to everybody.
    agreed: tuple[Agreed, ...] = ()

    @property
    def direction(self) -> Direction | None:
        """A closed shipment does not say where it went: most come in."""
        if self.kind is not TicketKind.SHIPMENT:
            return None
        return Direction.OUTBOUND if self.status in _ON_THE_WAY_OUT else Direction.INBOUND

    @property
    def category(self) -> Category:
        """Why it is on hold is not in the file, and a pause needs its reason with the customer (SPEC §4)."""
        return category_of(self.status, customer_must_act=False)

    @property
    def answered_at(self) -> datetime | None:
        """Who resolves or refuses without a word before answers by that."""
        return self.first_answered_at or self.resolved_at or (self.closed_at if self.status in _ANSWERS else None)

    def changes(self) -> Iterator[Change]:
        """A state whose time is not in the file begins when the last thing happened that is."""
        yield self._change(self.opened_at, "submitted")
        at = self.opened_at
        if self.answered_at is not None and self.answered_at not in (self.resolved_at, self.closed_at):
            at = self.answered_at
            if self.status not in ("submitted", self._answer):
                yield self._change(at, self._answer)
        if self.resolved_at is not None:
            at = self.resolved_at
            yield self._change(at, self.status if self.status in RESOLVED else self._resolution)
        if self.status not in RESOLVED and self.status != "submitted":
            yield self._change(self.closed_at or at, self.status)

    def history(self) -> History:
        """When a parcel came and when its owner heard of it is not in the file."""
        return History(
            kind=self.kind,
            changes=tuple(self.changes()),
            direction=self.direction,
            replied_at=self.answered_at,
            arrival_is_known=False,
            agreed=self.agreed,
        )

    def clocks(self) -> tuple[TimedClock, ...]:
        return replay(self.history())

    @property
    def _answer(self) -> str:
        is_waiting = self.kind is TicketKind.SITE_VISIT and self.status in ("pending_approval", "cancelled", "rejected")
        return "pending_approval" if is_waiting else _ANSWERED.get(self.kind, "acknowledged")

    @property
    def _resolution(self) -> str:
        return _DONE.get(self.kind, "resolved")

    def _change(self, at: datetime, status: str) -> Change:
        category = category_of(status, customer_must_act=False)
        return Change(at, status, category, _BY.get(status, Actor.DESK), self.severity)
