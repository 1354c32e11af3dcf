"""The ways of shipments, in and out, and of site visits."""

from __future__ import annotations

from datetime import timedelta

from data.demo.course import DAY, HOUR, MINUTE, SHIPMENT, SITE_VISIT, C, Course, Journey, S
from rules.request_types import Direction


def _expected(course: Course) -> None:
    course.answered()
    course.then("expected", 10 * MINUTE, 3 * HOUR)


def _arrived(course: Course) -> None:
    """Received, and the customer is told: mostly within the twelve hours."""
    course.then("received", 6 * HOUR, 5 * DAY)
    slow = course.rng.random() < 0.08
    wait = course.between(13 * HOUR, 20 * HOUR) if slow else course.between(10 * MINUTE, 10 * HOUR)
    course.notified = course.now + wait


def _put_away(course: Course, status: str) -> None:
    told = (course.notified or course.now) - course.now
    course.then(status, told + 5 * MINUTE, told + 20 * HOUR)


def _stored(course: Course) -> None:
    _expected(course)
    _arrived(course)
    _put_away(course, "stored")
    course.then("closed", HOUR, 4 * DAY)


def _delivered(course: Course) -> None:
    _expected(course)
    _arrived(course)
    _put_away(course, "delivered")
    course.then("closed", 5 * DAY, 5 * DAY, S, reason="closed")


def _in_parts(course: Course) -> None:
    _expected(course)
    course.then("partially_received", 6 * HOUR, 4 * DAY)
    _arrived(course)
    _put_away(course, "stored")
    course.then("delivered", 2 * HOUR, 3 * DAY)
    course.then("closed", HOUR, 2 * DAY)


def _sent_back(course: Course) -> None:
    _expected(course)
    _arrived(course)
    _put_away(course, "stored")
    course.then("returned", 6 * DAY, 9 * DAY, reason="returned")


def _refused(course: Course) -> None:
    _expected(course)
    course.then("refused", 6 * HOUR, 3 * DAY, reason="refused")


def _not_coming(course: Course) -> None:
    course.answered()
    course.then("cancelled", HOUR, 20 * HOUR, C, reason="cancelled")


def _sent_out(course: Course) -> None:
    course.answered()
    course.then("packed", 2 * HOUR, 2 * DAY)
    course.then("awaiting_pickup", 10 * MINUTE, 2 * HOUR)
    course.then("handed_over", HOUR, 2 * DAY)
    course.then("closed", 5 * DAY, 5 * DAY, S, reason="closed")


def _visited(course: Course) -> None:
    course.answered("approved")
    _comes_and_goes(course)


def _visited_after_a_check(course: Course) -> None:
    course.answered("pending_approval")
    course.then("approved", 30 * MINUTE, 5 * HOUR)
    _comes_and_goes(course)


def _comes_and_goes(course: Course) -> None:
    course.then("checked_in", 5 * HOUR, 8 * DAY)
    _planned(course, course.now)
    course.then("checked_out", 30 * MINUTE, 6 * HOUR)
    course.then("closed", DAY, DAY, S, reason="closed")


def _planned(course: Course, arrival: timedelta) -> None:
    """They come within a quarter of an hour of the time they named, and named more than they need."""
    course.starts = arrival + course.between(-10 * MINUTE, 15 * MINUTE)
    course.ends = course.starts + course.between(4 * HOUR, 9 * HOUR)


def _did_not_come(course: Course) -> None:
    course.answered("approved")
    course.starts = course.now + course.between(5 * HOUR, 6 * DAY)
    course.ends = course.starts + course.between(2 * HOUR, 8 * HOUR)
    wait = course.ends - course.now
    course.then("no_show", wait, wait, S, reason="no_show")


def _called_off(course: Course) -> None:
    course.answered("approved")
    course.then("cancelled", HOUR, 2 * DAY, C, reason="cancelled")
    _planned(course, course.now + course.between(2 * HOUR, 3 * DAY))


def _not_allowed(course: Course) -> None:
    course.answered("rejected", reason="rejected")
    _planned(course, course.now + course.between(5 * HOUR, 3 * DAY))


DELIVERIES = (
    Journey("stored", SHIPMENT, _stored, 7, Direction.INBOUND),
    Journey("delivered", SHIPMENT, _delivered, 8, Direction.INBOUND),
    Journey("in_parts", SHIPMENT, _in_parts, 3, Direction.INBOUND),
    Journey("sent_back", SHIPMENT, _sent_back, 1, Direction.INBOUND),
    Journey("refused", SHIPMENT, _refused, 1, Direction.INBOUND),
    Journey("not_coming", SHIPMENT, _not_coming, 1, Direction.INBOUND),
    Journey("sent_out", SHIPMENT, _sent_out, 7, Direction.OUTBOUND),
    Journey("not_sent", SHIPMENT, _not_coming, 1, Direction.OUTBOUND),
)

VISITS = (
    Journey("visited", SITE_VISIT, _visited, 15),
    Journey("visited_after_a_check", SITE_VISIT, _visited_after_a_check, 5),
    Journey("did_not_come", SITE_VISIT, _did_not_come, 1),
    Journey("called_off", SITE_VISIT, _called_off, 1),
    Journey("not_allowed", SITE_VISIT, _not_allowed, 1),
)
