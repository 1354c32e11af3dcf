"""SLA clocks: what we promised, until when, and how a clock stands at a moment (SPEC §4 "SLA clocks")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from rules.request_types import Severity, TicketKind


class Clock(StrEnum):
    FIRST_ANSWER = "first_answer"
    SECOND = "second"


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"


_FAULT_FIRST = {
    Severity.P1: timedelta(minutes=15),
    Severity.P2: timedelta(minutes=30),
    Severity.P3: timedelta(hours=1),
    Severity.P4: timedelta(hours=2),
}
_FAULT_RESOLVED = {
    Severity.P1: timedelta(hours=2),
    Severity.P2: timedelta(hours=4),
    Severity.P3: timedelta(hours=8),
    Severity.P4: timedelta(hours=24),
}
_FIRST = {
    TicketKind.REMOTE_HANDS: timedelta(minutes=15),
    TicketKind.SHIPMENT: timedelta(hours=12),
    TicketKind.SITE_VISIT: timedelta(hours=4),
}


def first_answer_target(kind: TicketKind, severity: Severity | None = None) -> timedelta:
    """How long we may take to answer; a fault without a severity counts as P3."""
    if kind is TicketKind.FAULT:
        return _FAULT_FIRST[severity or Severity.P3]
    return _FIRST[kind]


def second_target(kind: TicketKind, severity: Severity | None = None) -> timedelta | None:
    """How long the second clock gives, from its own start; None where the kind has none of a fixed length."""
    if kind is TicketKind.FAULT:
        return _FAULT_RESOLVED[severity or Severity.P3]
    return timedelta(hours=12) if kind is TicketKind.SHIPMENT else None


@dataclass(frozen=True)
class Agreed:
    """A target that differs from the general one for clocks that start from `since` on; None: the general one again."""

    kind: TicketKind
    clock: Clock
    since: datetime
    target: timedelta | None
    #: Of a fault; None: of each severity that has no target of its own.
    severity: Severity | None = None


def target_of(
    kind: TicketKind,
    clock: Clock,
    severity: Severity | None,
    started_at: datetime,
    agreed: Iterable[Agreed] = (),
) -> timedelta | None:
    """What was promised to a clock that started then, whatever is agreed later; None where no length is fixed."""
    general = (first_answer_target if clock is Clock.FIRST_ANSWER else second_target)(kind, severity)
    if general is None:
        return None
    counted = (severity or Severity.P3) if kind is TicketKind.FAULT else None
    for wanted in dict.fromkeys((counted, None)):
        fitting = [
            one
            for one in agreed
            if (one.kind, one.clock, one.severity) == (kind, clock, wanted) and one.since <= started_at
        ]
        if fitting and (target := max(fitting, key=lambda one: one.since).target) is not None:
            return target
    return general


@dataclass(frozen=True)
class Span:
    """From the shortest to the longest of what is promised to several."""

    least: timedelta
    most: timedelta


def promised(
    kind: TicketKind, clock: Clock, severity: Severity | None, at: datetime, agreed: Iterable[Agreed] = ()
) -> Span | None:
    """What a request that is sent at this time is promised; without a severity, a fault of any."""
    severities = tuple(Severity) if kind is TicketKind.FAULT and severity is None else (severity,)
    agreed = tuple(agreed)
    found = [target_of(kind, clock, each, at, agreed) for each in severities]
    targets = [target for target in found if target is not None]
    return Span(min(targets), max(targets)) if targets else None


@dataclass(frozen=True)
class Reading:
    """How one clock stands: its state and the time left (negative: by how much it is late) or, paused, since when."""

    state: ClockState
    left: timedelta | None = None
    since: datetime | None = None


def read_clock(
    *, deadline: datetime | None, stopped_at: datetime | None, paused_since: datetime | None, now: datetime
) -> Reading | None:
    """Rule 4: met and breached are final once stopped; a paused clock has no deadline; None where there is no clock."""
    if paused_since is not None and stopped_at is None:
        return Reading(ClockState.PAUSED, since=paused_since)
    if deadline is None:
        return None
    left = deadline.astimezone(UTC) - (stopped_at or now).astimezone(UTC)  # never by the clocks on a wall
    if stopped_at is None and left >= timedelta(0):
        return Reading(ClockState.RUNNING, left=left)
    return Reading(ClockState.MET if left >= timedelta(0) else ClockState.BREACHED, left=left)
