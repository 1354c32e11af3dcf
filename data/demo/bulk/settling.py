"""What hangs on invoices by the million: disputes with their threads, and the bank's lines that payments came by."""

from __future__ import annotations

from data.demo.bulk.drawing import SLOT, drawn, one_of, uuid_of
from rules.disputes import DisputeReason

_REASON = one_of(" ".join(DisputeReason), drawn(8))
_OVER = one_of("closed*17 rejected*3", drawn(9))

_PRINT = "sha256(convert_to('line ' || n, 'UTF8'))"

#: Every invoice that is marked goes on being disputed; of those that were paid, one in a hundred was.
DISPUTES = f"""
with {SLOT},
person as materialized (
    select distinct account_id, paa from slot
),
invoice as (
    select *, id - :base as n from portal.invoice where id > :base and (disputed or state = 'paid')
),
questioned as (
    select *, least(issue_date + interval '3 hours' + make_interval(hours => ({drawn(10)} % 480)::int),
                    cast(:now as timestamptz)) as asked_at,
        case when not disputed then {_OVER} when {drawn(9)} % 2 = 0 then 'open' else 'answered' end as stands
    from invoice where disputed or {drawn(7)} % 100 = 0 offset 0
)
insert into portal.dispute (
    uuid, account_id, invoice_id, number, reason, amount, state, opened_by, opened_at, updated_at, closed_at)
select {uuid_of("dispute")}, account_id, id, number, {_REASON}, case when disputed then balance else total end, stands,
    paa, asked_at, least(asked_at + interval '1 day', cast(:now as timestamptz)),
    case stands when 'closed' then least(asked_at + interval '1 day', cast(:now as timestamptz)) end
from questioned join person using (account_id)
order by asked_at, id
"""

#: What was asked; and, unless it is still open, what finance said.
THREADS = f"""
with d as (
    select d.*, d.invoice_id - :base as n, p.name from portal.dispute d join portal.person p on p.id = d.opened_by
    where d.invoice_id > :base
)
insert into portal.dispute_message (
    uuid, account_id, dispute_id, side, author_id, author_name, body, brought, written_at)
select {uuid_of("question")}, account_id, id, 'customer', opened_by, name,
    'We count fewer cross connects than the invoice. Two of them were cancelled last quarter.', 'open', opened_at
from d
union all
select {uuid_of("answer")}, account_id, id, 'finance', null, 'Finance',
    'Thank you. We checked it against the order history and come back to you.', state, updated_at
from d where state <> 'open'
"""

#: The day on which an invoice was paid.
PAID_ON = f"least(due_date - 10 + ({drawn(6)} % 20)::int, cast(:today as date))"
#: As many wait for a person as one works off in a day, however many there are.
_WAITING = 40
_SET_ASIDE = f"place > {_WAITING} and {drawn(12)} % 25 = 0"

#: One payment in four came by a line of an imported file; some lines are for no invoice, and were set aside.
BANK_LINES = f"""
with line as (
    select *, row_number() over (order by paid_on desc, n desc) as place,
        least(paid_on + interval '10 hours', cast(:now as timestamptz)) as came_at
    from (select id - :base as n, due_date, paid, currency from portal.invoice where id > :base and paid > 0) i,
        lateral (select {PAID_ON} as paid_on) d
    where {drawn(11)} % 4 = 0
)
insert into portal.bank_line (
    uuid, fingerprint, booked_on, amount, currency, reference, payer, file, assigned, imported_at, set_aside_at,
    set_aside_by, reason)
select {uuid_of("line")}, {_PRINT}, paid_on, paid, currency, 'line ' || n, 'Customer ' || n % 500,
    'bank-' || paid_on || '.csv', case when place <= {_WAITING} or {_SET_ASIDE} then 0 else paid end, came_at,
    case when {_SET_ASIDE} then came_at end,
    case when {_SET_ASIDE} then (select min(id) from portal.person where kind = 'staff') end,
    case when {_SET_ASIDE} then 'Not for us' end
from line
"""

PAYMENTS = f"""
with paid as (select *, id - :base as n from portal.invoice where id > :base and paid > 0)
insert into portal.payment (
    uuid, account_id, invoice_id, amount, currency, paid_on, reference, recorded_at, bank_line_id)
select {uuid_of("payment")}, account_id, paid.id, paid, paid.currency, paid_on, 'Bank transfer ' || n,
    least(paid_on + interval '10 hours', cast(:now as timestamptz)), b.id
from paid cross join lateral (select {PAID_ON} as paid_on) d
left join portal.bank_line b on b.fingerprint = {_PRINT} and b.assigned > 0
"""
