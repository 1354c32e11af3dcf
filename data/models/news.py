"""Notices behind the bell: what is said in which languages, to whom, about what, and who has read it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, Created, Id, Moment, PublicId, Version, one_of, table_info
from data.models.rows import (
    IS_MANAGER,
    ME,
    PEOPLE_HATS,
    Hat,
    Rows,
    Write,
    account,
    following,
    guards,
    managed,
    nobody,
    staff,
)
from rules.notices import LONGEST_BODY, LONGEST_TITLE, Says
from rules.permissions import Permission

P = Permission

_PUBLISHED = "published_at is not null and not for_staff and (person_id is null or person_id = " + ME + ")"
_FOR_US = "exists (select from portal.notice_account na where na.notice_id = {table}.id)"
_FOR_US_WHO_MAY = (
    "exists (select from portal.notice_account na where na.notice_id = {table}.id "
    f"and ({{table}}.function is null or {guards('na.account_id')}))"
)


def _unguarded_or(kind: str) -> str:
    literal = f"'{kind}'"
    return f"(function is null or {guards(literal)})"


#: What the portal says by itself about something of an account: only where its function is held, and at its site.
_KEY = "about_account_id || '/' || function || '/'"
_PLACES = "any((select authz.place_guards())::text[])"
_ABOUT_OURS = f"({_KEY} || '*' = {_PLACES} or {_KEY} || about_site_id = {_PLACES})"


def _reading_customers(function: Permission) -> dict[Hat, str]:
    """Notices for everyone, for one of our accounts, or for me alone; what they are about has its own guard."""
    ours = {
        Hat.CUSTOMER: f"about_account_id = {account(function)}",
        Hat.OWN: f"about_account_id = {account(function)}",
        Hat.MANY: f"about_account_id = any((select authz.accounts('{function}'))::bigint[])",
    }
    held = {
        Hat.CUSTOMER: f"{account(function)} is not null",
        Hat.OWN: f"{account(function)} is not null",
        Hat.MANY: f"cardinality((select authz.accounts('{function}'))::bigint[]) > 0",
    }
    to_whom = f"((everyone and {_unguarded_or('*')}) or {_FOR_US_WHO_MAY})"
    return {
        hat: (
            f"{_PUBLISHED} and {condition} and case when about_account_id is not null "
            f"then {ours[hat]} and {_ABOUT_OURS} else {to_whom} end"
        )
        for hat, condition in held.items()
    }


#: A manager also sees what they published, and what waits to be published; of what is for staff, what is about one of
#: their accounts.
_TO_MANAGER = (
    f"(published_at is not null and person_id = {ME}) "
    f"or (about_account_id is null and person_id is null and (written_by = {ME} "
    f"or (published_at is not null and (everyone or {_FOR_US})))) "
    f"or (for_staff and {managed(P.TICKET_VIEW_COMPANY, column='about_account_id')})"
)
#: What the worker writes by itself: that a promise is at risk or was missed, for whoever of staff is guarded in.
_WARNING = (
    "category", "title", "for_staff", "about_account_id", "says", "promise", "function", "respond_by", "link",
    "published_at",
)  # fmt: skip


#: When a notice was news last.
NEWS_AT = "coalesce(updated_at, published_at)"


class Notice(Base):
    """Something to know: maintenance, an incident, an advisory, or news of a ticket, an order or an invoice."""

    __tablename__ = "notice"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    category: Mapped[str]
    title: Mapped[str]
    body: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str] = mapped_column(server_default="en")
    everyone: Mapped[bool] = mapped_column(server_default=text("false"))
    #: About a customer, and for none of them: the desk, and who looks after the account.
    for_staff: Mapped[bool] = mapped_column(server_default=text("false"))
    #: The account that a notice of the portal's own is about; whom others are for stands in notice_account.
    about_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: Where that is: who holds the function at other sites alone is not told. Empty: for who holds it at all of them.
    about_site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    #: What it is about, such as 'ticket/17': what is said of that later takes the place of what was said.
    about: Mapped[str | None]
    #: What the portal itself says, put into words when it is read: which warning, and of which promise.
    says: Mapped[str | None]
    promise: Mapped[str | None]
    #: A notice for one person: somebody else's own ticket is none of a colleague's business.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    #: The function that guards what the notice is about; empty where the notice itself is all there is.
    function: Mapped[str | None]
    starts_at: Mapped[Moment | None]
    ends_at: Mapped[Moment | None]
    service_impacting: Mapped[bool] = mapped_column(server_default=text("false"))
    respond_by: Mapped[Moment | None]
    resolved_at: Mapped[Moment | None]
    link: Mapped[str | None]
    published_at: Mapped[Moment | None]
    #: When something was added to it after that: for who had read it, it is news again.
    updated_at: Mapped[Moment | None]
    written_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    version: Mapped[Version]
    __table_args__ = (
        one_of("category", ("maintenance", "incident", "advisory", "billing", "ticket", "order")),
        one_of("says", Says),
        CheckConstraint(
            "(not for_staff or about_account_id is not null) and (about_account_id is null or "
            "(function is not null and not everyone and (for_staff or says is not null))) and "
            "(not for_staff or person_id is null)",
            name="for_staff",
        ),
        CheckConstraint("ends_at > starts_at", name="window"),
        CheckConstraint(
            f"says is not null or (length(title) <= {LONGEST_TITLE} and length(body) <= {LONGEST_BODY})", name="words"
        ),
        # nobody's bell walks over what is about other accounts, nor a customer's over the desk's warnings
        Index("ix_notice_said", text(NEWS_AT), "id", postgresql_where=text("about_account_id is null")),
        Index("ix_notice_for_staff", text(NEWS_AT), "id", postgresql_where=text("for_staff")),
        Index(
            "ix_notice_about_account",
            "about_account_id",
            text(NEWS_AT),
            "id",
            postgresql_where=text("not for_staff and person_id is null"),
        ),
        Index("ix_notice_person", "person_id", text(NEWS_AT), "id", postgresql_where=text("person_id is not null")),
        Index("uq_notice_about", "about", unique=True, postgresql_where=text("about is not null")),
        table_info(
            Rows(
                see={
                    **_reading_customers(P.NOTICE_VIEW),
                    Hat.STAFF: (
                        f"(about_account_id is null or for_staff) and (person_id is null or person_id = {ME}) "
                        f"and (published_at is not null or {staff(P.BROADCAST_SEND)}) and {staff(P.NOTICE_VIEW)} "
                        f"and {_unguarded_or('staff')}"
                    ),
                    Hat.MANAGER: f"{IS_MANAGER} and {_unguarded_or('manager')} and ({_TO_MANAGER})",
                    Hat.WORKER: "true",
                },
                insert={Hat.WORKER: Write(_WARNING, "for_staff")},
            )
        ),
    )


class NoticeText(Base):
    """A notice in another language."""

    __tablename__ = "notice_text"
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    __table_args__ = (table_info(following("notice", ("notice_id", "id"), hats=PEOPLE_HATS)),)


class NoticeSite(Base):
    """A site that a notice touches."""

    __tablename__ = "notice_site"
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True, index=True)
    __table_args__ = (
        table_info(
            following("notice", ("notice_id", "id"), hats=PEOPLE_HATS).plus(
                insert={Hat.WORKER: Write(("notice_id", "site_id"), "true")}
            )
        ),
    )


class NoticeAccount(Base):
    """An account that a notice is for."""

    __tablename__ = "notice_account"
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    __table_args__ = (
        table_info(
            Rows(
                see={
                    Hat.CUSTOMER: f"account_id = {account(P.NOTICE_VIEW)}",
                    Hat.OWN: f"account_id = {account(P.NOTICE_VIEW)}",
                    Hat.MANY: f"account_id = any((select authz.accounts('{P.NOTICE_VIEW}'))::bigint[])",
                    Hat.STAFF: staff(P.NOTICE_VIEW),
                    Hat.MANAGER: managed(P.NOTICE_VIEW),
                    Hat.WORKER: "true",
                }
            )
        ),
    )


class NoticeUpdate(Base):
    """What became known later."""

    __tablename__ = "notice_update"
    id: Mapped[Id]
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    body: Mapped[str]
    #: The same in other languages, by their names.
    texts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    written_at: Mapped[Created]
    written_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    __table_args__ = (
        CheckConstraint(f"length(body) <= {LONGEST_BODY}", name="body"),
        table_info(following("notice", ("notice_id", "id"), hats=PEOPLE_HATS)),
    )


class NoticeMailing(Base):
    """Mail of a notice, or of an update, on its way to whoever is concerned, a batch at a time up to this person."""

    __tablename__ = "notice_mailing"
    id: Mapped[Id]
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    update_id: Mapped[int | None] = mapped_column(ForeignKey("notice_update.id"))
    after_person: Mapped[int] = mapped_column(server_default=text("0"))
    asked_at: Mapped[Created]
    __table_args__ = (table_info(nobody()),)


class NoticeRead(Base):
    """Who has read a notice."""

    __tablename__ = "notice_read"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), primary_key=True)
    read_at: Mapped[Created]
    __table_args__ = (
        table_info(
            Rows(
                see=dict.fromkeys(PEOPLE_HATS, f"person_id = {ME}"),
                # the foreign key alone would tell which notices there are for others
                insert=dict.fromkeys(
                    PEOPLE_HATS,
                    Write(
                        ("person_id", "notice_id"),
                        f"person_id = {ME} and exists (select from portal.notice n where n.id = notice_id)",
                    ),
                ),
                update=dict.fromkeys(PEOPLE_HATS, Write(("read_at",), f"person_id = {ME}")),
            )
        ),
    )
