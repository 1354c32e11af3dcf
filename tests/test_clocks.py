"""What became of each promise, read off a ticket's log (SPEC §4 "SLA clocks")."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rules.clocks import Change, History, TimedClock, next_deadline, replay
from rules.lifecycle import Actor, Category, category_of
from rules.request_types import Direction, Severity, TicketKind
from rules.sla import Agreed, Clock

START = datetime(2026, 10, 1, 9, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
_BY = {"submitted": Actor.CUSTOMER, "cancelled": Actor.CUSTOMER, "reopened": Actor.CUSTOMER, "closed": Actor.SYSTEM}


def history(
    kind: TicketKind, *moves: tuple[str, timedelta], severity: Severity | None = None, **more: object
) -> History:
    """`("acknowledged", 10 * MINUTE)`: ten minutes after the opening."""
    changes = tuple(
        Change(START + after, status, category_of(status), _BY.get(status, Actor.DESK), severity)
        for status, after in (("submitted", timedelta(0)), *moves)
    )
    return History(kind=kind, changes=changes, **more)  # ty: ignore[invalid-argument-type]


def fault(*moves: tuple[str, timedelta], severity: Severity | None = Severity.P2) -> History:
    return history(TicketKind.FAULT, *moves, severity=severity)


def first(of: History) -> TimedClock:
    return replay(of)[0]


def second(of: History) -> TimedClock:
    (_, clock) = replay(of)
    return clock


@pytest.mark.parametrize(("answered", "outcome"), [(30 * MINUTE, "met"), (31 * MINUTE, "breached")])
def test_the_desks_first_move_is_the_answer(answered: timedelta, outcome: str) -> None:
    clock = first(fault(("acknowledged", answered), ("in_progress", HOUR)))
    assert (clock.clock, clock.outcome, clock.stopped_at) == (Clock.FIRST_ANSWER, outcome, START + answered)
    assert clock.deadline == START + 30 * MINUTE


def test_a_reply_before_the_first_move_is_the_answer() -> None:
    clock = first(history(TicketKind.REMOTE_HANDS, ("in_progress", HOUR), replied_at=START + 5 * MINUTE))
    assert (clock.outcome, clock.stopped_at) == ("met", START + 5 * MINUTE)


def test_nothing_the_customer_or_the_system_does_is_an_answer() -> None:
    clock = first(fault())
    assert (clock.stopped_at, clock.outcome, clock.deadline) == (None, None, START + 30 * MINUTE)


@pytest.mark.parametrize(("cancelled", "outcome"), [(10 * MINUTE, None), (45 * MINUTE, "breached")])
def test_a_promise_that_was_not_due_when_the_ticket_ended_counts_neither_way(
    cancelled: timedelta, outcome: str | None
) -> None:
    clock = first(fault(("cancelled", cancelled)))
    assert clock.outcome == outcome
    assert (clock.deadline is None) == (outcome is None)


def test_a_visit_is_answered_before_it_starts() -> None:
    soon = history(TicketKind.SITE_VISIT, starts_at=START + HOUR)
    later = history(TicketKind.SITE_VISIT, starts_at=START + 9 * HOUR)
    assert [first(each).deadline for each in (soon, later)] == [START + HOUR, START + 4 * HOUR]
    assert len(replay(later)) == 1, "a visit has no second clock"


def test_only_a_pause_stops_the_second_clock() -> None:
    held = Change(START + 2 * HOUR, "on_hold", Category.OPEN, Actor.DESK, Severity.P2)  # our own reason
    paused = fault(("acknowledged", MINUTE), ("waiting_customer", HOUR), ("in_progress", 3 * HOUR))
    assert second(paused).deadline == START + 6 * HOUR
    assert second(fault(("acknowledged", MINUTE))).deadline == START + 4 * HOUR
    ours = History(kind=TicketKind.FAULT, changes=(*fault(("acknowledged", MINUTE)).changes, held))
    assert second(ours).deadline == START + 4 * HOUR


def test_a_paused_clock_has_no_deadline_and_says_since_when() -> None:
    waiting = fault(("acknowledged", MINUTE), ("waiting_customer", HOUR), ("on_hold", 2 * HOUR))
    clock = second(waiting)
    assert (clock.deadline, clock.paused_since, clock.outcome) == (None, START + HOUR, None)
    assert waiting.paused_since == START + HOUR
    assert next_deadline(replay(waiting), Category.PAUSED) is None


def test_resolved_out_of_a_pause_counts_the_pause() -> None:
    clock = second(fault(("acknowledged", MINUTE), ("waiting_customer", HOUR), ("resolved", 30 * HOUR)))
    assert (clock.outcome, clock.paused) == ("met", 29 * HOUR)


def test_reopening_starts_a_new_round_and_keeps_the_outcome_of_the_old_one() -> None:
    again = fault(("acknowledged", MINUTE), ("resolved", 5 * HOUR), ("reopened", 20 * HOUR), ("resolved", 22 * HOUR))
    rounds = [clock for clock in replay(again) if clock.clock is Clock.SECOND]
    assert [(clock.round, clock.started_at, clock.outcome) for clock in rounds] == [
        (1, START, "breached"),
        (2, START + 20 * HOUR, "met"),
    ]


def test_a_change_of_severity_keeps_the_answer_and_the_rounds_that_are_over() -> None:
    changes = list(fault(("acknowledged", 50 * MINUTE), ("resolved", 7 * HOUR), severity=Severity.P3).changes)
    worse = [
        Change(START + 8 * HOUR, "reopened", Category.OPEN, Actor.CUSTOMER, Severity.P3),
        Change(START + 9 * HOUR, "in_progress", Category.OPEN, Actor.DESK, Severity.P1),
    ]
    answer, before, now = replay(History(kind=TicketKind.FAULT, changes=(*changes, *worse)))
    assert (answer.outcome, before.outcome) == ("met", "met")
    assert now.deadline == START + 10 * HOUR


def test_scheduled_hands_start_on_time_and_routine_ones_have_no_second_clock() -> None:
    at = START + 5 * HOUR
    late = history(
        TicketKind.REMOTE_HANDS, ("scheduled", MINUTE), ("in_progress", 6 * HOUR), ("resolved", 7 * HOUR), starts_at=at
    )
    assert (second(late).deadline, second(late).outcome) == (at, "breached")
    assert len(replay(history(TicketKind.REMOTE_HANDS, ("in_progress", MINUTE)))) == 1


def test_a_parcel_that_came_in_is_told_within_twelve_hours() -> None:
    moves = (("acknowledged", HOUR), ("expected", 2 * HOUR), ("received", 48 * HOUR))
    told = history(TicketKind.SHIPMENT, *moves, direction=Direction.INBOUND, notified_at=START + 50 * HOUR)
    assert (second(told).started_at, second(told).outcome) == (START + 48 * HOUR, "met")
    waiting = history(TicketKind.SHIPMENT, *moves, direction=Direction.INBOUND)
    assert next_deadline(replay(waiting), Category.OPEN) == START + 60 * HOUR
    outbound = history(TicketKind.SHIPMENT, ("acknowledged", HOUR), ("packed", 2 * HOUR), direction=Direction.OUTBOUND)
    assert len(replay(outbound)) == 1


def test_the_next_deadline_is_the_first_of_those_that_run() -> None:
    assert next_deadline(replay(fault()), Category.OPEN) == START + 30 * MINUTE
    answered = fault(("acknowledged", MINUTE))
    assert next_deadline(replay(answered), Category.OPEN) == START + 4 * HOUR
    assert next_deadline(replay(fault(("acknowledged", MINUTE), ("resolved", HOUR))), Category.DONE) is None


# --- what was agreed otherwise


def agreed(target: timedelta | None, *, since: timedelta = -HOUR, severity: Severity | None = None) -> Agreed:
    return Agreed(TicketKind.FAULT, Clock.SECOND, START + since, target, severity)


def target_with(*said: Agreed, severity: Severity | None = Severity.P2) -> timedelta:
    first_one, second_one = replay(replace(fault(severity=severity), agreed=said))
    assert first_one.target == replay(fault(severity=severity))[0].target, "the other clock is none of its business"
    return second_one.target


def test_a_target_that_was_agreed_counts_for_clocks_that_start_from_then_on_and_for_none_before() -> None:
    assert target_with(agreed(3 * HOUR)) == 3 * HOUR
    assert target_with(agreed(3 * HOUR, since=timedelta(0))) == 3 * HOUR
    assert target_with(agreed(3 * HOUR, since=MINUTE)) == 4 * HOUR
    assert target_with(agreed(3 * HOUR), agreed(HOUR, since=MINUTE)) == 3 * HOUR, "a later one changes nothing"
    assert target_with(agreed(3 * HOUR), agreed(2 * HOUR, since=-MINUTE)) == 2 * HOUR, "the last one before it counts"
    assert target_with(agreed(3 * HOUR), agreed(None, since=-MINUTE)) == 4 * HOUR, "and that can be the general one"


def test_a_severitys_own_target_comes_before_that_of_all_of_them() -> None:
    both = agreed(3 * HOUR), agreed(HOUR, since=-2 * HOUR, severity=Severity.P2)
    assert target_with(*both) == HOUR
    assert target_with(*both, severity=Severity.P4) == 3 * HOUR
    assert target_with(agreed(HOUR, severity=Severity.P3), severity=None) == HOUR, "without one it counts as P3"
    assert target_with(*both, agreed(None, severity=Severity.P2)) == 3 * HOUR


def test_another_kinds_target_and_one_for_work_at_an_agreed_time_change_nothing() -> None:
    of_others = Agreed(TicketKind.SHIPMENT, Clock.SECOND, START - HOUR, MINUTE)
    assert target_with(of_others) == 4 * HOUR
    planned = history(TicketKind.REMOTE_HANDS, starts_at=START + 5 * HOUR)
    no_length = Agreed(TicketKind.REMOTE_HANDS, Clock.SECOND, START - HOUR, MINUTE)
    assert replay(replace(planned, agreed=(no_length,))) == replay(planned)


def test_a_reopened_ticket_gets_the_target_of_the_day_it_was_reopened() -> None:
    moves = ("acknowledged", MINUTE), ("resolved", HOUR), ("reopened", 10 * HOUR)
    _answer, before, again = replay(replace(fault(*moves), agreed=(agreed(HOUR, since=9 * HOUR),)))
    assert (before.target, before.outcome) == (4 * HOUR, "met")
    assert again.target == HOUR


def test_an_arrival_that_our_dock_did_not_see_is_no_promise() -> None:
    came = history(TicketKind.SHIPMENT, ("acknowledged", MINUTE), ("received", HOUR), direction=Direction.INBOUND)
    assert len(replay(came)) == 2
    assert [clock.clock for clock in replay(replace(came, arrival_is_known=False))] == [Clock.FIRST_ANSWER]
