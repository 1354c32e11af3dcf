"""What keeps the portal honest: the audit log, mail that waits to be sent, jobs that ran, commands that were done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, Created, Id, Moment, Number, PublicId, one_of, order_of_list, table_info
from data.models.rows import (
    CUSTOMER_HATS,
    ME,
    OUR_ACCOUNT,
    PEOPLE_HATS,
    Hat,
    Rows,
    Write,
    account,
    guards,
    nobody,
    of_person,
    several,
    staff,
)
from data.models.tickets import of_a_ticket_worked_on
from rules.audit import ActorKind
from rules.mail import OF_ACCESS, OF_ACCOUNTS, OF_DISPUTES, OF_MONEY, OF_SIGNING_IN, MailKind, MailState
from rules.permissions import Permission
from rules.sign_in import Proof

P = Permission

_AUDIT = (
    "actor_id", "actor_name", "audience", "account_id", "function", "action", "object_kind", "object_id",
    "object_label", "address", "before", "after", "reason",
)  # fmt: skip
#: Not from where: that would tell of the staff's own networks.
_AUDIT_FOR_CUSTOMERS = (
    "id", "uuid", "at", "actor_kind", "search", *(column for column in _AUDIT if column != "address")
)  # fmt: skip
_AUDIT_FILTERS = ("action", "object_kind", "actor_kind", "audience", "function")
_TOLD_TO_CUSTOMERS = f"audience = 'customer' and (function is null or {guards('account_id')})"


#: How long the words of a mail that is over stay in the outbox.
MAIL_IS_KEPT = "90 days"
_MAIL = ("account_id", "dedupe_key", "kind", "person_id", "address", "ticket_id", "context", "message_id")

#: Nobody signs with another's name.
_MY_NAME = "exists (select from portal.person me where me.id = {me} and me.name = {said})"
#: Whom a ticket's mail goes to: who asked, whoever works on it, and who watches it; from outside only who agreed.
_HEARS_OF_IT = (
    "({table}.person_id in (parent.requested_by, parent.assignee_id) or exists ("
    "select from portal.ticket_watcher w where w.account_id = parent.account_id and w.ticket_id = parent.id and ("
    "w.person_id = {table}.person_id or (lower(w.email) = lower({table}.address) "
    "and (w.confirmed_at is not null) <> ({table}.kind = 'watch_confirm')))))"
)
#: An address is asked once a day about a ticket, under the one key there is for it (data/ticketing/watch.py).
_DAYS = ", ".join(f"({now} at time zone 'UTC')::date::text" for now in ("now()", "clock_timestamp()"))
_ASKED_ONCE = (
    "({table}.kind <> 'watch_confirm' or exists ("
    f"select from unnest(array[{_DAYS}]) today where {{table}}.dedupe_key = "
    "'watch_confirm/' || {table}.ticket_id || '/' || lower({table}.address) || '/' || today))"
)
#: A customer's key ends with who wrote it, so that nobody takes one that a colleague will need; what an address is
#: asked once a day is the same, whoever asks.
_MY_KEY = f"({{table}}.kind = 'watch_confirm' or {{table}}.dedupe_key like '%/by/' || {ME})"
_BY_ME = _MY_NAME.format(me=ME, said="{table}.context ->> 'by'")
#: What customers' deeds are told by. The desk's words come from the desk, and what runs out is the worker's news.
_CUSTOMER_TELLS = (
    "({table}.kind in ('ticket_submitted', 'watch_confirm') "
    "or ({table}.kind = 'ticket_status' and {table}.context ->> 'status' = parent.status) "
    f"or ({{table}}.kind = 'ticket_note' and {_BY_ME})) and {_MY_KEY}"
)
_OF_FUNCTIONS = (*OF_SIGNING_IN, *OF_ACCESS, *OF_ACCOUNTS, *OF_DISPUTES, *OF_MONEY)
_WRITTEN_BY_FUNCTIONS = ", ".join(repr(str(kind)) for kind in _OF_FUNCTIONS)
_NOT_OF_SIGNING_IN = f"kind not in ({_WRITTEN_BY_FUNCTIONS})"
_DESK_TELLS = (
    f"({{table}}.{_NOT_OF_SIGNING_IN} and {{table}}.kind not in "
    "('sla_warning', 'sla_breach', 'storage_ends', 'ticket_answered', 'ticket_note') "
    f"or ({{table}}.kind in ('ticket_answered', 'ticket_note') and {_BY_ME}))"
)
#: That an account stands somewhere else now: who runs it, or did until then.
_ADMINISTRATOR_TELLS = (
    f"({staff(P.ACCOUNT_MANAGE)} and kind = '{MailKind.ACCOUNT_MOVED}' and ticket_id is null "
    "and account_id is not null and exists (select from portal.membership m "
    "where m.person_id = {table}.person_id and m.role = 'paa'))"
)
_TELLS = {Hat.CUSTOMER: _CUSTOMER_TELLS, Hat.OWN: _CUSTOMER_TELLS, Hat.STAFF: _DESK_TELLS}


class AuditEntry(Base):
    """Who did what, when, from where, before → after. It can be added to, never changed (no grant, a trigger)."""

    __tablename__ = "audit_entry"
    id: Mapped[Id]
    at: Mapped[Created] = mapped_column(server_default=text("clock_timestamp()"))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str | None]
    #: Filled in by the database for a person (authz.name_actor), and "system" where nobody says otherwise.
    actor_kind: Mapped[str]
    audience: Mapped[str]
    account_id: Mapped[int | None]
    #: The function that guards the object: without it the row, before and after stay hidden.
    function: Mapped[str | None]
    action: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str | None]
    object_label: Mapped[Number | None]
    address: Mapped[str | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    reason: Mapped[str | None]
    #: Its place in the chain: the order in which entries were sealed, whatever order they were committed in.
    seal: Mapped[int | None] = mapped_column(unique=True)
    previous_hash: Mapped[bytes | None]
    hash: Mapped[bytes | None]
    uuid: Mapped[PublicId]
    search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(
            "portal.search_vector(coalesce(account_id, 0), coalesce(object_label, ''), coalesce(actor_name, '') "
            "|| ' ' || coalesce(reason, ''))",
            persisted=True,
        ),
    )
    __table_args__ = (
        one_of("audience", ("customer", "staff")),
        one_of("actor_kind", ActorKind),
        *order_of_list("audit_entry", "newest", "at", "id", carrying=_AUDIT_FILTERS),
        Index("ix_audit_entry_object", "object_label"),
        Index("ix_audit_entry_search", "search", postgresql_using="gin"),
        Index("ix_audit_entry_unsealed", "id", postgresql_where=text("hash is null")),
        table_info(
            Rows(
                see={
                    Hat.CUSTOMER: f"account_id = {account(P.USER_MANAGE)} and {_TOLD_TO_CUSTOMERS}",
                    Hat.MANY: f"account_id = {several(P.USER_MANAGE)} and {_TOLD_TO_CUSTOMERS}",
                    Hat.STAFF: staff(P.AUDIT_READ),
                },
                insert={
                    **{
                        hat: Write(
                            _AUDIT,
                            f"actor_id = {ME} and {_MY_NAME.format(me=ME, said='actor_name')} "
                            f"and (account_id is null or {ours})"
                            + (" and audience = 'customer'" if hat in CUSTOMER_HATS else ""),
                        )
                        for hat, ours in OUR_ACCOUNT.items()
                    },
                    Hat.WORKER: Write(_AUDIT, "actor_id is null"),
                },
                columns=dict.fromkeys((Hat.CUSTOMER, Hat.MANY), _AUDIT_FOR_CUSTOMERS),
            )
        ),
    )


class AuditChain(Base):
    """How far the audit log is sealed, and the hash of the last entry that is: one row, which a sealer holds."""

    __tablename__ = "audit_chain"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[int] = mapped_column(server_default=text("0"))
    hash: Mapped[bytes | None]
    __table_args__ = (CheckConstraint("id = 1", name="one"), table_info(nobody()))


class Mail(Base):
    """The outbox: one mail to one recipient, written in the transaction of what it tells about (data/outbox.py)."""

    __tablename__ = "mail"
    id: Mapped[Id]
    account_id: Mapped[int | None]
    dedupe_key: Mapped[str]
    #: The hat that wrote it, which nobody may say: a key that a customer takes holds up no mail of the desk.
    written_by: Mapped[str] = mapped_column(server_default=text("current_user"))
    kind: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    address: Mapped[str | None]
    ticket_id: Mapped[int | None]
    #: What only the command knew, such as the words of a reply; what the recipient may read is decided at delivery.
    context: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    message_id: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="ready")
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_at: Mapped[Created]
    lease_until: Mapped[Moment | None]
    last_error: Mapped[str | None]
    sent_at: Mapped[Moment | None]
    created_at: Mapped[Created]
    __table_args__ = (
        one_of("state", MailState),
        one_of("kind", MailKind),
        CheckConstraint("(person_id is null) <> (address is null)", name="one_recipient"),
        # a row without an account would pass the key: only what concerns a ticket has one
        CheckConstraint("ticket_id is null or account_id is not null", name="ticket_has_account"),
        ForeignKeyConstraint(["account_id", "ticket_id"], ["ticket.account_id", "ticket.id"]),
        # per account, ticket and writer: a key that is taken must not tell, and not hold up, what others are sent
        UniqueConstraint("account_id", "ticket_id", "written_by", "dedupe_key", postgresql_nulls_not_distinct=True),
        Index("ix_mail_ready", "next_at", "id", postgresql_where=text("state = 'ready'")),
        Index("ix_mail_dead", "id", postgresql_where=text("state = 'dead'")),
        Index("ix_mail_ticket", "account_id", "ticket_id", "id"),
        table_info(
            Rows(
                see={Hat.WORKER: "true", Hat.STAFF: staff(P.TICKET_WORK)},
                # the desk sees how far a mail is, and starts a dead one again; never what is in it
                columns={
                    Hat.STAFF: (
                        "id", "account_id", "ticket_id", "kind", "person_id", "address", "state", "attempts", "next_at",
                        "sent_at", "created_at",
                    )
                },
                update={
                    Hat.WORKER: Write(("state", "attempts", "next_at", "lease_until", "last_error", "sent_at"), "true"),
                    Hat.STAFF: Write(
                        ("state", "attempts", "next_at"), f"{staff(P.TICKET_WORK)} and state in ('dead', 'ready')"
                    ),
                },
                insert={
                    **{
                        hat: Write(
                            _MAIL,
                            "state = 'ready' and attempts = 0 and ("
                            + of_a_ticket_worked_on(hat, f"{_HEARS_OF_IT} and {_ASKED_ONCE} and {tells}")
                            + (f" or {_ADMINISTRATOR_TELLS})" if hat is Hat.STAFF else ")"),
                        )
                        for hat, tells in _TELLS.items()
                    },
                    Hat.WORKER: Write(_MAIL, f"state = 'ready' and attempts = 0 and {_NOT_OF_SIGNING_IN}"),
                },
                delete={Hat.WORKER: f"state <> 'ready' and created_at < now() - interval '{MAIL_IS_KEPT}'"},
            )
        ),
    )  # fmt: skip


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
