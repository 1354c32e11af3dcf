"""Mail that waits to be sent, and by whose deeds it may be written."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, Created, Id, Moment, one_of, table_info
from data.models.rows import (
    ME,
    MY_NAME,
    Hat,
    Rows,
    Write,
    staff,
)
from data.models.tickets import of_a_ticket_worked_on
from rules.mail import (
    OF_ACCESS,
    OF_ACCOUNTS,
    OF_DISPUTES,
    OF_ISSUERS,
    OF_MESSAGES,
    OF_MONEY,
    OF_NOTICES,
    OF_REPORTS,
    OF_SIGNING_IN,
    MailKind,
    MailState,
)
from rules.permissions import Permission

P = Permission

#: How long the words of a mail that is over stay in the outbox.
MAIL_IS_KEPT = "90 days"

_MAIL = ("account_id", "dedupe_key", "kind", "person_id", "address", "ticket_id", "context", "message_id")


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

_BY_ME = MY_NAME.format(me=ME, said="{table}.context ->> 'by'")

#: What customers' deeds are told by. The desk's words come from the desk, and what runs out is the worker's news.
_CUSTOMER_TELLS = (
    "({table}.kind in ('ticket_submitted', 'watch_confirm') "
    "or ({table}.kind = 'ticket_status' and {table}.context ->> 'status' = parent.status) "
    f"or ({{table}}.kind = 'ticket_note' and {_BY_ME})) and {_MY_KEY}"
)

_OF_FUNCTIONS = (
    *OF_SIGNING_IN, *OF_ACCESS, *OF_ACCOUNTS, *OF_DISPUTES, *OF_MONEY, *OF_ISSUERS, *OF_REPORTS, *OF_MESSAGES,
    *OF_NOTICES,
)  # fmt: skip
_WRITTEN_BY_FUNCTIONS = ", ".join(repr(str(kind)) for kind in _OF_FUNCTIONS)

_NOT_OF_SIGNING_IN = f"kind not in ({_WRITTEN_BY_FUNCTIONS})"

_DESK_TELLS = (
    f"({{table}}.{_NOT_OF_SIGNING_IN} and {{table}}.kind not in "
    "('sla_warning', 'sla_breach', 'storage_ends', 'ticket_answered', 'ticket_note', 'daily_digest') "
    f"or ({{table}}.kind in ('ticket_answered', 'ticket_note') and {_BY_ME}))"
)

#: That an account stands somewhere else now: who runs it, or did until then.
_ADMINISTRATOR_TELLS = (
    f"({staff(P.ACCOUNT_MANAGE)} and kind = '{MailKind.ACCOUNT_MOVED}' and ticket_id is null "
    "and account_id is not null and exists (select from portal.membership m "
    "where m.person_id = {table}.person_id and m.role = 'paa'))"
)

#: Nobody sends it any more.
_IS_OVER = "exists (select from portal.mail m where m.id = {table}.mail_id and m.state <> 'ready')"

_TELLS = {Hat.CUSTOMER: _CUSTOMER_TELLS, Hat.OWN: _CUSTOMER_TELLS, Hat.STAFF: _DESK_TELLS}


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
    #: The mail in which a gathered one is told, which concerns no account and so is named by no key.
    digest_id: Mapped[int | None]
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
        Index("ix_mail_gathered", "next_at", postgresql_where=text("state = 'gathered' and digest_id is null")),
        Index("ix_mail_digest", "digest_id", postgresql_where=text("digest_id is not null")),
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
                    Hat.WORKER: Write(
                        ("state", "attempts", "next_at", "lease_until", "last_error", "sent_at", "digest_id"), "true"
                    ),
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


class MailFile(Base):
    """What goes along with a mail, until it is sent: written by a function together with the mail, for the worker."""

    __tablename__ = "mail_file"
    mail_id: Mapped[int] = mapped_column(ForeignKey("mail.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str]
    media_type: Mapped[str]
    content: Mapped[bytes]
    __table_args__ = (
        CheckConstraint("octet_length(content) between 1 and 10485760", name="size"),
        table_info(Rows(see={Hat.WORKER: "true"}, delete={Hat.WORKER: _IS_OVER})),
    )
