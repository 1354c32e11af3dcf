"""The outbox: what somebody is to be told by mail, written in the transaction of what it tells about.

A row names the kind of mail, the recipient and what only the command knows. Whether the recipient may read it, in which
language, and what the ticket says are decided when its turn comes (docs/decisions/0009)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from email.utils import parseaddr
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, text

from data.models.rows import Hat
from data.settings import settings
from rules.mail import MailKind

#: A customer's keys end with who wrote them: nobody takes one that a colleague will need. What an address is asked once
#: a day is the same, whoever asks (both: data/models/mail.py).
_MY_KEY = (
    f":dedupe_key || case when current_user in ('{Hat.CUSTOMER}', '{Hat.OWN}') and :kind <> '{MailKind.WATCH_CONFIRM}' "
    "then '/by/' || authz.me() else '' end"
)
#: Without a conflict target, because nobody who writes here may read the keys that are taken.
_WRITE = text(
    "insert into portal.mail (account_id, dedupe_key, kind, person_id, address, ticket_id, context, message_id) "
    f"values (:account_id, {_MY_KEY}, :kind, :person_id, :address, :ticket_id, cast(:context as jsonb), :message_id) "
    "on conflict do nothing"
)

#: Under the hat of the person who did it; the worker, who reads no names on tickets, asks a helper.
_FOLLOWERS = """
select t.requested_by as person_id, null as address from portal.ticket t
where t.account_id = :account_id and t.id = :ticket_id and t.requested_by is not null
union
select w.person_id, w.email from portal.ticket_watcher w
where w.account_id = :account_id and w.ticket_id = :ticket_id and (w.email is null or w.confirmed_at is not null)
"""
_FOLLOWERS_FOR_WORKER = "select person_id, address from authz.followers(:account_id, :ticket_id)"


def tell(
    connection: Connection,
    *,
    kind: MailKind,
    account_id: int | None,
    person_id: int | None = None,
    address: str | None = None,
    context: Mapping[str, object] | None = None,
    dedupe_key: str | None = None,
    ticket_id: int | None = None,
) -> bool:
    """One mail to a person, or to an outside address. One hat writes a key once about a ticket: else False."""
    assert (person_id is None) != (address is None), "one recipient: a person or an address"
    written = connection.execute(
        _WRITE,
        {
            "account_id": account_id,
            "dedupe_key": dedupe_key or str(uuid4()),
            "kind": kind,
            "person_id": person_id,
            "address": address,
            "ticket_id": ticket_id,
            "context": _as_json(context or {}),
            "message_id": new_message_id(),
        },
    )
    return written.rowcount == 1


def tell_followers(
    connection: Connection,
    *,
    kind: MailKind,
    account_id: int,
    ticket_id: int,
    context: Mapping[str, object] | None = None,
    dedupe_key: str,
    but_not: int | None = None,
) -> None:
    """Everyone who follows the ticket: its requester and its watchers, each in a mail of their own; `but_not` is the
    person who did it and knows."""
    worker = connection.scalar(text("select current_user")) == Hat.WORKER
    asked = text(_FOLLOWERS_FOR_WORKER if worker else _FOLLOWERS)
    for person_id, address in connection.execute(asked, {"account_id": account_id, "ticket_id": ticket_id}).all():
        if person_id is not None and person_id == but_not:
            continue
        tell(
            connection,
            kind=kind,
            account_id=account_id,
            person_id=person_id,
            address=address,
            context=context,
            dedupe_key=f"{dedupe_key}/{person_id or (address or '').lower()}",
            ticket_id=ticket_id,
        )


def new_message_id() -> str:
    """The same however often the mail is tried."""
    return f"<{uuid4()}@{mail_domain()}>"


def _as_json(context: Mapping[str, Any]) -> str:
    return json.dumps(context, default=_moment, ensure_ascii=False)


def _moment(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} in a mail's context")


def mail_domain() -> str:
    """Mail-IDs are ours: the domain that mail comes from."""
    return parseaddr(settings().mail_from)[1].rpartition("@")[2] or "localhost"
