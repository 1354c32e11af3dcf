"""What the database says about a mail when its turn comes (data/security/letters.sql)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from rules.mail import Reach


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

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Facts:
        known: dict[str, Any] = {field.name: row[field.name] for field in fields(cls)}
        known["reach"] = Reach(row["reach"])
        return cls(**known)
