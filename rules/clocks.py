"""The clocks of a ticket, read off its log: the one piece of code that says what became of each promise (SPEC §4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from rules.lifecycle import Actor, Category
from rules.request_types import Direction, Severity, TicketKind
from rules.sla import Agreed, Clock, target_of


@dataclass(frozen=True)
class Change:
    """One line of the log: the ticket came into this state, or its severity was changed."""

    at: datetime
    status: str
    category: Category
    by: Actor
    severity: Severity | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", _utc(self.at))


@dataclass(frozen=True, kw_only=True)
class History:
    """All that a ticket's clocks depend on; the first change is its opening.

    `starts_at` is when scheduled work or a visit is to begin, `notified_at` when the customer heard that a shipment is
    here, `replied_at` when the desk first wrote to the customer. Of a shipment that came before the portal was there,
    nobody noted when it arrived (`arrival_is_known`), and so no promise about its arrival is judged. `agreed` is what
    was ever promised otherwise than to everybody; each clock finds in it what held when it started."""

    kind: TicketKind
    changes: tuple[Change, ...]
    direction: Direction | None = None
    starts_at: datetime | None = None
    notified_at: datetime | None = None
    replied_at: datetime | None = None
    arrival_is_known: bool = True
    agreed: tuple[Agreed, ...] = ()

    def __post_init__(self) -> None:
        for name in ("starts_at", "notified_at", "replied_at"):
            if (at := getattr(self, name)) is not None:
                object.__setattr__(self, name, _utc(at))

    @property
    def opened_at(self) -> datetime:
        return self.changes[0].at

    def target(self, clock: Clock, started_at: datetime, severity: Severity | None = None) -> timedelta | None:
        return target_of(self.kind, clock, severity, started_at, self.agreed)

    @property
    def _answering_move(self) -> int | None:
        """Where in the log the desk first moved it; another severity is no move."""
        before = (None, *(change.status for change in self.changes))
        moves = enumerate(zip(self.changes, before, strict=False))
        return next((at for at, (change, was) in moves if change.by is Actor.DESK and change.status != was), None)

    @property
    def answered_at(self) -> datetime | None:
        """The first reply or move of the desk; the automatic confirmation is neither."""
        move = self._answering_move
        moved_at = None if move is None else self.changes[move].at
        return min((at for at in (self.replied_at, moved_at) if at is not None), default=None)

    @property
    def severity_when_answered(self) -> Severity | None:
        """By the order of the log where the answer was a move: a severity of the same moment came after it."""
        answered_at, move = self.answered_at, self._answering_move
        if answered_at is None:
            return self.changes[-1].severity
        if move is not None and self.changes[move].at == answered_at:
            return self.changes[move].severity
        return [self.changes[0], *(change for change in self.changes[1:] if change.at < answered_at)][-1].severity

    @property
    def paused_since(self) -> datetime | None:
        """When the ticket came into the category it is in, if that is the paused one."""
        since = None
        for change in self.changes:
            since = (since or change.at) if change.category is Category.PAUSED else None
        return since


@dataclass(frozen=True)
class TimedClock:
    """One clock as it is stored. Reopening starts the second clock again, as a round of its own."""

    clock: Clock
    round: int
    started_at: datetime
    target: timedelta
    paused: timedelta = timedelta(0)
    paused_since: datetime | None = None
    stopped_at: datetime | None = None
    deadline: datetime | None = None
    #: Empty while the clock runs, and where it ended without the promise being due.
    outcome: str | None = None

    def settled(self) -> TimedClock:
        """With its deadline (rule 4) and, once stopped, what became of the promise."""
        if self.paused_since is not None:
            return replace(self, deadline=None)
        deadline = self.started_at + self.target + self.paused
        if self.stopped_at is None:
            return replace(self, deadline=deadline)
        return replace(self, deadline=deadline, outcome="met" if self.stopped_at <= deadline else "breached")

    def withdrawn(self, at: datetime) -> TimedClock:
        """The ticket ended first: the promise was neither kept nor broken, unless it was broken by then."""
        ended = replace(self, stopped_at=at).settled()
        return ended if ended.outcome == "breached" else replace(ended, deadline=None, outcome=None)


def _utc(at: datetime) -> datetime:
    """Two times of one zone are subtracted by the clocks on its walls: an hour off where summer time ends."""
    return at.astimezone(UTC)


def replay(history: History) -> tuple[TimedClock, ...]:
    """Every clock the ticket has had, as it stands after the last change."""
    return (_first_answer(history), *_second(history))


def next_deadline(clocks: Iterable[TimedClock], category: Category) -> datetime | None:
    """The clock that runs out first; empty while paused and when all have stopped."""
    if category is not Category.OPEN:
        return None
    return min((clock.deadline for clock in clocks if clock.deadline and clock.stopped_at is None), default=None)


def _first_answer(history: History) -> TimedClock:
    """The severity at the time of the answer counts: a later change keeps the answer that was given."""
    answered_at, last = history.answered_at, history.changes[-1]
    target = history.target(Clock.FIRST_ANSWER, history.opened_at, history.severity_when_answered)
    assert target is not None, "every kind has one"
    if history.kind is TicketKind.SITE_VISIT and history.starts_at is not None:
        target = min(target, history.starts_at - history.opened_at)
    clock = TimedClock(Clock.FIRST_ANSWER, 1, history.opened_at, target, stopped_at=answered_at)
    if answered_at is None and last.category is Category.DONE:
        return clock.withdrawn(last.at)
    return clock.settled()


def _second(history: History) -> list[TimedClock]:
    match history.kind:
        case TicketKind.FAULT:
            return _repairs(history)
        case TicketKind.REMOTE_HANDS if history.starts_at is not None:
            planned = history.starts_at - history.opened_at
            return [_running(1, history.changes, planned, stops={"in_progress", "resolved"})]
        case TicketKind.SHIPMENT if history.direction is not Direction.OUTBOUND:
            return _notices_of_receipt(history)
    return []


def _repairs(history: History) -> list[TimedClock]:
    """One from the opening, and another each time the customer reopens it. A round that is over keeps its severity."""
    came = zip(history.changes, history.changes[1:], strict=False)
    again = (index for index, (was, now) in enumerate(came, 1) if "reopened" == now.status != was.status)
    begins = [0, *again]
    ends = [*begins[1:], len(history.changes)]
    clocks = []
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True), start=1):
        changes = history.changes[begin:end]
        last = next((change for change in changes if change.status == "resolved"), changes[-1])
        target = history.target(Clock.SECOND, changes[0].at, last.severity)
        assert target is not None, "faults have one"
        clocks.append(_running(number, changes, target, stops={"resolved"}))
    return clocks


def _notices_of_receipt(history: History) -> list[TimedClock]:
    received_at = next((change.at for change in history.changes if change.status == "received"), None)
    if received_at is None or not history.arrival_is_known:
        return []
    target = history.target(Clock.SECOND, received_at)
    assert target is not None, "shipments have one"
    return [TimedClock(Clock.SECOND, 1, received_at, target, stopped_at=history.notified_at).settled()]


def _running(number: int, changes: tuple[Change, ...], target: timedelta, *, stops: set[str]) -> TimedClock:
    """From the first of these changes until one of the states is reached, less what was paused on the way."""
    clock = TimedClock(Clock.SECOND, number, changes[0].at, target)
    for change in changes:
        if clock.paused_since is not None and change.category is not Category.PAUSED:
            clock = replace(clock, paused=clock.paused + (change.at - clock.paused_since), paused_since=None)
        if change.status in stops:
            return replace(clock, stopped_at=change.at).settled()
        if change.category is Category.DONE:
            return clock.withdrawn(change.at)
        if change.category is Category.PAUSED and clock.paused_since is None:
            clock = replace(clock, paused_since=change.at)
    return clock.settled()
