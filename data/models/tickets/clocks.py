"""How a ticket went: its log, its clocks, and how many tickets and promises there are."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, Created, Id, Moment, one_of, table_info
from data.models.rows import ME, Hat, Rows, Write, managed, many_accounts, one_account, staff
from data.models.tickets.parts import WRITING, follow_ticket, of_a_ticket_worked_on, seen_by_worker, ticket_key
from data.models.tickets.ticket import GOING_ON, P
from rules.lifecycle import Category
from rules.sla import Clock

#: A line of the log says what the ticket's state is now, and who brought it there: oneself.
_NOW_STANDS = (
    "parent.status = {table}.to_status and parent.category = {table}.category "
    "and parent.severity is not distinct from {table}.severity"
)
_LINE = (
    "account_id", "ticket_id", "from_status", "to_status", "category", "severity", "reason", "by_person_id", "by_actor",
)  # fmt: skip


def _logged() -> Rows:
    by = {
        **dict.fromkeys((Hat.CUSTOMER, Hat.OWN), "by_actor = 'customer'"),
        # what the desk files for a customer is the customer's request, and no answer to it
        Hat.STAFF: "(by_actor = 'desk' or (by_actor = 'customer' and from_status is null))",
    }
    insert = {
        hat: Write(_LINE, f"{of_a_ticket_worked_on(hat, _NOW_STANDS)} and by_person_id = {ME} and {actor}")
        for hat, actor in by.items()
    }
    insert[Hat.WORKER] = Write(_LINE, "by_actor = 'system' and by_person_id is null")
    seen = seen_by_worker(
        follow_ticket(), "id", "from_status", "to_status", "category", "severity", "by_actor", "changed_at"
    )
    return seen.plus(insert=insert)


class StatusChange(Base):
    """One move of a ticket; together they are the truth from which the clocks result (SPEC §4, rule 3)."""

    __tablename__ = "status_change"
    id: Mapped[Id]
    account_id: Mapped[int]
    ticket_id: Mapped[int]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    category: Mapped[str]
    severity: Mapped[str | None]
    reason: Mapped[str | None]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    by_actor: Mapped[str]
    #: After the ticket was locked, not when its transaction began: moves of one ticket follow each other in time.
    changed_at: Mapped[Created] = mapped_column(server_default=text("clock_timestamp()"))
    __table_args__ = (
        ticket_key(),
        one_of("category", Category),
        Index("ix_status_change_ticket", "account_id", "ticket_id", "id"),
        table_info(_logged()),
    )


_CLOCK = (
    "account_id", "ticket_id", "site_id", "kind", "clock", "round", "started_at", "target_seconds", "paused_seconds",
    "paused_since", "deadline", "stopped_at", "outcome",
)  # fmt: skip
#: A customer's move ends a pause, withdraws a promise or begins a round; how long we may take is not theirs to say.
_RAN_ON = ("paused_seconds", "paused_since", "deadline", "stopped_at", "outcome")
_RETIMED = (*_RAN_ON, "started_at", "target_seconds")


#: A customer's move begins a clock of this ticket, now, and nothing has become of it yet: only a parcel that lies here
#: and was claimed is a promise kept at once.
_BEGINS_NOW = (
    "parent.kind = {table}.kind and parent.site_id is not distinct from {table}.site_id "
    "and {table}.started_at >= now() - interval '1 minute' "
    "and ({table}.outcome is null "
    "or ({table}.outcome = 'met' and parent.kind = 'shipment' and parent.status = 'received'))"
)


def _timed() -> Rows:
    """Written with each move by the one piece of code that reads the log (data/ticketing/standing.py)."""
    written = {hat: of_a_ticket_worked_on(hat) for hat in WRITING}
    begun = {hat: of_a_ticket_worked_on(hat, "" if hat is Hat.STAFF else _BEGINS_NOW) for hat in WRITING}
    return follow_ticket().plus(
        see={Hat.WORKER: "true"},
        insert={**{hat: Write(_CLOCK, may) for hat, may in begun.items()}, Hat.WORKER: Write(_CLOCK, "true")},
        update={
            **{hat: Write(_RAN_ON, may) for hat, may in written.items()},
            Hat.STAFF: Write(_RETIMED, written[Hat.STAFF]),
            Hat.WORKER: Write((*_RAN_ON, "warned_at", "breach_told_at"), "true"),
        },
    )


class TicketClock(Base):
    """One SLA clock of a ticket; reopening adds a second clock of the next round."""

    __tablename__ = "ticket_clock"
    id: Mapped[Id]
    account_id: Mapped[int]
    ticket_id: Mapped[int]
    site_id: Mapped[int | None]
    kind: Mapped[str]
    clock: Mapped[str]
    round: Mapped[int] = mapped_column(server_default=text("1"))
    started_at: Mapped[Moment]
    target_seconds: Mapped[int]
    paused_seconds: Mapped[int] = mapped_column(server_default=text("0"))
    paused_since: Mapped[Moment | None]
    deadline: Mapped[Moment | None]
    stopped_at: Mapped[Moment | None]
    #: Empty while the clock runs; afterwards met or breached, for good.
    outcome: Mapped[str | None]
    warned_at: Mapped[datetime | None]
    breach_told_at: Mapped[datetime | None]
    __table_args__ = (
        ticket_key(),
        UniqueConstraint("account_id", "ticket_id", "clock", "round"),
        one_of("clock", Clock),
        one_of("outcome", ("met", "breached")),
        Index("ix_ticket_clock_running", "deadline", postgresql_where=text("outcome is null and deadline is not null")),
        Index("ix_ticket_clock_month", "account_id", "started_at"),
        Index("ix_ticket_clock_started", "started_at", "id"),
        table_info(_timed()),
    )


def _counted(*columns: str) -> Rows:
    """Sums over whole companies, for whoever may see all their tickets there; the worker folds them."""
    return Rows(
        see={
            Hat.CUSTOMER: one_account(P.TICKET_VIEW_COMPANY),
            Hat.MANY: many_accounts(P.TICKET_VIEW_COMPANY),
            Hat.STAFF: staff(P.TICKET_VIEW_COMPANY),
            Hat.MANAGER: managed(P.TICKET_VIEW_COMPANY),
            Hat.WORKER: "true",
        },
        delete={Hat.WORKER: "true"},
        insert={Hat.WORKER: Write(columns, "true")},
    )


class TicketTally(Base):
    """How many tickets there are, by what charts ask for. Rows are added, never changed; a total is the sum of n, and
    the worker folds them (data/tallies.py)."""

    __tablename__ = "ticket_tally"
    account_id: Mapped[int]
    site_id: Mapped[int | None]
    kind: Mapped[str]
    status: Mapped[str]
    category: Mapped[str]
    opened_month: Mapped[date]
    n: Mapped[int]
    row: Mapped[Id]
    __table_args__ = (
        Index("ix_ticket_tally_account", "account_id"),
        Index(
            "ix_ticket_tally_going_on",
            "kind",
            "site_id",
            postgresql_include=["account_id", "category", "status", "opened_month", "n"],
            postgresql_where=text(GOING_ON),
        ),
        table_info(_counted("account_id", "site_id", "kind", "status", "category", "opened_month", "n")),
    )


class ClockTally(Base):
    """How many promises were kept and how many missed, by the month (UTC) in which they began. As TicketTally, it only
    grows by rows; a clock that is late and still runs is in none of them yet."""

    __tablename__ = "clock_tally"
    account_id: Mapped[int]
    site_id: Mapped[int | None]
    kind: Mapped[str]
    clock: Mapped[str]
    month: Mapped[date]
    met: Mapped[int]
    breached: Mapped[int]
    row: Mapped[Id]
    __table_args__ = (
        Index("ix_clock_tally_account", "account_id", "month"),
        table_info(_counted("account_id", "site_id", "kind", "clock", "month", "met", "breached")),
    )
