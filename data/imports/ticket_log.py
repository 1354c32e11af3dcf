"""Log, clocks and details of the tickets that an import made or changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, text

from data.imports.run import Run
from data.imports.ticket_history import Told
from data.ticketing.standing import agreed_targets
from rules.clocks import TimedClock
from rules.request_types import Severity, TicketKind
from rules.sla import Agreed

#: How the log marks what was not done in the portal.
IMPORTED = "imported"
_BATCH = 5_000

_TOUCHED = text("""
    select t.id, t.account_id, t.site_id, t.kind, t.status, t.severity, t.opened_at, t.first_answered_at, t.resolved_at,
        t.closed_at
    from portal.ticket t join touched_ticket c on c.id = t.id where t.id > :last order by t.id limit :batch
""")
_LOG = (
    "account_id",
    "ticket_id",
    "from_status",
    "to_status",
    "category",
    "severity",
    "reason",
    "by_actor",
    "changed_at",
)
_CLOCK = (
    "account_id", "ticket_id", "site_id", "kind", "clock", "round", "started_at", "target_seconds", "paused_seconds",
    "paused_since", "deadline", "stopped_at", "outcome", "warned_at", "breach_told_at",
)  # fmt: skip


def write_logs(run: Run) -> None:
    run.watch.step("writing logs and clocks")
    for table in ("status_change", "ticket_clock"):
        run.do(
            f"delete from portal.{table} l using touched_ticket c join portal.ticket t on t.id = c.id "
            "where not c.added and l.account_id = t.account_id and l.ticket_id = t.id"
        )
    agreed = agreed_targets(run.connection)
    for tickets in _batches(run.connection):
        _write(run, "status_change", _LOG, (line for ticket in tickets for line in _log(ticket)))
        _write(run, "ticket_clock", _CLOCK, (clock for ticket in tickets for clock in _clocks(ticket, agreed)))
    if agreed:
        _follow_agreed(run)
    _write_details(run)


def _follow_agreed(run: Run) -> None:
    """A row of a file knows the general targets alone; its clocks know better by when something is due."""
    run.do(
        "update portal.ticket t set next_deadline = d.deadline from (select c.account_id, c.ticket_id, min(c.deadline) "
        "deadline from portal.ticket_clock c join touched_ticket w on w.id = c.ticket_id where c.stopped_at is null "
        "group by 1, 2) d where t.account_id = d.account_id and t.id = d.ticket_id and t.category = 'open' "
        "and t.next_deadline is distinct from d.deadline"
    )


def _batches(connection: Connection) -> Iterator[list[Any]]:
    last = 0
    while tickets := list(connection.execute(_TOUCHED, {"last": last, "batch": _BATCH})):
        yield tickets
        last = tickets[-1].id


def _write(run: Run, table: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    listed = ", ".join(columns)
    run.do(f"create temporary table new_{table} as select {listed} from portal.{table} with no data")
    run.copy(f"new_{table}", columns, rows)
    run.do(f"insert into portal.{table} ({listed}) select {listed} from new_{table}")
    run.do(f"drop table new_{table}")


def _told(ticket: Any) -> Told:
    return Told(
        kind=TicketKind(ticket.kind),
        status=ticket.status,
        severity=Severity(ticket.severity) if ticket.severity else None,
        opened_at=ticket.opened_at,
        first_answered_at=ticket.first_answered_at,
        resolved_at=ticket.resolved_at,
        closed_at=ticket.closed_at,
    )


def _log(ticket: Any) -> Iterator[tuple[Any, ...]]:
    before = None
    for change in _told(ticket).changes():
        yield (
            ticket.account_id, ticket.id, before, change.status, change.category, change.severity, IMPORTED, change.by,
            change.at,
        )  # fmt: skip
        before = change.status


def _clocks(ticket: Any, agreed: tuple[Agreed, ...]) -> Iterator[tuple[Any, ...]]:
    for clock in replace(_told(ticket), agreed=agreed).clocks():
        yield (
            ticket.account_id, ticket.id, ticket.site_id, ticket.kind, clock.clock, clock.round, clock.started_at,
            round(clock.target.total_seconds()), round(clock.paused.total_seconds()), clock.paused_since,
            clock.deadline, clock.stopped_at, clock.outcome, *_told_before(clock),
        )  # fmt: skip


def _told_before(clock: TimedClock) -> tuple[datetime | None, datetime | None]:
    """Warnings that were due before the ticket came here are nobody's news."""
    if clock.deadline is None:
        return None, None
    now = clock.stopped_at or datetime.now(UTC)
    warning_at = clock.deadline - clock.target / 4
    return (warning_at if warning_at <= now else None), (clock.deadline if clock.deadline <= now else None)


def _write_details(run: Run) -> None:
    """A routine job; a fault that happened when it was reported. Carriers and hours of visits are not in the file."""
    run.do(
        "insert into portal.remote_hands (ticket_id, account_id) select t.id, t.account_id from portal.ticket t "
        "join touched_ticket c on c.id = t.id where t.kind = 'remote_hands' and c.added"
    )
    run.do(
        "insert into portal.fault (ticket_id, account_id, occurred_at) select t.id, t.account_id, t.opened_at "
        "from portal.ticket t join touched_ticket c on c.id = t.id where t.kind = 'fault' "
        "on conflict (ticket_id) do update set occurred_at = excluded.occurred_at"
    )
