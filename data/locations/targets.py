"""What is promised otherwise than to everybody, from a moment on. Such a row is added, never changed: a clock keeps the
target it started with (docs/decisions/0012)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from data.audit import Deed, record
from data.commands import Work
from data.locations.checking import ByAdministrator, Typed
from data.models import SlaTarget
from rules.errors import Invalid, Problems
from rules.locations import LONGEST_TARGET, promises
from rules.permissions import Permission
from rules.request_types import Severity, TicketKind
from rules.sla import Clock
from rules.words import N_

#: A row counts when whatever was under way without it is through.
_SOONEST = literal_column("now() + interval '1 minute'")


@dataclass(frozen=True)
class AddTarget(ByAdministrator):
    """`minutes` empty: the general target again; `since` empty: as soon as it can be."""

    name: ClassVar = "target.add"
    creates: ClassVar = True

    kind: str
    clock: str
    severity: str | None = None
    minutes: int | None = None
    since: datetime | None = None

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        self._check()
        soonest = work.connection.scalar(select(_SOONEST))
        if self.since is not None and soonest is not None and self.since < soonest:
            raise Invalid(N_("What was promised until now stays promised: choose a time to come."), "since")
        values = {"kind": self.kind, "clock": self.clock, "severity": self.severity, "minutes": self.minutes}
        adding = insert(SlaTarget).values(**values, since=func.coalesce(self.since, _SOONEST))
        since = work.connection.execute(adding.returning(SlaTarget.since)).scalar_one()
        after = {name: value for name, value in {**values, "since": since.isoformat()}.items() if value is not None}
        deed = Deed(self.name, "target", object_label=self.kind, function=Permission.SITE_MANAGE, after=after)
        record(work.connection, work.principal, deed)
        return {"since": since.isoformat()}

    def _check(self) -> None:
        typed = Typed()
        typed.one_of("kind", self.kind, tuple(TicketKind))
        typed.one_of("clock", self.clock, tuple(Clock))
        if self.severity is not None:
            typed.one_of("severity", self.severity, tuple(Severity) if self.kind == TicketKind.FAULT else ())
        if not typed.wrong and (TicketKind(self.kind), Clock(self.clock)) not in promises():
            typed.wrong.append(Invalid(N_("This clock has no time of a fixed length."), "clock"))
        if self.minutes is not None and not 1 <= self.minutes <= LONGEST_TARGET:
            said = N_("From {least} to {most} minutes.")
            typed.wrong.append(Invalid(said, "minutes", least=1, most=LONGEST_TARGET))
        if typed.wrong:
            raise Problems(typed.wrong)
