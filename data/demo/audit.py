"""The demo's audit log: what the commands would have noted of the moves of its last three months of tickets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

#: The key of an entry is made of its move's, so that the same seed gives the same log.
_MOVES = text("""
insert into portal.audit_entry (
    uuid, at, actor_id, actor_name, audience, account_id, function, action, object_kind, object_id, object_label,
    before, after, reason)
select md5('audit/' || c.id)::uuid, c.changed_at, c.by_person_id, p.name, 'customer', c.account_id,
       'ticket.view_company', case when c.from_status is null then 'ticket.submit' else 'ticket.move' end,
       'ticket', t.uuid::text, t.number,
       case when c.from_status is not null then jsonb_build_object('status', c.from_status) end,
       case when c.from_status is not null then jsonb_build_object('status', c.to_status)
            else jsonb_build_object('kind', t.kind, 'subject', t.subject) end,
       c.reason
from portal.status_change c
join portal.ticket t on t.account_id = c.account_id and t.id = c.ticket_id
left join portal.person p on p.id = c.by_person_id
where c.changed_at > cast(:now as timestamptz) - interval '90 days' and c.changed_at <= :now
  and c.from_status is distinct from c.to_status
order by c.changed_at, c.id
""")


def note_moves(connection: Connection, now: datetime) -> None:
    connection.execute(_MOVES, {"now": now})
