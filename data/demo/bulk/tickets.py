"""Tickets by the million: three in a hundred still open, the others answered, done and closed, mostly in time."""

from __future__ import annotations

from data.demo.bulk.drawing import (
    DONE,
    FIRST_SECONDS,
    HIS_SLOT,
    SECOND_SECONDS,
    SITE,
    SLOT,
    drawn,
    one_of,
    uuid_of,
    when,
)
from data.demo.phrases import ENGLISH, Request

_OPEN_STATES = f"""case
    when kind = 'remote_hands' then
        {one_of("scheduled*5 submitted*3 acknowledged*4 in_progress*4 waiting_customer*3 on_hold", "state_draw")}
    when kind = 'fault' then
        {one_of("in_progress*9 submitted*3 acknowledged*2 waiting_customer*4 on_hold*2", "state_draw")}
    when direction = 'inbound' then
        {one_of("expected*9 submitted*3 acknowledged*2 received*5 partially_received", "state_draw")}
    when direction = 'outbound' then
        {one_of("packed*7 submitted*4 acknowledged*4 awaiting_pickup*5", "state_draw")}
    else {one_of("approved*11 submitted*4 pending_approval*3 checked_in*2", "state_draw")} end"""

_JUST_DONE = """case
    when kind in ('remote_hands', 'fault') then 'resolved' when direction = 'inbound' then 'delivered'
    when direction = 'outbound' then 'handed_over' else 'checked_out' end"""

_LONG_DONE = f"""case
    when kind in ('remote_hands', 'fault') then {one_of("closed*19 cancelled", "state_draw")}
    when kind = 'shipment' then {one_of("closed*18 cancelled refused", "state_draw")}
    else {one_of("closed*18 cancelled no_show", "state_draw")} end"""

_BY_KIND: dict[str, tuple[Request, ...]] = {
    "remote_hands": tuple(request for texts in ENGLISH.remote_hands.values() for request in texts),
    "fault": tuple(request for texts in ENGLISH.faults.values() for request in texts),
    "inbound": ENGLISH.inbound,
    "outbound": ENGLISH.outbound,
    "site_visit": ENGLISH.visits,
}
#: The texts in one row; `wording` below is a place in it.
REQUESTS = tuple(request for requests in _BY_KIND.values() for request in requests)
_WORDINGS = " ".join(
    f"when '{kind}' then {REQUESTS.index(requests[0]) + 1} + words_draw / 64 % {len(requests)}"
    for kind, requests in _BY_KIND.items()
)

#: From the number of the row to everything about the ticket, step by step.
_STEPS = f"""
numbered as (
    select n, {drawn(1)} as owner, {drawn(2)} as kind_draw, {drawn(3)} as part, {drawn(4)} as luck,
        {drawn(5)} as state_draw, {drawn(6)} as time_draw, {drawn(7)} as words_draw,
        date_trunc('second', {when("cast(:began as timestamptz)", "n * cast(:step as float8)")}) as opened_at
    from generate_series(1, cast(:rows as bigint)) n offset 0
),
kinded as (
    select *, extract(epoch from cast(:now as timestamptz) - opened_at) / 86400 as age,
        case when kind_draw % 100 < 55 then 'remote_hands' when kind_draw % 100 < 72 then 'fault'
             when kind_draw % 100 < 88 then 'shipment' else 'site_visit' end as kind
    from numbered offset 0
),
shaped as (
    select *,
        case when kind = 'shipment' then case when part % 10 < 7 then 'inbound' else 'outbound' end end as direction,
        case when kind = 'fault' then {one_of("P3*9 P1 P2*4 P4*6", "part")} end as severity,
        luck % 1000 < case when age < 14 then 600 when age < 60 then 150 when age < 200 then 25 else 3 end as going_on
    from kinded offset 0
),
standing as (
    select *, case when going_on then {_OPEN_STATES} when age < 5 then {_JUST_DONE} else {_LONG_DONE} end as status
    from shaped offset 0
),
weighed as (
    select *,
        case when status = 'waiting_customer' or (status = 'on_hold' and part % 2 = 0) then 'paused'
             when status in ({DONE}) then 'done' else 'open' end as category,
        {FIRST_SECONDS} as first_seconds,
        {SECOND_SECONDS} as second_seconds,
        10800 + time_draw % 864000 as lead_seconds,
        2 + words_draw % 5 || 'F-' || lpad((words_draw / 8 % 200)::text, 3, '0') as cabinet,
        {one_of("srv db gpu sw fw", "words_draw")} || '-' || part % 400 as device,
        case coalesce(direction, kind) {_WORDINGS} end as wording
    from standing offset 0
),
timed as (
    select *,
        case when status <> 'submitted' then
            {when("opened_at", "round(first_seconds * (0.05 + (time_draw % 1000) * 0.00103))")} end as answered_at,
        case when category = 'done' and status not in ('cancelled', 'refused', 'no_show') then
            {
    when(
        "opened_at",
        "round(coalesce(second_seconds, case kind when 'remote_hands' then 14400 else 300000 end)"
        " * (0.55 + (words_draw % 1000) * 0.00055))",
    )
} end as done_at
    from weighed offset 0
)"""

_NOW = "cast(:now as timestamptz)"


def _by_now(moment: str) -> str:
    """What would lie ahead happened just now; what never happened stays empty, which least() alone would not keep."""
    return f"case when {moment} is not null then least({moment}, {_NOW}) end"


TICKETS = f"""
with {SLOT},
{_STEPS}
insert into portal.ticket (
    id, uuid, account_id, number, kind, direction, site_id, subject, description, customer_reference, requested_by,
    status, category, severity, opened_at, first_answered_at, resolved_at, closed_at, next_deadline, paused_since,
    waiting_for, updated_at)
overriding system value
select
    :base + n, {uuid_of("ticket")}, slot.account_id,
    case r.kind when 'remote_hands' then 'RH-' when 'fault' then 'FR-' when 'shipment' then 'SH-' else 'SV-' end
        || extract(year from opened_at at time zone 'UTC') || '-'
        || lpad((:used + n)::text, greatest(6, length((:used + n)::text)), '0'),
    r.kind, direction, {SITE},
    format((cast(:subjects as text[]))[wording], cabinet, device, 1 + part % 48),
    format((cast(:descriptions as text[]))[wording], cabinet, device, 1 + part % 48),
    case when luck % 10 < 3 then 'REF-' || luck / 10 % 100000 end,
    case when r.kind = 'remote_hands' and owner / 10000 % 4 <> 0 and part % 5 < 2 then hands
         when part % 5 < 4 then full_user else paa end,
    status, category, severity, opened_at, {_by_now("answered_at")},
    {_by_now("done_at")},
    case when status = 'closed' then {_by_now("done_at + interval '5 days'")}
         when category = 'done' and done_at is null then {_by_now("answered_at + interval '1 hour'")} end,
    case when category <> 'open' then null
         when status = 'submitted' then {when("opened_at", "first_seconds")}
         when r.kind = 'fault' then {when("opened_at", "second_seconds")}
         when status = 'scheduled' then {when("opened_at", "lead_seconds")}
         when status = 'received' then opened_at + interval '12 hours 30 minutes' end,
    case when category = 'paused' then {_by_now("answered_at + interval '10 minutes'")} end,
    case when category = 'paused' then 'customer' end,
    least(coalesce(done_at, answered_at, opened_at), {_NOW})
from timed r
join slot on {HIS_SLOT}
"""
