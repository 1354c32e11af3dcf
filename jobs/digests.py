"""News that were gathered go out together: one mail a day for whoever wants it so, at eight o'clock on their clock."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, text

from data.outbox import tell
from rules.mail import MailKind

#: Whose day is over by now (authz.next_digest said when). Rows that another worker holds are that one's.
_DUE = text(
    "select id, person_id from portal.mail where state = 'gathered' and digest_id is null "
    "and next_at <= coalesce(:now, now()) order by person_id, id for update skip locked"
)
_TOGETHER = text(
    "update portal.mail i set digest_id = d.id from portal.mail d "
    "where i.id = any(:ids) and d.kind = 'daily_digest' and d.person_id = :person and d.dedupe_key = :key"
)


def make_digests(connection: Connection, now: datetime | None = None) -> None:
    """One mail for each person who has something due, and nothing for the others. What it says, and whether its reader
    may still read it, is decided when it is delivered."""
    due = connection.execute(_DUE, {"now": now}).all()
    for person, rows in groupby(due, key=lambda row: row.person_id):
        ids = [row.id for row in rows]
        key = f"daily_digest/{person}/{ids[-1]}"
        tell(connection, kind=MailKind.DAILY_DIGEST, account_id=None, person_id=person, dedupe_key=key)
        connection.execute(_TOGETHER, {"ids": ids, "person": person, "key": key})
