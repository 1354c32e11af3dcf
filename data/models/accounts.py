"""Accounts and people: the companies, everybody who can sign in, and which of them are staff."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

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
    staff,
)
from rules.looks import Theme
from rules.permissions import Permission, StaffRole
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
        one_of("theme", Theme),
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


class Instance(Base):
    """What this instance is: demo or real, marked once at its first start."""

    __tablename__ = "instance"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    __table_args__ = (table_info(nobody().plus(see=dict.fromkeys(PEOPLE_HATS, SIGNED_IN))),)
