"""When a report is due again: every week on a day, or every month, at an hour on its reader's clock."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Every(StrEnum):
    WEEK = "week"
    MONTH = "month"


class Delivery(StrEnum):
    """How a scheduled report comes: the workbook itself, or where it can be had after signing in."""

    FILE = "file"
    LINK = "link"


class Outcome(StrEnum):
    """What came of a run, as its row and the mail say it."""

    SENT = "sent"
    LINKED = "linked"
    #: More than a mail can carry: it says so, and where to get it.
    LARGE = "large"
    EMPTY = "empty"
    FAILED = "failed"
    STOPPED = "stopped"


class Why(StrEnum):
    """Why a report is written no more."""

    READER = "reader"
    RIGHTS = "rights"
    FAILED = "failed"


#: A report that comes as a link is counted as far as this.
MOST_COUNTED = 10_000
#: So many reports one person can have.
MOST_REPORTS = 20
#: So often a run is tried before the report is stopped.
TRIES = 3
MONDAY, SUNDAY, LAST_DAY = 1, 7, 31


@dataclass(frozen=True)
class Schedule:
    """`on_day`: of the week from Monday (1), or of the month; in a shorter month, its last day."""

    every: Every
    on_day: int
    at_hour: int
    time_zone: str

    @property
    def is_possible(self) -> bool:
        last = SUNDAY if self.every is Every.WEEK else LAST_DAY
        return MONDAY <= self.on_day <= last and 0 <= self.at_hour <= 23

    def next_after(self, moment: datetime) -> datetime:
        """The first time that comes after this moment, in UTC. An hour that clocks leave out is an hour later there,
        and one that they repeat is the first of the two."""
        zone = ZoneInfo(self.time_zone)
        day = moment.astimezone(zone).date()
        while True:
            day = self._day_from(day)
            due = datetime.combine(day, time(self.at_hour), zone).astimezone(UTC)
            if due > moment:
                return due
            day += timedelta(days=1)

    def _day_from(self, first: date) -> date:
        """The first day of the kind that is not before this one."""
        if self.every is Every.WEEK:
            return first + timedelta(days=(self.on_day - first.isoweekday()) % 7)
        this_month = self._in_month_of(first)
        return this_month if this_month >= first else self._in_month_of(first.replace(day=1) + timedelta(days=31))

    def _in_month_of(self, day: date) -> date:
        return day.replace(day=min(self.on_day, monthrange(day.year, day.month)[1]))
