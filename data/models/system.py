"""What the portal remembers of its own work: jobs that ran, commands that were done, what was typed and not sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, Created, Moment, table_info
from data.models.rows import (
    ME,
    PEOPLE_HATS,
    Hat,
    Rows,
    Write,
    of_person,
)


class JobRun(Base):
    """A periodic job ran for a slot of time; whoever inserts the row runs it, nobody else."""

    __tablename__ = "job_run"
    name: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[Created]
    finished_at: Mapped[Moment | None]
    result: Mapped[str | None]
    __table_args__ = (
        table_info(
            Rows(
                see={Hat.WORKER: "true"},
                insert={Hat.WORKER: Write(("name", "slot"), "true")},
                update={Hat.WORKER: Write(("finished_at", "result"), "true")},
                delete={Hat.WORKER: "true"},
            )
        ),
    )


#: The worker cleans up by the time alone: what was done or drafted is for its person and nobody else.
_LONG_DONE = "done_at < now() - interval '30 days'"


class CommandKey(Base):
    """A command that was done, under the key its form was opened with: the same click twice gives one result."""

    __tablename__ = "command_key"
    person_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[UUID] = mapped_column(primary_key=True)
    command: Mapped[str]
    fingerprint: Mapped[bytes]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    done_at: Mapped[Created]
    __table_args__ = (
        table_info(
            of_person("person_id", "key", "command", "fingerprint", "result").plus(
                see={Hat.WORKER: _LONG_DONE}, delete={Hat.WORKER: _LONG_DONE}, columns={Hat.WORKER: ("done_at",)}
            )
        ),
    )


_FORGOTTEN = "saved_at < now() - interval '30 days'"


class Draft(Base):
    """What somebody typed into a form and has not sent yet: theirs alone, until it is sent or 30 days old."""

    __tablename__ = "draft"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    form: Mapped[str] = mapped_column(primary_key=True)
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB)
    saved_at: Mapped[Created]
    __table_args__ = (
        CheckConstraint("char_length(form) <= 100", name="form"),
        CheckConstraint("octet_length(fields::text) <= 65536", name="size"),
        table_info(
            Rows(
                see={**dict.fromkeys(PEOPLE_HATS, f"person_id = {ME}"), Hat.WORKER: _FORGOTTEN},
                insert=dict.fromkeys(PEOPLE_HATS, Write(("person_id", "form", "fields"), f"person_id = {ME}")),
                update=dict.fromkeys(PEOPLE_HATS, Write(("fields", "saved_at"), f"person_id = {ME}")),
                delete={**dict.fromkeys(PEOPLE_HATS, f"person_id = {ME}"), Hat.WORKER: _FORGOTTEN},
                columns={Hat.WORKER: ("saved_at",)},
            )
        ),
    )
