"""The chain that seals the audit log: what of an entry is hashed, and the search for the first that does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

#: An entry `e` as text, the same whatever the server is set to: all that it says, its place, and the hash before it.
#: A column that comes later joins as a form of its own; what is sealed in this one stays as it is.
CANONICAL = """jsonb_build_array(
    'audit/1', e.seal, encode(e.previous_hash, 'hex'), e.id, e.uuid, (extract(epoch from e.at) * 1000000)::bigint,
    e.actor_id, e.actor_kind, e.actor_name, e.audience, e.account_id, e.function, e.action, e.object_kind, e.object_id,
    e.object_label, e.address, e.before, e.after, e.reason)::text"""

#: Its own words, not the database's function: whoever could change the one could change the other. `fits` first tells
#: whether the entry is what was sealed, then whether it follows the one before.
_FIRST_BROKEN = f"""
select e.place, e.seal, e.id, e.at, e.action, e.fits from (
    select e.*, row_number() over chain as place, lag(e.hash) over chain as before_it,
           e.hash is not distinct from sha256(convert_to({CANONICAL}, 'UTF8')) as fits
    from portal.audit_entry e where e.seal is not null or e.hash is not null
    window chain as (order by e.seal, e.id)) e
where e.seal is distinct from e.place or not e.fits or e.previous_hash is distinct from e.before_it
order by e.seal, e.id limit 1
"""
_ENDS = """
select c.sealed, c.hash, last.seal, last.hash as last_hash, waiting.n from (select 1) one
left join portal.audit_chain c on c.id = 1
left join lateral (
    select e.seal, e.hash from portal.audit_entry e where e.seal is not null order by e.seal desc limit 1) last on true
cross join (select count(*) as n from portal.audit_entry e where e.hash is null) waiting
"""


@dataclass(frozen=True)
class Broken:
    """The first place where the log is not what was sealed."""

    what: str

    def __str__(self) -> str:
        return f"the audit log was tampered with: {self.what}"


@dataclass(frozen=True)
class Intact:
    """How many entries are sealed, the hash of the last of them, and how many still wait."""

    sealed: int
    hash: str
    waiting: int


def verify(connection: Connection) -> Intact | Broken:
    """Walk along the chain, as somebody who may read all of it."""
    connection.execute(text("set transaction isolation level repeatable read"))
    broken = connection.execute(text(_FIRST_BROKEN)).one_or_none()
    if broken is not None:
        return Broken(_said(*broken))
    sealed, head, last, last_hash, waiting = connection.execute(text(_ENDS)).one()
    if sealed is None:
        return Broken("nothing says any more how far it is sealed (portal.audit_chain)")
    if (sealed, head) != (last or 0, last_hash):
        last_one = f"entry {last}" if last else "nothing"
        return Broken(f"{sealed} entries were sealed and the last that is there is {last_one}: the end was removed")
    return Intact(sealed, bytes(head).hex() if head else "", waiting)


def _said(place: int, seal: int | None, row: int, at: datetime, action: str, fits: bool) -> str:
    named = f"{action} of {at:%Y-%m-%d %H:%M:%S %Z} (id {row})"
    if seal is not None and seal > place:
        missing = f"entry {place}" if seal == place + 1 else f"entries {place} to {seal - 1}"
        return f"{missing} removed, just before entry {seal}, {named}"
    if seal != place:
        return f"inserted at place {place}: {named}"
    if not fits:
        return f"entry {seal} was changed: {named}"
    return f"entry {seal} does not follow the one before it: {named}"
