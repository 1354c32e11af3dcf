"""Accounts and people: who belongs to which company, what each may do there, and which manager looks after it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger

from data.models.base import Base, Created, Id, Moment, Number, PublicId, Version, one_of, table_info
from data.models.rows import (
    CUSTOMER_HATS,
    ME,
    PEOPLE_HATS,
    SIGNED_IN,
    Hat,
    Rows,
    Write,
    account,
    managed,
    nobody,
    of_person,
    several,
    staff,
)
from rules.access import MemberRole
from rules.permissions import CUSTOMER_FUNCTIONS, SITED, Permission, StaffRole
from rules.principal import PersonKind

P = Permission

_FACTS = ("country", "currency", "locale", "time_zone")

_ACCOUNTS = Rows(
    see={
        Hat.CUSTOMER: f"id = {account('any')}",
        Hat.OWN: f"id = {account('any')}",
        Hat.MANY: "id = any((select authz.accounts('any'))::bigint[])",
        Hat.STAFF: staff(P.ACCOUNT_VIEW),
        Hat.MANAGER: managed(P.ACCOUNT_VIEW, column="id"),
    },
    insert={Hat.STAFF: Write(("code", "name", "parent_id", *_FACTS), staff(P.ACCOUNT_MANAGE))},
    update={
        Hat.CUSTOMER: Write(
            ("outside_watchers", "second_factor_for_paa", "version"),
            # whoever asks others for a second factor has one
            f"id = {account(P.USER_MANAGE)} and (not second_factor_for_paa or (select authz.has_factor()))",
        ),
        # what stands above it, and how deep, authz.check_account() looks at
        Hat.STAFF: Write(("name", "parent_id", *_FACTS, "closed_at", "version"), staff(P.ACCOUNT_MANAGE)),
    },
    columns={Hat.WORKER: ("id", "uuid", "code", "name", "locale", "time_zone")},
)


class Account(Base):
    """A company, or a part of one that is managed apart (parent)."""

    __tablename__ = "account"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    code: Mapped[Number] = mapped_column(unique=True)
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    country: Mapped[str | None]
    currency: Mapped[str | None]
    locale: Mapped[str] = mapped_column(server_default="en")
    time_zone: Mapped[str] = mapped_column(server_default="UTC")
    #: Must whoever runs it have a second factor? Set by its PAA, like the next (data/own_factor.py).
    second_factor_for_paa: Mapped[bool] = mapped_column(server_default=text("false"))
    outside_watchers: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Created]
    closed_at: Mapped[Moment | None]
    version: Mapped[Version]
    __table_args__ = (
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        table_info(_ACCOUNTS),
    )


#: Somebody of the account in view, which whoever asks administers; nobody edits their own rights (SPEC §3).
#: And only if it was proved lately that it is they: a browser left open gives no rights away (auth/step_up.py).
_A_COLLEAGUE = f"account_id = {account(P.USER_MANAGE)} and person_id <> {ME} and (select authz.proved())"
_COLLEAGUES = "exists (select from portal.membership m where m.person_id = {table}.id)"

_PEOPLE = Rows(
    see={
        # membership is under its own policy, so this reaches colleagues of the chosen account only
        **dict.fromkeys(CUSTOMER_HATS, f"id = {ME} or {_COLLEAGUES}"),
        Hat.STAFF: f"id = {ME} or {staff(P.ACCOUNT_VIEW)}",
        Hat.MANAGER: f"id = {ME} or {_COLLEAGUES}",
    },
    update=dict.fromkeys(PEOPLE_HATS, Write(("language", "time_zone", "theme"), f"id = {ME}")),
)


class Person(Base):
    """Somebody who can sign in: a customer's person or one of the staff."""

    __tablename__ = "person"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    kind: Mapped[str]
    email: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str | None]
    language: Mapped[str | None]
    time_zone: Mapped[str | None]
    theme: Mapped[str | None]
    created_at: Mapped[Created]
    disabled_at: Mapped[Moment | None]
    version: Mapped[Version]
    __table_args__ = (
        one_of("kind", PersonKind),
        Index("uq_person_email", func.lower(text("email")), unique=True),
        table_info(_PEOPLE),
    )


class StaffMember(Base):
    """A role that a member of staff can work in."""

    __tablename__ = "staff_member"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    __table_args__ = (
        one_of("role", StaffRole),
        table_info(
            Rows(
                see={
                    # the desk hands tickets to each other
                    Hat.STAFF: (
                        f"person_id = {ME} or {staff(P.PEOPLE_MANAGE)} "
                        f"or (role = '{StaffRole.SERVICE_DESK}' and {staff(P.TICKET_WORK)})"
                    ),
                    Hat.MANAGER: f"person_id = {ME}",
                }
            )
        ),
    )


class Membership(Base):
    """A person belongs to an account, as its administrator (PAA) or as a general user. Nobody changes their own; of two
    administrators who end each other's at once, one stays (authz.check_membership)."""

    __tablename__ = "membership"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str]
    created_at: Mapped[Created]
    ended_at: Mapped[Moment | None]
    #: Of the person's rights as a whole: role and grants are changed together.
    version: Mapped[Version]
    __table_args__ = (
        one_of("role", MemberRole),
        Index(
            "uq_membership_live",
            "account_id",
            "person_id",
            unique=True,
            postgresql_where=text("ended_at is null"),
        ),
        table_info(
            Rows(
                see={
                    Hat.CUSTOMER: f"account_id = {account('any')}",
                    Hat.OWN: f"account_id = {account('any')}",
                    Hat.MANY: "account_id = any((select authz.accounts('any'))::bigint[])",
                    Hat.STAFF: staff(P.ACCOUNT_VIEW),
                    Hat.MANAGER: managed(P.ACCOUNT_VIEW),
                },
                update={Hat.CUSTOMER: Write(("role", "ended_at", "version"), _A_COLLEAGUE)},
            )
        ),
    )


