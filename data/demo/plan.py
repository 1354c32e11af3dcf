"""A ticket of the demo before it is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.demo.course import Course
from data.demo.world import Company, Place, Someone


@dataclass(frozen=True)
class Plan:
    """A ticket to be written: whose, where, opened when, and how it goes."""

    opened_at: datetime
    company: Company
    place: Place
    requester: Someone
    course: Course
