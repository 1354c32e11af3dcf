"""What is going on when the demo begins: tickets in every open state, with clocks in every state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from data.demo.course import DAY, HOUR, MINUTE, Course, Journey
from data.demo.deliveries_and_visits import DELIVERIES, VISITS
from data.demo.hands_and_faults import FAULTS, HANDS
from rules.request_types import Severity

JOURNEYS: dict[str, Journey] = {journey.name: journey for journey in (*HANDS, *FAULTS, *DELIVERIES, *VISITS)}

Span = tuple[timedelta, timedelta]


@dataclass(frozen=True)
class OpenTicket:
    """A ticket that has come as far as a state, and how long it has been there. `starts_in`: when the work or visit is
    to begin, counted from now; `told`: of a delivery, whether the customer knows."""

    journey: str
    state: str
    since: Span
    starts_in: Span | None = None
    severity: Severity | None = None
    told: bool = True

    def course(self, rng: Random) -> tuple[Course, timedelta]:
        """The way up to that state, and how long ago it began."""
        course = JOURNEYS[self.journey].course(rng, self.severity)
        last = next(index for index, move in enumerate(course.moves) if move.status == self.state)
        course.moves = course.moves[: last + 1]
        age = course.now + course.between(*self.since)
        if self.starts_in:
            course.starts = age + course.between(*self.starts_in)
            course.ends = course.starts + course.between(3 * HOUR, 9 * HOUR)
        if not self.told or (course.notified or age) >= age:
            course.notified = None
        return course, age


#: Every featured company has each of these; the others some of them.
OPEN_TICKETS: tuple[OpenTicket, ...] = (
    # remote hands: new in time, new and nearly late, new and late
    OpenTicket("routine", "submitted", (MINUTE, 6 * MINUTE)),
    OpenTicket("routine", "submitted", (25 * MINUTE, 100 * MINUTE)),
    OpenTicket("routine", "acknowledged", (10 * MINUTE, HOUR)),
    OpenTicket("routine", "in_progress", (10 * MINUTE, 2 * HOUR)),
    OpenTicket("question", "waiting_customer", (HOUR, 20 * HOUR)),
    OpenTicket("held_by_us", "on_hold", (2 * HOUR, 30 * HOUR)),
    OpenTicket("scheduled", "scheduled", (HOUR, 5 * HOUR), starts_in=(3 * HOUR, DAY)),
    OpenTicket("scheduled", "scheduled", (3 * HOUR, 20 * HOUR), starts_in=(3 * DAY, 11 * DAY)),
    OpenTicket("scheduled", "scheduled", (6 * HOUR, 12 * HOUR), starts_in=(-90 * MINUTE, -15 * MINUTE)),
    OpenTicket("scheduled", "in_progress", (10 * MINUTE, HOUR)),
    OpenTicket("scheduled_question", "waiting_customer", (2 * HOUR, 30 * HOUR), starts_in=(DAY, 3 * DAY)),
    OpenTicket("done_again", "reopened", (10 * MINUTE, 3 * HOUR)),
    # faults: running, late, paused, held by our supplier, broken again
    OpenTicket("repair", "submitted", (MINUTE, 9 * MINUTE), severity=Severity.P1),
    OpenTicket("repair", "in_progress", (10 * MINUTE, HOUR), severity=Severity.P2),
    OpenTicket("repair", "in_progress", (2 * HOUR, 8 * HOUR), severity=Severity.P4),
    OpenTicket("repair", "in_progress", (9 * HOUR, 16 * HOUR), severity=Severity.P3),
    OpenTicket("repair_with_question", "waiting_customer", (HOUR, 9 * HOUR), severity=Severity.P2),
    OpenTicket("repair_held_by_customer", "on_hold", (4 * HOUR, 40 * HOUR), severity=Severity.P3),
    OpenTicket("repair_held_by_us", "on_hold", (2 * HOUR, 9 * HOUR), severity=Severity.P4),
    OpenTicket("broken_again", "reopened", (10 * MINUTE, 2 * HOUR), severity=Severity.P3),
    # shipments: announced, on the way, arrived and not yet told, told; on the way out
    OpenTicket("stored", "submitted", (HOUR, 8 * HOUR)),
    OpenTicket("delivered", "expected", (5 * HOUR, 3 * DAY)),
    OpenTicket("in_parts", "partially_received", (2 * HOUR, DAY)),
    OpenTicket("stored", "received", (HOUR, 8 * HOUR), told=False),
    OpenTicket("stored", "received", (13 * HOUR, 20 * HOUR), told=False),
    OpenTicket("delivered", "received", (20 * HOUR, 30 * HOUR)),
    OpenTicket("sent_out", "packed", (10 * MINUTE, 90 * MINUTE)),
    OpenTicket("sent_out", "awaiting_pickup", (HOUR, DAY)),
    # visits: asked for in time and too late, being checked, on the list, inside
    OpenTicket("visited", "submitted", (20 * MINUTE, 3 * HOUR), starts_in=(DAY, 6 * DAY)),
    OpenTicket("visited", "submitted", (5 * HOUR, 8 * HOUR), starts_in=(DAY, 4 * DAY)),
    OpenTicket("visited_after_a_check", "pending_approval", (HOUR, 4 * HOUR), starts_in=(DAY, 5 * DAY)),
    OpenTicket("visited", "approved", (2 * HOUR, DAY), starts_in=(5 * HOUR, 7 * DAY)),
    OpenTicket("visited", "checked_in", (10 * MINUTE, 2 * HOUR)),
    # just done: it can still be confirmed, rated or reopened
    OpenTicket("stored", "stored", (HOUR, 20 * HOUR)),
    OpenTicket("delivered", "delivered", (HOUR, 4 * DAY)),
    OpenTicket("sent_out", "handed_over", (HOUR, 4 * DAY)),
    OpenTicket("visited", "checked_out", (HOUR, 20 * HOUR)),
    OpenTicket("routine", "resolved", (HOUR, 3 * DAY)),
    OpenTicket("repair", "resolved", (2 * HOUR, 4 * DAY)),
)
