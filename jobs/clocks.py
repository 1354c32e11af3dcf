"""The clocks are watched: the desk hears in time that a promise is at risk, and once more when it was missed.

By the bell and by mail: notice, mails and the mark that it was done are one transaction."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, text

from data.notices import warn_staff
from data.outbox import tell
from rules.mail import MailKind
from rules.notices import Says
from rules.permissions import StaffRole
from rules.sla import Clock


class Moment(StrEnum):
    """When somebody is told; the column that remembers that it was done."""

    WARNING = "warned_at"
    BREACH = "breach_told_at"


#: Three quarters of the promised time are used up; pauses have moved the deadline, so they need no thought here.
_DUE = {
    Moment.WARNING: "deadline - target_seconds * interval '0.25 second' <= :now and deadline > :now",
    Moment.BREACH: "deadline <= :now",
}
_KINDS = {Moment.WARNING: MailKind.SLA_WARNING, Moment.BREACH: MailKind.SLA_BREACH}
_SAYS = {Moment.WARNING: Says.SLA_WARNING, Moment.BREACH: Says.SLA_BREACH}

#: A clock that ran out long ago, before the worker was there or in rows that were brought along, is nobody's news.
_NEWS_FOR = "1 day"


def watch_clocks(connection: Connection, now: datetime | None = None) -> None:
    """Once per clock and moment, whatever happens: the mark and the mails are one transaction."""
    at = now or connection.execute(text("select now()")).scalar_one()
    for moment in (Moment.BREACH, Moment.WARNING):
        for clock in _newly(connection, moment, at):
            if clock.is_news:
                _tell_of(connection, moment, clock)


def _newly(connection: Connection, moment: Moment, now: datetime) -> list[Row]:
    """The clocks for which the moment has come, marked. One that is missed already is at risk no longer."""
    marked = f"{moment} = :now" + (", warned_at = coalesce(warned_at, :now)" if moment is Moment.BREACH else "")
    return list(
        connection.execute(
            text(
                f"update portal.ticket_clock c set {marked} from portal.ticket t "
                "where t.account_id = c.account_id and t.id = c.ticket_id and outcome is null and stopped_at is null "
                f"and c.paused_since is null and deadline is not null and {moment} is null and {_DUE[moment]} "
                "returning c.id, c.account_id, c.ticket_id, c.site_id, c.kind, c.clock, c.deadline, t.number, "
                "deadline > cast(:now as timestamptz) - cast(:news_for as interval) as is_news"
            ),
            {"now": now, "news_for": _NEWS_FOR},
        )
    )


def _tell_of(connection: Connection, moment: Moment, clock: Row) -> None:
    """The desk; at a breach the account's managers as well. Somebody who is both gets one notice and one mail."""
    warn_staff(
        connection,
        says=_SAYS[moment],
        account_id=clock.account_id,
        site_id=clock.site_id,
        number=clock.number,
        promise=clock.clock if clock.clock == Clock.FIRST_ANSWER else clock.kind,
        due_at=clock.deadline,
    )
    hearing = connection.execute(
        text("select person_id, role from authz.desk_and_managers(:account)"), {"account": clock.account_id}
    )
    for person_id, role in hearing:
        if role == StaffRole.ACCOUNT_MANAGER and moment is Moment.WARNING:
            continue
        tell(
            connection,
            kind=_KINDS[moment],
            account_id=clock.account_id,
            person_id=person_id,
            ticket_id=clock.ticket_id,
            context={"clock": clock.clock, "deadline": clock.deadline},
            dedupe_key=f"clock {clock.id}/{moment}/{person_id}",
        )
