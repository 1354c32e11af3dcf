"""Who belongs to which account, what each may do there, who is invited, and which manager looks after it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger

from data.models.base import Base, Created, Id, Moment, PublicId, Version, one_of, table_info
from data.models.rows import (
    ME,
    Hat,
    Rows,
    Write,
    account,
    managed,
    several,
    staff,
)
from rules.access import MemberRole
from rules.permissions import CUSTOMER_FUNCTIONS, SITED, Permission, StaffRole

P = Permission

#: Somebody of the account in view, which whoever asks administers; nobody edits their own rights (SPEC §3).
#: And only if it was proved lately that it is they: a browser left open gives no rights away (auth/step_up.py).
_A_COLLEAGUE = f"account_id = {account(P.USER_MANAGE)} and person_id <> {ME} and (select authz.proved())"


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
