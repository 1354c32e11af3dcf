"""What others changed in a ticket since its reader last looked: who, what and when, in the words of its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from data.ticketing import TicketDetail
from data.ticketing.reading import Step
from pages.portal.ticket.timeline import who_made
from ui.text import _, date_text, hour_text, plain, term, time_text


@dataclass(frozen=True)
class Seen:
    """As much of a ticket as tells what changed since."""

    steps: int
    severity: str | None
    assignee: str | None
    estimated: datetime | None
    proposed: datetime | None

    @classmethod
    def of(cls, detail: TicketDetail) -> Self:
        proposed = detail.details.get("proposed_starts_at")
        steps, severity = len(detail.timeline), detail.ticket.severity
        return cls(steps, severity, detail.assignee, detail.estimated_completion, proposed)


def changed_since(seen: Seen | None, detail: TicketDetail, *, for_staff: bool) -> tuple[str, ...]:
    """A line each, the earliest first. Names are those that the history shows this reader; who works on a ticket is
    the desk's own affair."""
    if seen is None:
        return ()
    now, lines, severity = Seen.of(detail), [], seen.severity
    for step in detail.timeline[seen.steps :]:
        lines.append(_step(step, severity))
        severity = step.severity
    if for_staff and now.assignee != seen.assignee:
        who = plain(now.assignee) if now.assignee else _("nobody")
        lines.append(f"{_('Who works on it')}: {who}")
    for label, was, at in (
        (_("Estimated completion"), seen.estimated, now.estimated),
        (_("Proposed start"), seen.proposed, now.proposed),
    ):
        if was != at:
            lines.append(f"{label}: {time_text(at)}")
    return tuple(lines)


def _step(step: Step, severity: str | None) -> str:
    if step.from_status == step.to_status:
        what = f"{_word('ticket.severity', severity)} → {_word('ticket.severity', step.severity)}"
    else:
        what = f"{_word('ticket.status', step.from_status)} → {_word('ticket.status', step.to_status)}"
    return f"**{who_made(step)}** · {what}, {_when(step.at)}"


def _word(vocabulary: str, value: str | None) -> str:
    return term(vocabulary, value) if value else "–"


def _when(moment: datetime) -> str:
    is_today = date_text(moment) == date_text(datetime.now(moment.tzinfo))
    return hour_text(moment) if is_today else time_text(moment)


def listed(head: str, lines: tuple[str, ...], tail: str) -> str:
    return "\n\n".join(filter(None, (head, "\n".join(f"- {line}" for line in lines), tail)))
