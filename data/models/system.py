"""What keeps the portal honest: the audit log, mail that waits to be sent, jobs that ran, commands that were done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, Created, Id, Moment, one_of, table_info
from data.models.rows import ME, OUR_ACCOUNT, Hat, Rows, Write, account, guards, of_person, staff
from rules.permissions import Permission

P = Permission

_AUDIT = (
    "actor_id", "actor_name", "audience", "account_id", "function", "action", "object_kind", "object_id",
    "object_label", "address", "before", "after", "reason",
)  # fmt: skip


_MAIL = (
    "account_id", "dedupe_key", "about_kind", "about_id", "recipient", "subject", "body_text", "body_html", "headers",
    "message_id",
)  # fmt: skip


class AuditEntry(Base):
    """Who did what, when, from where, before → after. It can be added to, never changed (no grant, a trigger)."""

    __tablename__ = "audit_entry"
    id: Mapped[Id]
    at: Mapped[Created] = mapped_column(server_default=text("clock_timestamp()"))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str | None]
    audience: Mapped[str]
    account_id: Mapped[int | None]
    #: The function that guards the object: without it the row, before and after stay hidden.
    function: Mapped[str | None]
    action: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str | None]
    object_label: Mapped[str | None]
    address: Mapped[str | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    reason: Mapped[str | None]
    previous_hash: Mapped[bytes | None]
    hash: Mapped[bytes | None]
    __table_args__ = (
        one_of("audience", ("customer", "staff")),
        Index("ix_audit_entry_at", "at", "id"),
        Index("ix_audit_entry_account", "account_id", "at", "id"),
        table_info(
            Rows(
                see={
                    Hat.CUSTOMER: (
                        f"audience = 'customer' and account_id = {account(P.USER_MANAGE)} "
                        f"and (function is null or {guards('account_id')})"
                    ),
                    Hat.STAFF: staff(P.AUDIT_READ),
                },
                insert={
                    **{
                        hat: Write(_AUDIT, f"actor_id = {ME} and (account_id is null or {ours})")
                        for hat, ours in OUR_ACCOUNT.items()
                    },
                    Hat.WORKER: Write(_AUDIT, "actor_id is null"),
                },
                columns={
                    Hat.CUSTOMER: tuple(c for c in ("id", "at", *_AUDIT) if c != "address"),
                },
            )
        ),
    )


class Mail(Base):
    """The outbox: one mail to one address, written in the transaction of what it tells about."""

    __tablename__ = "mail"
    id: Mapped[Id]
    account_id: Mapped[int | None]
    dedupe_key: Mapped[str | None]
    about_kind: Mapped[str | None]
    about_id: Mapped[int | None]
    recipient: Mapped[str]
    subject: Mapped[str]
    body_text: Mapped[str]
    body_html: Mapped[str | None]
    headers: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    message_id: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="ready")
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_at: Mapped[Created]
    lease_until: Mapped[Moment | None]
    last_error: Mapped[str | None]
    sent_at: Mapped[Moment | None]
    created_at: Mapped[Created]
    __table_args__ = (
        one_of("state", ("ready", "sent", "dead")),
        # per account: a key that is taken must not tell, and not hold up, what another company is sent
        UniqueConstraint("account_id", "dedupe_key", postgresql_nulls_not_distinct=True),
        Index("ix_mail_ready", "next_at", "id", postgresql_where=text("state = 'ready'")),
        Index("ix_mail_about", "about_kind", "about_id"),
        table_info(
            Rows(
                see={Hat.WORKER: "true"},
                update={
                    Hat.WORKER: Write(("state", "attempts", "next_at", "lease_until", "last_error", "sent_at"), "true")
                },
                insert={
                    hat: Write(_MAIL, f"state = 'ready' and attempts = 0 and {ours}")
                    for hat, ours in {**OUR_ACCOUNT, Hat.WORKER: "true"}.items()
                },
            )
        ),
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


class CommandKey(Base):
    """A command that was done, under the key its form was opened with: the same click twice gives one result."""

    __tablename__ = "command_key"
    person_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[UUID] = mapped_column(primary_key=True)
    command: Mapped[str]
    fingerprint: Mapped[bytes]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    done_at: Mapped[Created]
    __table_args__ = (table_info(of_person("person_id", "key", "command", "fingerprint", "result")),)


class Credential(Base):
    """Schema `auth`, which no hat may read: a person's password hash."""

    __tablename__ = "credential"
    person_id: Mapped[int] = mapped_column(ForeignKey("portal.person.id"), primary_key=True)
    password_hash: Mapped[str | None]
    changed_at: Mapped[Created]
    __table_args__ = ({"schema": "auth", "info": {"rows": Rows()}},)


class SecondFactor(Base):
    """A person's TOTP secret and the last step used, so that a code works once."""

    __tablename__ = "second_factor"
    person_id: Mapped[int] = mapped_column(ForeignKey("portal.person.id"), primary_key=True)
    secret: Mapped[bytes]
    confirmed_at: Mapped[Moment | None]
    last_step: Mapped[int | None]
    recovery_hashes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    __table_args__ = ({"schema": "auth", "info": {"rows": Rows()}},)


class ExternalIdentity(Base):
    """Who somebody is at the company's own sign-on: issuer and subject, never the e-mail alone."""

    __tablename__ = "external_identity"
    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("portal.person.id"))
    __table_args__ = ({"schema": "auth", "info": {"rows": Rows()}},)


class SignInSession(Base):
    """A signed-in browser, or a narrowed session that a job reads in for its person; only the token's hash is kept."""

    __tablename__ = "session"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("portal.person.id"), index=True)
    kind: Mapped[str] = mapped_column(server_default="web")
    #: The staff role worked in; somebody with two roles works in one at a time.
    role: Mapped[str | None]
    #: A delegated session holds no more than these functions.
    functions: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    created_at: Mapped[Created]
    last_seen: Mapped[Created]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]
    address: Mapped[str | None]
    device: Mapped[str | None]
    __table_args__ = (
        one_of("kind", ("web", "job", "feed", "api")),
        {"schema": "auth", "info": {"rows": Rows()}},
    )


class SignInCode(Base):
    """The one-time code that turns a proven password into a cookie, bound to the browser that typed it."""

    __tablename__ = "sign_in_code"
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("portal.person.id"))
    browser_hash: Mapped[bytes]
    role: Mapped[str | None]
    next: Mapped[str]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]
    __table_args__ = ({"schema": "auth", "info": {"rows": Rows()}},)


class Link(Base):
    """An expiring link sent to a person: to set a password, or to accept an invitation."""

    __tablename__ = "link"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("portal.person.id"), index=True)
    purpose: Mapped[str]
    account_id: Mapped[int | None]
    created_at: Mapped[Created]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]
    __table_args__ = (
        one_of("purpose", ("set_password", "reset_password", "invitation")),
        {"schema": "auth", "info": {"rows": Rows()}},
    )


class Throttle(Base):
    """Failures of sign-in: per e-mail (as a keyed hash, existing or not) and per client address."""

    __tablename__ = "throttle"
    key: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    since: Mapped[Created]
    last_at: Mapped[Created]
    blocked_until: Mapped[Moment | None]
    __table_args__ = ({"schema": "auth", "info": {"rows": Rows()}},)
