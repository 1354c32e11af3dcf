"""What is said about a ticket of the demo: the customer, the desk, and notes the customer never sees."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from data.demo.course import Move
from data.demo.draft import Draft
from data.demo.plan import Plan
from data.demo.request import Told
from data.demo.world import Someone
from data.models import TicketMessage
from rules.lifecycle import Actor
from rules.request_types import TicketKind


@dataclass
class Conversation:
    """Follows the log: who moved the ticket usually said something."""

    draft: Draft
    plan: Plan
    ticket_id: int
    told: Told
    assignee: Someone | None
    rng: Random
    now: datetime
    latest: datetime = field(init=False)

    @property
    def _topic(self) -> int:
        """A question and its answer stand at the same place in their lists."""
        return self.ticket_id % len(self.told.phrases.questions)

    def held(self) -> datetime:
        """Write all of it; when the last word was said."""
        self.latest = self.plan.opened_at
        for move in self.plan.course.moves[1:]:
            self._about(move)
        if self.plan.course.notified is not None:
            at = self.plan.opened_at + self.plan.course.notified
            self._say("staff_reply", self.assignee, self._one_of(self.told.phrases.received), at)
        return self.latest

    def _about(self, move: Move) -> None:
        phrases = self.told.phrases
        at = self.plan.opened_at + move.after
        if move.by is Actor.CUSTOMER:
            answer = phrases.answers[self._topic : self._topic + 1]
            texts = {"in_progress": answer, "reopened": phrases.not_solved, "closed": phrases.thanks}
            if move.status in texts and (move.status != "closed" or self.rng.random() < 0.5):
                self._say("customer_note", self.plan.requester, self._one_of(texts[move.status]), at)
        elif move.by is Actor.DESK:
            self._desk(move, at)

    def _desk(self, move: Move, at: datetime) -> None:
        phrases = self.told.phrases
        texts = {
            "acknowledged": phrases.acknowledged,
            "scheduled": phrases.scheduled,
            "in_progress": phrases.working,
            "waiting_customer": phrases.questions[self._topic : self._topic + 1],
            "approved": phrases.approved,
        }
        if self.plan.course.kind in (TicketKind.REMOTE_HANDS, TicketKind.FAULT):
            texts["resolved"] = phrases.repaired if self.plan.course.kind is TicketKind.FAULT else phrases.finished
        silent = move.status in ("in_progress", "scheduled") and self.rng.random() < 0.5
        if move.status in texts and not silent:
            self._say("staff_reply", self.assignee, self._one_of(texts[move.status]), at)
        elif move.reason in phrases.reasons:
            self._say("staff_reply", self.assignee, self.told.filled(phrases.reasons[move.reason]), at)
        if move.status in ("in_progress", "on_hold", "received", "pending_approval") and self.rng.random() < 0.35:
            at = min(at + timedelta(minutes=self.rng.randint(1, 9)), self.now)
            self._say("internal_note", self.assignee, self._one_of(phrases.internal), at)

    def _one_of(self, texts: tuple[str, ...]) -> str:
        return self.told.filled(self.rng.choice(texts))

    def _say(self, kind: str, author: Someone | None, body: str, at: datetime) -> None:
        assert author is not None
        self.latest = max(self.latest, at)
        self.draft.add(
            TicketMessage,
            account_id=self.plan.company.id,
            ticket_id=self.ticket_id,
            kind=kind,
            author_id=author.id,
            author_name=author.name,
            body=body,
            written_at=at,
        )
