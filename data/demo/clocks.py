"""The clocks of a ticket, read off its log: the demo writes what the portal itself would have written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rules.lifecycle import Actor, Category
from rules.request_types import Direction, Severity, TicketKind
from rules.sla import Clock, first_answer_target, second_target


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    at: datetime
    status: str
    category: Category
    by: Actor
    severity: Severity | None


@dataclass(frozen=True)
class History:
    """What a ticket's clocks depend on."""

    kind: TicketKind
    direction: Direction | None
    entries: tuple[Entry, ...]
    starts_at: datetime | None = None
    notified_at: datetime | None = None

    @property
    def opened_at(self) -> datetime:
        return self.entries[0].at

    @property
    def answered_at(self) -> datetime | None:
        return next((entry.at for entry in self.entries if entry.by is Actor.DESK), None)

    @property
    def paused_since(self) -> datetime | None:
        """When the ticket came into the category it is in, if that is the paused one."""
        since = None
        for entry in self.entries:
            since = (since or entry.at) if entry.category is Category.PAUSED else None
        return since


@dataclass(frozen=True)
class TimedClock:
    """One clock as it is stored."""

    clock: Clock
    round: int
    started_at: datetime
    target: timedelta
    paused: timedelta = timedelta(0)
    paused_since: datetime | None = None
    stopped_at: datetime | None = None
    deadline: datetime | None = None
    outcome: str | None = None

    def settled(self) -> TimedClock:
        """With its deadline and, once stopped, what became of the promise."""
        if self.paused_since is not None:
            return replace(self, deadline=None)
        deadline = self.started_at + self.target + self.paused
        if self.stopped_at is None:
            return replace(self, deadline=deadline)
        return replace(self, deadline=deadline, outcome="met" if self.stopped_at <= deadline else "breached")

    def withdrawn(self, at: datetime) -> TimedClock:
        """The ticket ended before the promise was due: neither kept nor broken. What was broken stays so."""
        broken = replace(self, stopped_at=at).settled()
        return broken if broken.outcome == "breached" else replace(broken, deadline=None, outcome=None)


def clocks_of(history: History) -> list[TimedClock]:
    return [_first_answer(history), *_second(history)]


def _first_answer(history: History) -> TimedClock:
    answered = history.answered_at
    before = [entry for entry in history.entries if answered is None or entry.at <= answered]
    target = first_answer_target(history.kind, before[-1].severity)
    if history.kind is TicketKind.SITE_VISIT and history.starts_at is not None:
        target = min(target, history.starts_at - history.opened_at)
    clock = TimedClock(Clock.FIRST_ANSWER, 1, history.opened_at, target, stopped_at=answered)
    end = history.entries[-1]
    if answered is None and end.category is Category.DONE:
        return clock.withdrawn(end.at)
    return clock.settled()


def _second(history: History) -> list[TimedClock]:
    match history.kind:
        case TicketKind.FAULT:
            return _repairs(history)
        case TicketKind.REMOTE_HANDS if history.starts_at is not None:
            planned = history.starts_at - history.opened_at
            return [_paused_and_stopped(history, 1, 0, planned, {"in_progress", "resolved"})]
        case TicketKind.SHIPMENT if history.direction is Direction.INBOUND:
            return _notices_of_receipt(history)
    return []


def _repairs(history: History) -> list[TimedClock]:
    """One from the opening, and another each time the customer reopens it."""
    begins = [0, *(index for index, entry in enumerate(history.entries) if entry.status == "reopened")]
    found = []
    for number, begin in enumerate(begins, start=1):
        target = second_target(history.kind, history.entries[-1].severity)
        assert target is not None
        found.append(_paused_and_stopped(history, number, begin, target, {"resolved"}))
    return found


def _notices_of_receipt(history: History) -> list[TimedClock]:
    received = next((entry.at for entry in history.entries if entry.status == "received"), None)
    target = second_target(history.kind)
    if received is None or target is None:
        return []
    return [TimedClock(Clock.SECOND, 1, received, target, stopped_at=history.notified_at).settled()]


def _paused_and_stopped(history: History, number: int, begin: int, target: timedelta, stops: set[str]) -> TimedClock:
    """From one entry of the log until it comes to one of these states, less what was paused on the way."""
    clock = TimedClock(Clock.SECOND, number, history.entries[begin].at, target)
    for entry in history.entries[begin:]:
        if clock.paused_since is not None and entry.category is not Category.PAUSED:
            pause = entry.at - clock.paused_since
            clock = replace(clock, paused=clock.paused + pause, paused_since=None)
        if entry.status in stops:
            return replace(clock, stopped_at=entry.at).settled()
        if entry.category is Category.DONE:
            return clock.withdrawn(entry.at)
        if entry.category is Category.PAUSED and clock.paused_since is None:
            clock = replace(clock, paused_since=entry.at)
    return clock.settled()


def next_deadline(clocks: list[TimedClock], category: Category) -> datetime | None:
    """The clock that runs out first; empty while paused and when all have stopped."""
    if category is not Category.OPEN:
        return None
    return min((clock.deadline for clock in clocks if clock.deadline and clock.stopped_at is None), default=None)
