"""A start that the desk proposes for remote hands, and what the customer says to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from data.commands import Work
from data.models import RemoteHands
from data.ticketing.reach import Found


@dataclass(frozen=True)
class Proposal:
    """A start for remote hands; `answer` is empty until the customer gave one."""

    starts_at: datetime
    answer: str | None


def proposal_of(work: Work, ticket: Found) -> Proposal | None:
    """The start that the desk proposed last, and what the customer said to it."""
    mine = RemoteHands.account_id == ticket.account_id, RemoteHands.ticket_id == ticket.id
    asked = select(RemoteHands.proposed_starts_at, RemoteHands.proposal_answer).where(
        *mine, RemoteHands.proposed_starts_at.is_not(None)
    )
    row = work.connection.execute(asked).one_or_none()
    return row and Proposal(*row)
