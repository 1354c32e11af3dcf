"""The address of one's own calendar: made, taken back, and when it was read last. Its token is kept by nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Engine, Update, func, insert, select, update

from data.audit import Deed, record
from data.commands import Command, Work
from data.database import reading
from data.models import FeedToken
from rules.errors import Forbidden
from rules.permissions import Permission
from rules.principal import Principal

P = Permission
#: Without any of these nothing would stand in it.
SHOWN_BY = (P.NOTICE_VIEW, P.TICKET_VIEW_COMPANY, P.TICKET_VIEW_OWN)


@dataclass(frozen=True)
class CalendarAddress:
    """The one that works now; what it says is known to whoever wrote it down."""

    made_at: datetime
    last_used_at: datetime | None


def calendar_address(engine: Engine, principal: Principal) -> CalendarAddress | None:
    if not any(map(principal.may, Permission)):
        return None
    live = select(FeedToken.created_at, FeedToken.last_used_at).where(*_live(principal))
    with reading(engine, principal, *Permission) as connection:
        row = connection.execute(live).one_or_none()
    return None if row is None else CalendarAddress(*row)


@dataclass(frozen=True)
class OpenCalendar(Command):
    """From now on the calendar can be read with this token, and with no other."""

    name: ClassVar = "calendar.open"

    token_hash: bytes
    time_zone: str
    language: str | None = None

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        principal.require(*SHOWN_BY)
        return principal, next(filter(principal.may, SHOWN_BY))

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        who = work.principal
        work.connection.execute(_revoking(who))
        row = {
            "person_id": who.person_id, "role": who.role, "token_hash": self.token_hash, "language": self.language,
            "time_zone": self.time_zone,
        }  # fmt: skip
        work.connection.execute(insert(FeedToken).inline().values(row))
        record(work.connection, who, Deed(self.name, "calendar"))
        return {}


@dataclass(frozen=True)
class CloseCalendar(Command):
    """Whoever reads it finds nothing there any more. Doing it again changes nothing."""

    name: ClassVar = "calendar.close"

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        function = next(filter(principal.may, Permission), None)
        if function is None:
            raise Forbidden(self.name)
        return principal, function

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        if work.connection.execute(_revoking(work.principal)).rowcount:
            record(work.connection, work.principal, Deed(self.name, "calendar"))
        return {}


def _live(principal: Principal) -> tuple[Any, ...]:
    return FeedToken.person_id == principal.person_id, FeedToken.revoked_at.is_(None)


def _revoking(principal: Principal) -> Update:
    return update(FeedToken).where(*_live(principal)).values(revoked_at=func.now())
