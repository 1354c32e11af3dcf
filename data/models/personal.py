"""What somebody keeps for themselves: which mails they get, what they look at, saved views, reports, feeds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
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
)


class NotificationPreference(Base):
    """Where one person wants one kind of news: in the portal, by mail at once, in the daily digest, or not at all."""

    __tablename__ = "notification_preference"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    __table_args__ = (
        one_of("channel", ("portal", "mail", "digest", "off")),
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


class SavedView(Base):
    """A filter somebody named; shared ones are seen by the whole account."""

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
        UniqueConstraint("person_id", "account_id", "page", "name"),
        table_info(
            Rows(
                see={
                    Hat.CUSTOMER: f"person_id = {ME} or (shared and account_id = {account('any')})",
                    Hat.OWN: f"person_id = {ME}",
                    Hat.MANY: f"person_id = {ME}",
                    Hat.STAFF: f"person_id = {ME}",
                    Hat.MANAGER: f"person_id = {ME}",
                }
            )
        ),
    )


class ScheduledReport(Base):
    """A list that is mailed to its reader every week or month, in a session delegated by them."""

    __tablename__ = "scheduled_report"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    page: Mapped[str]
    query: Mapped[str]
    every: Mapped[str]
    next_at: Mapped[Moment]
    stopped_at: Mapped[Moment | None]
    created_at: Mapped[Created]
    __table_args__ = (
        one_of("every", ("week", "month")),
        table_info(Rows(see={**dict.fromkeys(PEOPLE_HATS, f"person_id = {ME}"), Hat.WORKER: "true"})),
    )


class FeedToken(Base):
    """A revocable address under which a person's calendar can be read."""

    __tablename__ = "feed_token"
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[Created]
    revoked_at: Mapped[Moment | None]
    last_used_at: Mapped[datetime | None]
    __table_args__ = (
        table_info(
            Rows(
                see=dict.fromkeys(PEOPLE_HATS, f"person_id = {ME}"),
                columns=dict.fromkeys(PEOPLE_HATS, ("id", "person_id", "created_at", "revoked_at", "last_used_at")),
            )
        ),
    )
