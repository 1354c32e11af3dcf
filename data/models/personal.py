"""What somebody keeps for themselves: which mails they get, what they look at, saved views, reports, feeds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger

from data.models.base import Base, Created, Id, Moment, PublicId, one_of, table_info
from data.models.rows import (
    ME,
    PEOPLE_HATS,
    Hat,
    Rows,
    Write,
    account,
    of_person,
    several,
)
from rules.permissions import Permission
from rules.schedules import Delivery, Every, Outcome, Why
from rules.topics import Channel, Topic


class NotificationPreference(Base):
    """Where one person wants one kind of news: in the portal, by mail at once, in the daily digest, or not at all."""

    __tablename__ = "notification_preference"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    __table_args__ = (
        one_of("topic", Topic),
        one_of("channel", Channel),
        table_info(
            Rows(
                see={**dict.fromkeys(PEOPLE_HATS, f"person_id = {ME}"), Hat.WORKER: "true"},
                insert=dict.fromkeys(PEOPLE_HATS, Write(("person_id", "topic", "channel"), f"person_id = {ME}")),
                update=dict.fromkeys(PEOPLE_HATS, Write(("channel",), f"person_id = {ME}")),
            )
        ),
    )


class AccountChoice(Base):
    """Which of their accounts somebody looked at last; no row: all of them. Not in `person`, which colleagues see.

    An id of an account that is not theirs says nothing: what is looked at is what they reach (rules/looking.py)."""

    __tablename__ = "account_choice"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    account_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    __table_args__ = (
        CheckConstraint("cardinality(account_ids) between 1 and 10000", name="some_accounts"),
        table_info(of_person("person_id", "account_ids")),
    )


_VIEW = ("account_id", "name", "query", "shared", "is_default")


def _mine_and(condition: str) -> dict[str, Write]:
    """What somebody keeps of their own, and where it may belong."""
    return {
        "insert": Write(("person_id", "page", *_VIEW), f"person_id = {ME} and {condition}"),
        "update": Write(_VIEW, f"person_id = {ME} and {condition}"),
    }


#: With several accounts in view, and among staff, there is no one account to share with.
_PRIVATE = "account_id is null"
_VIEWS_OF = {
    **dict.fromkeys((Hat.CUSTOMER, Hat.OWN), _mine_and(f"({_PRIVATE} or account_id = {account('any')})")),
    **dict.fromkeys((Hat.MANY, Hat.STAFF, Hat.MANAGER), _mine_and(_PRIVATE)),
}


class SavedView(Base):
    """A filter somebody named; shared ones are seen by the whole account. It says what is asked, not what is found."""

    __tablename__ = "saved_view"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    page: Mapped[str]
    name: Mapped[str]
    query: Mapped[str]
    shared: Mapped[bool] = mapped_column(server_default=text("false"))
    is_default: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Created]
    __table_args__ = (
        UniqueConstraint("person_id", "page", "name"),
        CheckConstraint("not shared or account_id is not null", name="shared_with_somebody"),
        CheckConstraint("length(name) between 1 and 80", name="name"),
        CheckConstraint("length(query) <= 2000", name="query"),
        CheckConstraint("length(page) between 1 and 40", name="page"),
        table_info(
            Rows(
                see={
                    Hat.CUSTOMER: f"person_id = {ME} or (shared and account_id = {account('any')})",
                    Hat.OWN: f"person_id = {ME} or (shared and account_id = {account('any')})",
                    Hat.MANY: f"person_id = {ME} or (shared and account_id = {several('any')})",
                    Hat.STAFF: f"person_id = {ME}",
                    Hat.MANAGER: f"person_id = {ME}",
                },
                insert={hat: write["insert"] for hat, write in _VIEWS_OF.items()},
                update={hat: write["update"] for hat, write in _VIEWS_OF.items()},
                # who runs an account takes away what is shown to all of it
                delete={
                    **dict.fromkeys(PEOPLE_HATS, f"person_id = {ME}"),
                    Hat.CUSTOMER: f"person_id = {ME} or (shared and account_id = {account(Permission.USER_MANAGE)})",
                },
            )
        ),
    )


_SCHEDULE = (
    "person_id", "role", "page", "query", "functions", "every", "on_day", "at_hour", "time_zone", "language",
    "delivery", "next_at",
)  # fmt: skip
_HOW_IT_GOES = (
    "id", "uuid", *_SCHEDULE, "created_at", "stopped_at", "stopped_why", "failures", "last_at", "last_rows",
    "last_outcome",
)  # fmt: skip
_MINE = f"person_id = {ME}"


class ScheduledReport(Base):
    """A list that is mailed to its reader every week or month, read in a session that is delegated to the worker.

    The person writes what and when; how it goes is written by data/security/delegated.sql alone."""

    __tablename__ = "scheduled_report"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    #: What staff work as when they read it.
    role: Mapped[str | None]
    page: Mapped[str]
    #: As the page's address says it, so that "last quarter" is another one each time.
    query: Mapped[str]
    #: What the session is narrowed to; whether they hold it is asked each time.
    functions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    every: Mapped[str]
    on_day: Mapped[int] = mapped_column(SmallInteger)
    at_hour: Mapped[int] = mapped_column(SmallInteger)
    #: Of the page where it was asked for, as long as its reader has chosen none in the settings; so is the language.
    time_zone: Mapped[str]
    language: Mapped[str | None]
    delivery: Mapped[str]
    next_at: Mapped[Moment]
    created_at: Mapped[Created]
    stopped_at: Mapped[Moment | None]
    stopped_why: Mapped[str | None]
    #: Runs for the present slot that were begun and came to nothing.
    failures: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    #: Until when a worker has it, and in which session.
    lease_until: Mapped[Moment | None]
    lease_hash: Mapped[bytes | None]
    last_at: Mapped[Moment | None]
    last_rows: Mapped[int | None]
    last_outcome: Mapped[str | None]
    __table_args__ = (
        one_of("every", Every),
        one_of("delivery", Delivery),
        one_of("stopped_why", Why),
        one_of("last_outcome", Outcome),
        CheckConstraint(
            "at_hour between 0 and 23 and on_day between 1 and case every when 'week' then 7 else 31 end", name="time"
        ),
        CheckConstraint("length(query) <= 4000 and cardinality(functions) between 1 and 20", name="size"),
        Index("ix_scheduled_report_due", "next_at", "id", postgresql_where=text("stopped_at is null")),
        table_info(
            Rows(
                see={**dict.fromkeys(PEOPLE_HATS, _MINE), Hat.WORKER: "true"},
                columns={
                    **dict.fromkeys(PEOPLE_HATS, _HOW_IT_GOES),
                    Hat.WORKER: ("id", "next_at", "stopped_at", "lease_until"),
                },
                insert=dict.fromkeys(PEOPLE_HATS, Write(_SCHEDULE, f"{_MINE} and next_at > now()")),
                update=dict.fromkeys(PEOPLE_HATS, Write(("next_at", "stopped_at", "stopped_why", "failures"), _MINE)),
                delete=dict.fromkeys(PEOPLE_HATS, _MINE),
            )
        ),
    )


class FeedToken(Base):
    """A revocable address under which a person's calendar can be read."""

    __tablename__ = "feed_token"
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    #: What staff work as when they read it.
    role: Mapped[str | None]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    #: Of the page where it was made, as long as the person has chosen none in the settings.
    language: Mapped[str | None]
    time_zone: Mapped[str]
    created_at: Mapped[Created]
    revoked_at: Mapped[Moment | None]
    last_used_at: Mapped[datetime | None]
    __table_args__ = (
        # one that works, so that there is no doubt which one is taken back
        Index("uq_feed_token_live", "person_id", unique=True, postgresql_where=text("revoked_at is null")),
        table_info(
            Rows(
                see=dict.fromkeys(PEOPLE_HATS, _MINE),
                columns=dict.fromkeys(
                    PEOPLE_HATS, ("id", "person_id", "role", "created_at", "revoked_at", "last_used_at")
                ),
                insert=dict.fromkeys(
                    PEOPLE_HATS, Write(("person_id", "role", "token_hash", "language", "time_zone"), _MINE)
                ),
                update=dict.fromkeys(PEOPLE_HATS, Write(("revoked_at",), _MINE)),
            )
        ),
    )
