"""Tickets: requests from before the portal, with their four times; their log and clocks are made from those."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import model_validator

from data.imports.fields import AtSite, Line, Lines, Moment, Number, OfAccount, Unexpected, one_of
from data.imports.kinds import FileKind, FileRow, Target
from data.imports.run import Run
from data.imports.ticket_history import OVER, RESOLVED, Told
from data.imports.ticket_log import IMPORTED, write_logs
from data.models import Ticket
from rules.clocks import next_deadline
from rules.lifecycle import STATES, Actor, Category, moves_of
from rules.request_types import REQUEST_TYPES, Direction, Severity, TicketKind

#: A number as the portal gives them, and its prefix.
_OURS = re.compile(rf"({'|'.join(each.prefix for each in REQUEST_TYPES.values())})-[0-9]{{4}}-[0-9]{{6}}")


class TicketRow(FileRow):
    number: Number
    account: OfAccount
    site: AtSite | None
    kind: TicketKind
    subject: Line
    description: Lines | None
    status: Annotated[str, one_of(frozenset(STATES), "a state like submitted, in_progress or closed")]
    severity: Severity | None
    opened_at: Moment
    first_answered_at: Moment | None
    resolved_at: Moment | None
    closed_at: Moment | None

    @model_validator(mode="after")
    def _is_a_ticket_of_its_kind(self) -> Self:
        ours = _OURS.fullmatch(self.number)
        prefix = REQUEST_TYPES[self.kind].prefix
        if ours and ours[1] != prefix:
            raise Unexpected(f"a number like {prefix}-2026-000123, or one that is not like ours", column="number")
        states = dict.fromkeys(state for direction in Direction for state in moves_of(self.kind, direction))
        states.pop("reopened", None)  # the file does not say when
        if self.status not in states:
            raise Unexpected(f"one of {', '.join(states)}", column="status")
        if self.severity and self.kind is not TicketKind.FAULT:
            raise Unexpected("nothing: only faults have one", column="severity")
        return self

    @model_validator(mode="after")
    def _has_its_times(self) -> Self:
        status = self.status
        if status not in RESOLVED | OVER and status != "submitted" and self.first_answered_at is None:
            raise Unexpected(f"when it was first answered: it is {status}", column="first_answered_at")
        if (status in RESOLVED or status == "closed") and self.resolved_at is None:
            raise Unexpected(f"when it was resolved: it is {status}", column="resolved_at")
        if status not in RESOLVED and status != "closed" and self.resolved_at is not None:
            raise Unexpected(f"nothing: it is {status}", column="resolved_at")
        if (status in OVER) != (self.closed_at is not None):
            expected = "when that was" if status in OVER else "nothing"
            raise Unexpected(f"{expected}: it is {status}", column="closed_at")
        return self

    @model_validator(mode="after")
    def _went_forward(self) -> Self:
        before, known = "opened_at", self.opened_at
        for column in ("first_answered_at", "resolved_at", "closed_at"):
            moment: datetime | None = getattr(self, column)
            if moment is not None and moment < known:
                raise Unexpected(f"a time not before {before}", column=column)
            before, known = (column, moment) if moment else (before, known)
        if known > datetime.now(UTC):
            raise Unexpected("a time that has passed", column=before)
        return self

    @cached_property
    def told(self) -> Told:
        return Told(
            kind=self.kind,
            status=self.status,
            severity=self.severity,
            opened_at=self.opened_at,
            first_answered_at=self.first_answered_at,
            resolved_at=self.resolved_at,
            closed_at=self.closed_at,
        )

    def stored(self) -> dict[str, Any]:
        told = self.told
        is_open, is_paused = told.category is Category.OPEN, told.category is Category.PAUSED
        return {
            "number": self.number,
            "account_id": self.account.id,
            "kind": self.kind,
            "site_id": self.site and self.site.id,
            "subject": self.subject,
            "description": self.description or "",
            "status": self.status,
            "category": told.category,
            "direction": told.direction,
            "severity": self.severity,
            "opened_at": self.opened_at,
            "first_answered_at": told.answered_at,
            "resolved_at": self.resolved_at,
            "closed_at": self.closed_at,
            "next_deadline": next_deadline(told.clocks(), told.category) if is_open else None,
            "paused_since": told.history().paused_since if is_paused else None,
            "waiting_for": Actor.CUSTOMER if is_paused else None,
            "updated_at": self.closed_at or self.resolved_at or told.answered_at or self.opened_at,
        }


def _check(run: Run) -> None:
    run.look_for(
        "number",
        "another number: a ticket of the portal has it",
        "select s.file, s.row, s.number from staged_ticket s join portal.ticket t on t.number = s.number "
        f"where not exists (select from portal.status_change c where {_of('t')} and c.reason = '{IMPORTED}')",
    )
    _leave_what_went_on(run)


def _leave_what_went_on(run: Run) -> None:
    """A ticket that somebody worked on since it was imported is the portal's; a file knows less about it."""
    left = run.ask(
        "delete from staged_ticket s using portal.ticket t where t.number = s.number and ("
        f"exists (select from portal.status_change c where {_of('t')} and "
        f"(c.reason is distinct from '{IMPORTED}' or c.by_person_id is not null)) "
        f"or exists (select from portal.ticket_message c where {_of('t')})) returning s.number"
    )
    if left:
        some = ", ".join(sorted(number for (number,) in left)[:5])
        more = f" and {len(left) - 5} more" if len(left) > 5 else ""
        run.notes.append(f"left as they are, because they were worked on in the portal since: {some}{more}")


def _of(ticket: str) -> str:
    return f"c.account_id = {ticket}.account_id and c.ticket_id = {ticket}.id"


def _finish(run: Run) -> None:
    write_logs(run)
    if not run.dry_run:  # a sequence stays where it was moved to, even if the rest is undone
        for each in REQUEST_TYPES.values():
            _move_numbers(run, each.prefix)


def _move_numbers(run: Run, prefix: str) -> None:
    """The portal's next number comes after those that were imported."""
    counter = f"portal.ticket_number_{prefix.lower()}"
    ((highest,),) = run.ask(
        "select max(right(number, 6)::bigint) from staged_ticket where number ~ :ours",
        ours=f"^{prefix}-[0-9]{{4}}-[0-9]{{6}}$",
    )
    if highest:
        run.ask(f"select setval('{counter}', :highest) from {counter} where last_value < :highest", highest=highest)


TICKETS = FileKind(
    name="tickets",
    row=TicketRow,
    number=("number", "number"),
    target=Target(
        model=Ticket,
        key=("number",),
        lasting={"account_id": "account", "kind": "kind"},
        columns=(
            "site_id", "subject", "description", "status", "category", "direction", "severity", "opened_at",
            "first_answered_at", "resolved_at", "closed_at", "next_deadline", "paused_since", "waiting_for",
        ),
        first=("updated_at",),
        on_change={"updated_at": "now()"},
    ),
    check=_check,
    finish=_finish,
)  # fmt: skip
