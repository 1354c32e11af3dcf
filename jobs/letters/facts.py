"""What the database says about a mail when its turn comes (data/security/letters.sql)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from rules.mail import Reach


@dataclass(frozen=True, kw_only=True)
class Question:
    """Of a dispute and the contribution that a mail is about, what its reader may know (authz.letter_of_dispute)."""

    uuid: UUID
    invoice: str
    account: str
    issuer: str
    state: str
    #: The state that the contribution led to, where it changed.
    brought: str | None
    reason: str
    amount: Decimal
    agreed: Decimal | None
    currency: str
    said: str
    said_by: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Question:
        return cls(**{field.name: row[field.name] for field in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class Words:
    """A message that a mail is about, and the conversation it stands in (authz.letter_of_message)."""

    uuid: UUID
    subject: str
    account: str
    desk: str
    said: str
    said_by: str


@dataclass(frozen=True)
class Announced:
    """Of a notice and the update that a mail is about, in the language of its reader (authz.letter_of_notice)."""

    uuid: UUID
    category: str
    title: str
    body: str
    sites: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    service_impacting: bool
    respond_by: datetime | None
    resolved_at: datetime | None
    #: Of the update, if it is about one.
    said: str | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Announced:
        return cls(**{field.name: row[field.name] for field in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The recipient, and of the ticket what they may know; what they may not is empty here already."""

    reach: Reach
    email: str
    name: str | None
    language: str | None
    time_zone: str | None
    for_staff: bool
    watcher: int | None
    number: str | None
    ticket_uuid: UUID | None
    ticket_kind: str | None
    subject: str | None
    status: str | None
    site: str | None
    site_zone: str | None
    account: str | None
    respond_by: datetime | None
    answer_by: datetime | None
    question: Question | None = None
    words: Words | None = None
    notice: Announced | None = None

    @property
    def thread(self) -> str | None:
        """All mails about the same stand together, whichever of them arrived."""
        if self.question is not None:
            return f"dispute.{self.question.uuid}"
        if self.words is not None:
            return f"message.{self.words.uuid}"
        if self.notice is not None:
            return f"notice.{self.notice.uuid}"
        return None if self.ticket_uuid is None else f"ticket.{self.ticket_uuid}"

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Facts:
        known: dict[str, Any] = {field.name: row[field.name] for field in fields(cls) if field.name in row}
        known["reach"] = Reach(row["reach"])
        return cls(**known)
