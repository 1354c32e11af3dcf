"""Scheduled reports: a list with its filters that comes by mail every week or month, until its reader stops it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Engine, delete, func, insert, select, update

from data.audit import Deed, record
from data.commands import Command, Work
from data.database import reading
from data.models import ScheduledReport
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.permissions import Permission
from rules.principal import Principal
from rules.schedules import MOST_REPORTS, Delivery, Every, Outcome, Schedule, Why
from rules.words import N_

#: They belong to the person, not to a function: any hat they may put on will do.
ANY = tuple(Permission)
MOST_SAID = 4000


@dataclass(frozen=True)
class Scheduled:
    """One report as its reader sees it."""

    uuid: UUID
    page: str
    query: str
    schedule: Schedule
    delivery: Delivery
    next_at: datetime
    stopped_at: datetime | None
    stopped_why: Why | None
    last_at: datetime | None
    last_rows: int | None
    last_outcome: Outcome | None


def list_scheduled(engine: Engine, principal: Principal) -> tuple[Scheduled, ...]:
    """One's own, those that come first on top, the stopped ones last."""
    if not any(map(principal.may, ANY)):
        return ()
    r = ScheduledReport
    query = (
        select(
            r.uuid, r.page, r.query, r.every, r.on_day, r.at_hour, r.time_zone, r.delivery, r.next_at, r.stopped_at,
            r.stopped_why, r.last_at, r.last_rows, r.last_outcome,
        )
        .where(r.person_id == principal.person_id)
        .order_by(r.stopped_at.is_not(None), r.next_at, r.id)
    )  # fmt: skip
    with reading(engine, principal, *ANY) as connection:
        rows = connection.execute(query).all()
    return tuple(
        Scheduled(
            row.uuid,
            row.page,
            row.query,
            Schedule(Every(row.every), row.on_day, row.at_hour, principal.time_zone or row.time_zone),
            Delivery(row.delivery),
            row.next_at,
            row.stopped_at,
            Why(row.stopped_why) if row.stopped_why else None,
            row.last_at,
            row.last_rows,
            Outcome(row.last_outcome) if row.last_outcome else None,
        )
        for row in rows
    )


@dataclass(frozen=True)
class ScheduleReport(Command):
    """From now on the list comes by mail. `functions`: all that its rows and words are read by."""

    name: ClassVar = "report.schedule"
    creates: ClassVar = True

    page: str
    query: str
    functions: tuple[Permission, ...]
    schedule: Schedule
    delivery: Delivery
    language: str | None = None

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        principal.require(Permission.REPORT_EXPORT)
        return principal, Permission.REPORT_EXPORT

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        schedule = _possible(self.schedule)
        if len(self.query) > MOST_SAID:
            raise Invalid(N_("These are too many filters for a scheduled report."))
        mine = ScheduledReport.person_id == work.principal.person_id
        count = select(func.count()).select_from(ScheduledReport).where(mine)
        if work.connection.execute(count).scalar_one() >= MOST_REPORTS:
            raise Conflict(N_("You have {n} scheduled reports. Delete one in your settings first."), n=MOST_REPORTS)
        zone = work.principal.time_zone or schedule.time_zone
        row = {
            "person_id": work.principal.person_id, "role": work.principal.role, "page": self.page,
            "query": self.query, "functions": list(dict.fromkeys(map(str, self.functions))), "every": schedule.every,
            "on_day": schedule.on_day, "at_hour": schedule.at_hour, "time_zone": schedule.time_zone,
            "language": self.language, "delivery": self.delivery,
            "next_at": Schedule(schedule.every, schedule.on_day, schedule.at_hour, zone).next_after(datetime.now(UTC)),
        }  # fmt: skip
        uuid = work.connection.execute(insert(ScheduledReport).values(row).returning(ScheduledReport.uuid)).scalar_one()
        after = {"query": self.query, "every": schedule.every}
        record(work.connection, work.principal, Deed(self.name, "scheduled_report", str(uuid), self.page, after=after))
        return {"uuid": str(uuid)}


@dataclass(frozen=True)
class _OfOne(Command):
    """What its reader does to one report; nobody else's exists."""

    report: UUID

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        function = next(filter(principal.may, ANY), None)
        if function is None:
            raise Forbidden(self.name)
        with reading(engine, principal, function) as connection:
            self._theirs(Work(connection, principal))
        return principal, function

    def _theirs(self, work: Work) -> Any:
        r = ScheduledReport
        columns = r.id, r.page, r.every, r.on_day, r.at_hour, r.time_zone, r.stopped_at
        mine = r.uuid == self.report, r.person_id == work.principal.person_id
        found = work.connection.execute(select(*columns).where(*mine)).one_or_none()
        if found is None:
            raise NotFound(f"report {self.report}")
        return found

    def _note(self, work: Work, page: str) -> None:
        record(work.connection, work.principal, Deed(self.name, "scheduled_report", str(self.report), page))


@dataclass(frozen=True)
class StopReport(_OfOne):
    """No more of it, until it is resumed. Doing it again changes nothing."""

    name: ClassVar = "report.stop"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        row = self._theirs(work)
        if row.stopped_at is None:
            stopped = {"stopped_at": func.now(), "stopped_why": Why.READER}
            work.connection.execute(update(ScheduledReport).where(ScheduledReport.id == row.id).values(stopped))
            self._note(work, row.page)
        return {}


@dataclass(frozen=True)
class ResumeReport(_OfOne):
    """It comes again, beginning with the next time; what was missed is not sent."""

    name: ClassVar = "report.resume"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        row = self._theirs(work)
        if row.stopped_at is not None:
            zone = work.principal.time_zone or row.time_zone
            due = Schedule(Every(row.every), row.on_day, row.at_hour, zone).next_after(datetime.now(UTC))
            again = {"stopped_at": None, "stopped_why": None, "failures": 0, "next_at": due}
            work.connection.execute(update(ScheduledReport).where(ScheduledReport.id == row.id).values(again))
            self._note(work, row.page)
        return {}


@dataclass(frozen=True)
class ForgetReport(_OfOne):
    name: ClassVar = "report.forget"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        row = self._theirs(work)
        work.connection.execute(delete(ScheduledReport).where(ScheduledReport.id == row.id))
        self._note(work, row.page)
        return {}


def _possible(schedule: Schedule) -> Schedule:
    if not schedule.is_possible:
        raise Invalid(N_("There is no such day or hour."))
    try:
        ZoneInfo(schedule.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(N_("There is no time zone of this name."), "time_zone") from None
    return schedule
