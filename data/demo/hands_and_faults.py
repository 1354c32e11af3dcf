"""The ways of remote hands and fault reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from data.demo.course import DAY, FAULT, HOUR, MINUTE, REMOTE_HANDS, C, Course, Journey
from rules.request_types import Severity


def _routine(course: Course) -> None:
    course.answered()
    course.then("in_progress", 5 * MINUTE, 50 * MINUTE)
    course.resolved_and_closed(15 * MINUTE, 3 * HOUR)


def _at_once(course: Course) -> None:
    course.answered("in_progress")
    course.resolved_and_closed(10 * MINUTE, 70 * MINUTE)


def _question(course: Course) -> None:
    course.answered()
    course.then("in_progress", 10 * MINUTE, HOUR)
    course.waiting(10 * MINUTE, HOUR)
    course.resolved_and_closed(20 * MINUTE, 2 * HOUR)


def _unanswered_question(course: Course) -> None:
    """Resolved straight out of the pause."""
    course.answered()
    course.then("waiting_customer", 10 * MINUTE, HOUR, reason="waiting_customer")
    course.resolved_and_closed(2 * HOUR, 30 * HOUR)


def _held_by_us(course: Course) -> None:
    course.answered()
    course.then("in_progress", 10 * MINUTE, HOUR)
    course.held(10 * MINUTE, HOUR, customer_must_act=False)
    course.resolved_and_closed(20 * MINUTE, 2 * HOUR)


def _held_by_customer(course: Course) -> None:
    course.answered()
    course.held(10 * MINUTE, HOUR, customer_must_act=True)
    course.resolved_and_closed(20 * MINUTE, 2 * HOUR)


def _scheduled(course: Course) -> None:
    course.answered()
    course.then("scheduled", 5 * MINUTE, 40 * MINUTE)
    _begin(course, 3 * HOUR, 6 * DAY)
    course.resolved_and_closed(20 * MINUTE, 3 * HOUR)


def _scheduled_question(course: Course) -> None:
    course.answered()
    course.then("scheduled", 5 * MINUTE, 40 * MINUTE)
    paused = course.waiting(20 * MINUTE, 2 * HOUR)
    course.starts = course.now - paused + course.between(HOUR, 2 * DAY)
    course.resolved_and_closed(20 * MINUTE, 3 * HOUR)


def _begin(course: Course, low: timedelta, high: timedelta) -> None:
    """Work begins a little before the time agreed, seldom after it."""
    course.then("in_progress", low, high)
    late = course.rng.random() < 0.1
    course.starts = course.now + (
        -course.between(4 * MINUTE, 50 * MINUTE) if late else course.between(MINUTE, 12 * MINUTE)
    )


def _withdrawn(course: Course) -> None:
    if course.rng.random() < 0.5:
        course.answered()
    course.then("cancelled", 2 * MINUTE, HOUR, C, reason="cancelled")


def _rejected(course: Course) -> None:
    course.answered("rejected", reason="rejected")


def _done_again(course: Course) -> None:
    course.answered()
    course.then("in_progress", 5 * MINUTE, 50 * MINUTE)
    course.then("resolved", 20 * MINUTE, 2 * HOUR)
    _again(course)
    course.resolved_and_closed(30 * MINUTE, 3 * HOUR)


def _again(course: Course) -> None:
    course.then("reopened", HOUR, 4 * DAY, C, reason="reopened")
    course.then("in_progress", 5 * MINUTE, 40 * MINUTE)


def _repair(course: Course) -> None:
    net = course.share_of_target()
    course.answered()
    course.then("in_progress", net * 0.02, net * 0.1)
    _finish(course, net)


def _repair_with_question(course: Course) -> None:
    net = course.share_of_target()
    course.answered()
    course.then("in_progress", net * 0.02, net * 0.1)
    paused = course.waiting(net * 0.05, net * 0.2)
    _finish(course, net + paused)


def _repair_held_by_us(course: Course) -> None:
    """Our own reason stops no clock, so these are often late."""
    net = course.share_of_target()
    course.answered()
    course.then("in_progress", net * 0.02, net * 0.1)
    course.held(net * 0.05, net * 0.2, customer_must_act=False)
    _finish(course, net)


def _repair_held_by_customer(course: Course) -> None:
    net = course.share_of_target()
    course.answered()
    course.then("in_progress", net * 0.02, net * 0.1)
    paused = course.held(net * 0.05, net * 0.2, customer_must_act=True)
    _finish(course, net + paused)


def _solved_while_waiting(course: Course) -> None:
    net = course.share_of_target()
    course.answered()
    course.then("waiting_customer", net * 0.1, net * 0.4, reason="waiting_customer")
    course.resolved_and_closed(2 * HOUR, 20 * HOUR)


def _worse_than_thought(course: Course) -> None:
    """The desk raises the severity during the work; the answer that was given keeps its own promise."""
    course.severity = Severity.P3
    course.moves[0] = replace(course.moves[0], severity=Severity.P3)
    course.answered()
    course.then("in_progress", 5 * MINUTE, 20 * MINUTE)
    course.severity = Severity.P2
    course.then("in_progress", 10 * MINUTE, 40 * MINUTE, reason="severity")
    _finish(course, course.share_of_target())


def _broken_again(course: Course) -> None:
    net = course.share_of_target()
    course.answered()
    course.then("in_progress", net * 0.02, net * 0.1)
    course.then("resolved", net - course.now, net - course.now)
    _again(course)
    again = course.share_of_target() * 0.9
    course.resolved_and_closed(again * 0.5, again)


def _finish(course: Course, end: timedelta) -> None:
    """Resolved at that time after the opening, or very soon if it has passed."""
    left = max(end - course.now, 3 * MINUTE)
    course.resolved_and_closed(left, left)


HANDS = (
    Journey("routine", REMOTE_HANDS, _routine, 30),
    Journey("at_once", REMOTE_HANDS, _at_once, 14),
    Journey("question", REMOTE_HANDS, _question, 8),
    Journey("unanswered_question", REMOTE_HANDS, _unanswered_question, 3),
    Journey("held_by_us", REMOTE_HANDS, _held_by_us, 4),
    Journey("held_by_customer", REMOTE_HANDS, _held_by_customer, 3),
    Journey("scheduled", REMOTE_HANDS, _scheduled, 24),
    Journey("scheduled_question", REMOTE_HANDS, _scheduled_question, 4),
    Journey("hands_withdrawn", REMOTE_HANDS, _withdrawn, 4),
    Journey("hands_rejected", REMOTE_HANDS, _rejected, 2),
    Journey("done_again", REMOTE_HANDS, _done_again, 4),
)

FAULTS = (
    Journey("repair", FAULT, _repair, 16),
    Journey("repair_with_question", FAULT, _repair_with_question, 5),
    Journey("repair_held_by_us", FAULT, _repair_held_by_us, 2),
    Journey("repair_held_by_customer", FAULT, _repair_held_by_customer, 2),
    Journey("solved_while_waiting", FAULT, _solved_while_waiting, 1),
    Journey("worse_than_thought", FAULT, _worse_than_thought, 2),
    Journey("broken_again", FAULT, _broken_again, 2),
    Journey("fault_withdrawn", FAULT, _withdrawn, 1),
    Journey("fault_rejected", FAULT, _rejected, 1),
)
