"""What stands beside tickets by the million: the details of each kind, and the log and clocks of what is still open."""

from __future__ import annotations

from data.demo.bulk.drawing import FIRST_SECONDS, SECOND_SECONDS, drawn, one_of, when

_OURS = "(select *, id - :base as n from portal.ticket where id > :base) t"

REMOTE_HANDS = f"""
insert into portal.remote_hands (ticket_id, account_id, schedule, starts_at, task_type)
select id, account_id, case when starts_at is null then 'routine' else 'scheduled' end, starts_at,
    {one_of("restart*3 cable_install*3 equipment_install*3 cable_move*2 pictures other*2", drawn(11))}
from {_OURS}, lateral (
    select case when status = 'scheduled' then next_deadline
                when status = 'closed' and {drawn(12)} % 3 = 0 then opened_at + interval '6 hours' end as starts_at) s
where kind = 'remote_hands'
"""

FAULTS = f"""
insert into portal.fault (ticket_id, account_id, occurred_at, fault_category, service_down, redundancy_lost)
select id, account_id, opened_at - make_interval(mins => ({drawn(13)} % 90)::int),
    {one_of("power*3 network*3 cross_connect*3 cooling*2 other", drawn(11))}, severity = 'P1', severity in ('P1', 'P2')
from {_OURS} where kind = 'fault'
"""

SHIPMENTS = f"""
insert into portal.shipment (
    ticket_id, account_id, expected_on, carrier, packages, received_at, notified_at, storage_until)
select id, account_id, (opened_at + interval '1 day')::date, {one_of("dhl*3 fedex*3 ups*3 hand_carry", drawn(11))},
    1 + {drawn(12)} % 6, received_at, case when status <> 'received' then received_at + interval '2 hours' end,
    (received_at + interval '5 days')::date
from {_OURS}, lateral (
    select case when direction = 'inbound' and status in ('received', 'delivered', 'closed')
                then opened_at + interval '30 minutes' end as received_at) r
where kind = 'shipment'
"""

VISITS = f"""
insert into portal.site_visit (ticket_id, account_id, starts_at, ends_at, purpose, escort)
select id, account_id, starts_at, starts_at + interval '4 hours', subject, {drawn(12)} % 3 = 0
from {_OURS}, lateral (
    select date_trunc('hour', opened_at) + make_interval(hours => (6 + {drawn(11)} % 90)::int) as starts_at) s
where kind = 'site_visit'
"""

#: The way each open ticket came: opened, answered, and into the state it is in.
LOG = """
with going_on as (select * from portal.ticket where id > :base and category <> 'done'),
move as (
    select id, account_id, 1 as turn, null as before, 'submitted' as status, 'open' as category, severity,
        requested_by as person, 'customer' as actor, opened_at as at
    from going_on
    union all
    select id, account_id, 2, 'submitted', status, category, severity, null, 'desk',
        coalesce(paused_since, first_answered_at)
    from going_on where status <> 'submitted'
)
insert into portal.status_change (
    account_id, ticket_id, from_status, to_status, category, severity, by_person_id, by_actor, changed_at)
select account_id, id, before, status, category, severity, person, actor, at from move order by id, turn
"""

#: The clocks of what is open; of what is done the ticket's own times tell enough.
CLOCKS = f"""
with timed as (
    select *, {FIRST_SECONDS} as first_seconds, {SECOND_SECONDS} as second_seconds
    from portal.ticket where id > :base and category <> 'done'
),
clock as (
    select id, account_id, site_id, kind, 'first_answer' as clock, opened_at as started_at, first_seconds as seconds,
        first_answered_at as stopped_at, null::timestamptz as paused_since
    from timed
    union all
    select id, account_id, site_id, kind, 'second', opened_at,
        case kind when 'fault' then second_seconds else extract(epoch from next_deadline - opened_at) end,
        null, paused_since
    from timed where kind = 'fault' or status = 'scheduled'
    union all
    select id, account_id, site_id, kind, 'second', opened_at + interval '30 minutes', 43200, null, null
    from timed where status = 'received'
),
due as (
    select *, {when("started_at", "seconds")} as deadline, {when("started_at", "seconds * 0.75")} as warning,
        coalesce(stopped_at, cast(:now as timestamptz)) as until
    from clock
)
insert into portal.ticket_clock (
    account_id, ticket_id, site_id, kind, clock, started_at, target_seconds, paused_since, deadline, stopped_at,
    outcome, warned_at, breach_told_at)
select account_id, id, site_id, kind, clock, started_at, seconds, paused_since,
    case when paused_since is null then deadline end, stopped_at,
    case when stopped_at <= deadline then 'met' when stopped_at is not null then 'breached' end,
    case when paused_since is null and warning < until then warning end,
    case when paused_since is null and deadline < until then deadline end
from due
order by id, clock
"""
