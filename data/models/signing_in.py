"""How people prove who they are: passwords, second factors, sessions, links and tries; no hat reads any of it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, Created, Moment, PublicId, one_of
from data.models.rows import (
    Rows,
)
from rules.sign_in import Proof


class Credential(Base):
    """Schema `auth`, which no hat may read: a person's password hash."""

    __tablename__ = "credential"
    person_id: Mapped[int] = mapped_column(ForeignKey("portal.person.id"), primary_key=True)
    password_hash: Mapped[str | None]
    changed_at: Mapped[Created]
    __table_args__ = (
        # asked at every try to sign in: are there still any that bcrypt made?
        Index("ix_credential_older", "password_hash", postgresql_where=text("password_hash ^@ '$2'")),
        {"schema": "auth", "info": {"rows": Rows()}},
    )


class SecondFactor(Base):
    """A person's secret, from which their app makes codes, and the last step used, so that a code works once.

    It is here once its person has shown a code of it; sealed with a key that is not in the database (auth/codes.py)."""

    __tablename__ = "second_factor"
    person_id: Mapped[int] = mapped_column(ForeignKey("portal.person.id"), primary_key=True)
    secret: Mapped[bytes]
    confirmed_at: Mapped[Created]
    last_step: Mapped[int]
    #: Of the recovery codes that were not used yet.
    recovery_hashes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    __table_args__ = ({"schema": "auth", "info": {"rows": Rows()}},)


class ExternalIdentity(Base):
    """Who somebody is at the company's own sign-on: issuer and subject, never the e-mail alone. One of each issuer."""

    __tablename__ = "external_identity"
    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("portal.person.id"))
    linked_at: Mapped[Created]
    __table_args__ = (
        # whose address somebody else has by now must not be tied to them a second time
        UniqueConstraint("issuer", "person_id"),
        {"schema": "auth", "info": {"rows": Rows()}},
    )


class SignInSession(Base):
    """A signed-in browser, or a narrowed session that a job reads in for its person; only the token's hash is kept."""

    __tablename__ = "session"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    #: What its person is shown, to end it by: neither the token nor its hash leaves this schema.
    uuid: Mapped[PublicId]
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
    #: When its person last proved who they are, and how: what matters most asks for it again (authz.proved).
    proved_at: Mapped[Created]
    proved_by: Mapped[str] = mapped_column(server_default="password")
    #: A second factor that is being set up in this browser, until a code of it was shown.
    pending_secret: Mapped[bytes | None]
    __table_args__ = (
        one_of("kind", ("web", "job", "feed", "api")),
        one_of("proved_by", Proof),
        # whoever writes it: what is delegated is narrow, and over soon
        CheckConstraint(
            "kind = 'web' or (coalesce(cardinality(functions), 0) > 0 "
            "and expires_at <= created_at + interval '15 minutes')",
            name="delegated",
        ),
        {"schema": "auth", "info": {"rows": Rows()}},
    )


class SignInCode(Base):
    """The one-time code that turns a proof into a cookie, bound to the browser that brought it."""

    __tablename__ = "sign_in_code"
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("portal.person.id"))
    browser_hash: Mapped[bytes]
    role: Mapped[str | None]
    next: Mapped[str]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]
    #: By what its person proved who they are.
    proved_by: Mapped[str] = mapped_column(server_default="password")
    __table_args__ = (one_of("proved_by", Proof), {"schema": "auth", "info": {"rows": Rows()}})


class HalfSignIn(Base):
    """Somebody's password was right in this browser, and their second factor is still to come. It opens nothing."""

    __tablename__ = "half_sign_in"
    browser_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("portal.person.id"))
    role: Mapped[str | None]
    began_at: Mapped[Created]
    expires_at: Mapped[Moment]
    #: Of somebody who has to set one up first.
    pending_secret: Mapped[bytes | None]
    __table_args__ = ({"schema": "auth", "info": {"rows": Rows()}},)


class Link(Base):
    """An expiring link sent to a person: to set a password, or to accept an invitation."""

    __tablename__ = "link"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    #: Nobody, where a stranger's address was typed: asking leaves the same rows for everyone (signin.ask_for_password).
    person_id: Mapped[int | None] = mapped_column(ForeignKey("portal.person.id"), index=True)
    purpose: Mapped[str]
    account_id: Mapped[int | None]
    invitation_id: Mapped[int | None]
    #: Since when the password counted that this link is to replace; none if there was none. Another one voids the link.
    password_from: Mapped[Moment | None]
    created_at: Mapped[Created]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]
    __table_args__ = (
        one_of("purpose", ("set_password", "reset_password", "invitation")),
        CheckConstraint("(purpose = 'invitation') = (invitation_id is not null)", name="invitation"),
        # a row without an account would pass the key
        CheckConstraint("invitation_id is null or account_id is not null", name="invitation_has_account"),
        ForeignKeyConstraint(["account_id", "invitation_id"], ["portal.invitation.account_id", "portal.invitation.id"]),
        Index("ix_link_invitation", "account_id", "invitation_id"),
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