#: What an administrator grants a colleague who is none: functions of customers, without that of managing users, and at
#: sites only where a function has any (SPEC §3).
_GIVEN = (
    f"{_A_COLLEAGUE} and function <> '{P.USER_MANAGE}' and (site_ids is null or ("
    f"function in ({', '.join(repr(str(function)) for function in sorted(SITED))}) and cardinality(site_ids) > 0 "
    "and site_ids <@ array(select s.id from portal.site s))) and exists (select from portal.membership m "
    "where m.account_id = {table}.account_id and m.person_id = {table}.person_id and m.role = 'general' "
    "and m.ended_at is null)"
)


class AccessGrant(Base):
    """One function a general user holds for one account, at some sites or (none named) at all."""

    __tablename__ = "access_grant"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    function: Mapped[str] = mapped_column(primary_key=True)
    site_ids: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    granted_at: Mapped[Created]
    __table_args__ = (
        one_of("function", CUSTOMER_FUNCTIONS),
        table_info(
            Rows(
                see={
                    Hat.CUSTOMER: f"account_id = {account(P.USER_MANAGE)}",
                    Hat.OWN: f"account_id = {account('any')} and person_id = {ME}",
                    Hat.MANY: f"account_id = any((select authz.accounts('{P.USER_MANAGE}'))::bigint[])",
                    Hat.STAFF: staff(P.ACCESS_MANAGE),
                },
                insert={Hat.CUSTOMER: Write(("account_id", "person_id", "function", "site_ids"), _GIVEN)},
                delete={Hat.CUSTOMER: _A_COLLEAGUE},
            )
        ),
    )


class Invitation(Base):
    """Somebody is asked by mail to join an account with these rights. Written by definer functions alone
    (data/security/invitations.sql); the token of its link stands hashed in auth.link."""

    __tablename__ = "invitation"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    email: Mapped[str]
    name: Mapped[str]
    language: Mapped[str]
    role: Mapped[str]
    #: Function → the ids of its sites, or null for all of them; none for an administrator.
    rights: Mapped[dict[str, Any]] = mapped_column(JSONB)
    invited_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    #: Who runs an account from above is nobody its people may look up.
    invited_by_name: Mapped[str]
    #: Why staff did it.
    reason: Mapped[str | None]
    #: Raised with each letter: links of an earlier one are dead.
    edition: Mapped[Version]
    created_at: Mapped[Created]
    sent_at: Mapped[Created]
    expires_at: Mapped[Moment]
    accepted_at: Mapped[Moment | None]
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    revoked_at: Mapped[Moment | None]
    __table_args__ = (
        one_of("role", MemberRole),
        UniqueConstraint("account_id", "id"),
        Index(
            "uq_invitation_waiting",
            "account_id",
            func.lower(text("email")),
            unique=True,
            postgresql_where=text("accepted_at is null and revoked_at is null"),
        ),
        table_info(
            Rows(
                see={
                    Hat.CUSTOMER: f"account_id = {account(P.USER_MANAGE)}",
                    Hat.MANY: f"account_id = {several(P.USER_MANAGE)}",
                    Hat.STAFF: staff(P.ACCESS_MANAGE),
                },
                # by whom it was accepted is seen where people are
                columns=dict.fromkeys(
                    (Hat.CUSTOMER, Hat.MANY),
                    (
                        "id", "uuid", "account_id", "email", "name", "language", "role", "rights", "invited_by_name",
                        "reason", "edition", "created_at", "sent_at", "expires_at", "accepted_at", "revoked_at",
                    ),
                ),
            )
        ),
    )  # fmt: skip


#: An administrator says who looks after an account, but never that they do (SPEC §3: nobody's own rights), and proves
#: first that it is they: it opens everything of the account.
_ANOTHER = f"{staff(P.ACCOUNT_MANAGE)} and person_id <> {ME} and (select authz.proved())"
#: And only somebody who has that role.
_A_MANAGER = (
    f"{_ANOTHER} and exists (select from portal.staff_member m "
    f"join portal.person p on p.id = m.person_id where m.person_id = {{table}}.person_id "
    f"and m.role = '{StaffRole.ACCOUNT_MANAGER}' and p.disabled_at is null)"
)


class Assignment(Base):
    """An account manager looks after an account."""

    __tablename__ = "assignment"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    since: Mapped[Created]
    __table_args__ = (
        table_info(
            Rows(
                see={Hat.STAFF: staff(P.ACCOUNT_VIEW), Hat.MANAGER: managed(P.ACCOUNT_VIEW)},
                insert={Hat.STAFF: Write(("account_id", "person_id"), _A_MANAGER)},
                delete={Hat.STAFF: _ANOTHER},
            )
        ),
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


class Instance(Base):
    """What this instance is: demo or real, marked once at its first start."""

    __tablename__ = "instance"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    __table_args__ = (table_info(nobody().plus(see=dict.fromkeys(PEOPLE_HATS, SIGNED_IN))),)
