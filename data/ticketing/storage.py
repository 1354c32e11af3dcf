"""What we keep for a customer has its time: who waits for it hears once, the day before the storage ends."""

from __future__ import annotations

from sqlalchemy import Connection, text

from data import outbox
from rules.lifecycle import IN_STORAGE
from rules.mail import MailKind

#: By the site's calendar. What ended long before somebody looked, such as in rows that were brought along, is no news.
_ENDING = """
select t.account_id, t.id, s.storage_until from portal.shipment s
join portal.ticket t on t.account_id = s.account_id and t.id = s.ticket_id
left join portal.site place on place.id = t.site_id
where t.status = any(:waiting) and s.storage_until is not null
  and s.storage_until - (now() at time zone coalesce(place.time_zone, 'UTC'))::date between -3 and 1
order by t.id
"""


def tell_of_storage(connection: Connection) -> None:
    """As the worker. The key makes it one mail for each follower, however often somebody looks."""
    for account_id, ticket_id, until in connection.execute(text(_ENDING), {"waiting": list(IN_STORAGE)}).all():
        outbox.tell_followers(
            connection,
            kind=MailKind.STORAGE_ENDS,
            account_id=account_id,
            ticket_id=ticket_id,
            context={"until": until},
            dedupe_key=f"{MailKind.STORAGE_ENDS}/{ticket_id}/{until}",
        )
