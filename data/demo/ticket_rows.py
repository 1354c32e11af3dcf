"""All rows of one ticket of the demo: the ticket itself, its log, its clocks, and what is said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from data.demo.conversation import Conversation
from data.demo.details import Details
from data.demo.draft import Draft
from data.demo.inventory import Asset
from data.demo.phrases import phrases_for
from data.demo.plan import Plan
from data.demo.request import told_about, wording
from data.demo.world import Someone, World
from data.models import StatusChange, Ticket, TicketClock, TicketItem
from rules.clocks import Change, History, TimedClock, next_deadline, replay
from rules.lifecycle import Actor, Category
from rules.request_types import TicketKind

#: Working states that end well; reaching the first of them is when the ticket counts as resolved.
_ENDS_WELL = frozenset({"resolved", "stored", "delivered", "handed_over", "checked_out"})
_ENDS = frozenset({"closed", "cancelled", "rejected", "refused", "returned", "no_show"})


@dataclass
class TicketRows:
    """Writes what became of one plan; `here` is what the customer has at that site."""

    draft: Draft
    world: World
    rng: Random
    plan: Plan
    number: str
    here: list[Asset]

    def write(self) -> None:
        course, now = self.plan.course, self.world.now
        history = self._history()
        clocks, last = replay(history), course.moves[-1]
        told = told_about(phrases_for(self.plan.company.language), self.plan.place, self.here, self.rng)
        answered_at = history.answered_at
        assignee = self.rng.choice(self.world.desk) if answered_at else None
        request = wording(told, course, self.rng)
        resolved_at, closed_at = self._ends()
        paused_since = history.paused_since
        ticket_id = self.draft.add(
            Ticket,
            account_id=self.plan.company.id,
            number=self.number,
            kind=course.kind,
            direction=course.direction,
            site_id=self.plan.place.id,
            space_id=told.cabinet.id if told.cabinet else None,
            subject=request.subject,
            description=request.description,
            customer_reference=f"REF-{self.rng.randint(1000, 9999)}" if self.rng.random() < 0.3 else None,
            requested_by=self.plan.requester.id,
            assignee_id=assignee.id if assignee else None,
            status=last.status,
            category=last.category,
            severity=last.severity,
            estimated_completion=self._estimate(clocks) if last.category is Category.OPEN and answered_at else None,
            opened_at=self.plan.opened_at,
            first_answered_at=answered_at,
            resolved_at=resolved_at,
            closed_at=closed_at,
            next_deadline=next_deadline(clocks, last.category),
            paused_since=paused_since,
            waiting_for=Actor.CUSTOMER if paused_since else None,
            respond_by=paused_since + timedelta(days=3) if paused_since else None,
            version=len(course.moves),
        )
        row = self.draft.rows(Ticket)[-1]
        row["rating"], row["rating_comment"] = self._rating(resolved_at, clocks)
        self._log(ticket_id, assignee)
        self._clocks(ticket_id, clocks)
        Details(self.draft, self.world, self.rng).write(ticket_id, self.plan, request)
        if told.device and course.kind in (TicketKind.REMOTE_HANDS, TicketKind.FAULT):
            self.draft.add(TicketItem, account_id=self.plan.company.id, ticket_id=ticket_id, item_id=told.device.id)
        talk = Conversation(self.draft, self.plan, ticket_id, told, assignee, self.rng, now)
        row["updated_at"] = max(talk.held(), self.plan.opened_at + last.after)

    def _history(self) -> History:
        course, opened_at = self.plan.course, self.plan.opened_at
        changes = tuple(
            Change(opened_at + move.after, move.status, move.category, move.by, move.severity) for move in course.moves
        )
        starts_at = opened_at + course.starts if course.starts is not None else None
        notified_at = opened_at + course.notified if course.notified is not None else None
        return History(
            kind=course.kind,
            changes=changes,
            direction=course.direction,
            starts_at=starts_at,
            notified_at=notified_at,
        )

    def _ends(self) -> tuple[datetime | None, datetime | None]:
        """When it was resolved and when closed, as it stands: reopening takes both back."""
        resolved_at = closed_at = None
        for move in self.plan.course.moves:
            at = self.plan.opened_at + move.after
            if move.status in _ENDS_WELL:
                resolved_at = resolved_at or at
            elif move.status in _ENDS:
                closed_at = at
            elif move.status == "reopened":
                resolved_at = closed_at = None
        return resolved_at, closed_at

    def _estimate(self, clocks: tuple[TimedClock, ...]) -> datetime:
        """What the desk said when it began: before the deadline, or some hours ahead."""
        running = [clock.deadline for clock in clocks if clock.deadline and clock.stopped_at is None]
        ahead = self.world.now + timedelta(minutes=15 * self.rng.randint(2, 30))
        return max([*running, ahead]) if running else ahead

    def _rating(self, resolved_at: datetime | None, clocks: tuple[TimedClock, ...]) -> tuple[int | None, str | None]:
        rng, phrases = self.rng, phrases_for(self.plan.company.language)
        if resolved_at is None or rng.random() > 0.35:
            return None, None
        late = any(clock.outcome == "breached" for clock in clocks)
        rating = rng.choice((1, 2, 2, 3, 3, 4) if late else (3, 4, 4, 5, 5, 5))
        said = rng.choice(phrases.complaints if rating < 3 else phrases.praise)
        return rating, said if rating != 3 and rng.random() < 0.5 else None

    def _log(self, ticket_id: int, assignee: Someone | None) -> None:
        before = None
        by = {Actor.CUSTOMER: self.plan.requester.id, Actor.DESK: assignee.id if assignee else None, Actor.SYSTEM: None}
        reasons = phrases_for(self.plan.company.language).reasons
        for move in self.plan.course.moves:
            self.draft.add(
                StatusChange,
                account_id=self.plan.company.id,
                ticket_id=ticket_id,
                from_status=before,
                to_status=move.status,
                category=move.category,
                severity=move.severity,
                reason=reasons[move.reason] if move.reason else None,
                by_person_id=by[move.by],
                by_actor=move.by,
                changed_at=self.plan.opened_at + move.after,
            )
            before = move.status

    def _clocks(self, ticket_id: int, clocks: tuple[TimedClock, ...]) -> None:
        for clock in clocks:
            warned_at, told_at = self._warnings(clock)
            self.draft.add(
                TicketClock,
                account_id=self.plan.company.id,
                ticket_id=ticket_id,
                site_id=self.plan.place.id,
                kind=self.plan.course.kind,
                clock=clock.clock,
                round=clock.round,
                started_at=clock.started_at,
                target_seconds=round(clock.target.total_seconds()),
                paused_seconds=round(clock.paused.total_seconds()),
                paused_since=clock.paused_since,
                deadline=clock.deadline,
                stopped_at=clock.stopped_at,
                outcome=clock.outcome,
                warned_at=warned_at,
                breach_told_at=told_at,
            )

    def _warnings(self, clock: TimedClock) -> tuple[datetime | None, datetime | None]:
        """At three quarters and at breach, if it came to that: the worker shall not tell old news again."""
        if clock.deadline is None:
            return None, None
        until = clock.stopped_at or self.world.now
        warn_at = clock.deadline - clock.target / 4
        warned = warn_at if warn_at < until else None
        return warned, clock.deadline if clock.deadline < until else None
