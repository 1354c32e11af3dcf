"""Inventory items and orders by the hundred thousand."""

from __future__ import annotations

from data.demo.bulk.drawing import HIS_SLOT, SITE, SLOT, drawn, one_of, uuid_of, when
from data.demo.prices import PRODUCTS

ITEMS = f"""
with {SLOT},
numbered as (
    select n, {drawn(1)} as owner, {drawn(2)} as part, {drawn(3)} as luck, {drawn(4)} as days
    from generate_series(1, cast(:rows as bigint)) n offset 0
),
kinded as (
    select *,
        case when luck % 100 < 1 then 'cage' when luck % 100 < 13 then 'cabinet'
             when luck % 100 < 41 then 'power_circuit'
             when luck % 100 < 63 then 'cross_connect' when luck % 100 < 69 then 'ip_port' else 'hardware' end as kind,
        {one_of("active*16 reserved planned decommissioning decommissioned", "part")} as status,
        2 + part % 5 || 'F-' || lpad((part / 20 % 300)::text, 3, '0') as cabinet,
        cast(:today as date) - (10 + days % 720)::int as installed_on
    from numbered offset 0
)
insert into portal.inventory_item (
    id, uuid, account_id, asset_number, kind, label, customer_label, site_id, cabinet, status, installed_on,
    contract_end, monthly_charge, currency, attributes, created_at)
overriding system value
select :base + n, {uuid_of("inventory_item")}, account_id,
    'BLK-' || lpad(n::text, greatest(7, length(n::text)), '0'), kind,
    case kind when 'cage' then 'Cage ' || cabinet when 'cabinet' then 'Cabinet ' || cabinet
        when 'power_circuit' then 'Feed ' || chr(65 + (part / 7 % 2)::int) || ' of ' || cabinet
        when 'cross_connect' then cabinet || ' to MMR-' || 1 + part / 7 % 4 || ' port ' || 1 + part / 11 % 96
        when 'ip_port' then 'Internet port, ' || cabinet
        else {one_of("srv db gpu sw fw", "days")} || '-' || luck / 100 % 900 end,
    case when days % 3 = 0 then {one_of("web api db batch cache", "part / 3")} || ' rack ' || days % 60 end,
    {SITE}, cabinet, status,
    case when status not in ('planned', 'reserved') then installed_on end,
    case when status = 'decommissioned' then installed_on + (days % 10)::int
         when status not in ('planned', 'reserved') then
            installed_on + 365 * (1 + (days / 800 % 3)::int + (days % 720 / 360)::int) end,
    case kind when 'hardware' then null else 1000 * (50 + part / 13 % 900) end, currency,
    case kind when 'cage' then jsonb_build_object('area_m2', 12 + part / 17 % 50)
        when 'cabinet' then jsonb_build_object('height_u', 42 + 5 * (part / 17 % 2), 'limit_kw', 4 + part / 19 % 5)
        when 'power_circuit' then jsonb_build_object('feed', chr(65 + (part / 7 % 2)::int), 'voltage_v', 230,
            'amperage_a', 16 + 16 * (part / 17 % 2), 'phase', 'single', 'contracted_kva', 3.7 * (1 + part / 17 % 2),
            'measured_kw', round((part / 19 % 300) / 100.0, 2))
        when 'cross_connect' then jsonb_build_object('media', 'single-mode fibre', 'connector', 'LC', 'a_side', cabinet,
            'z_side', 'MMR-' || 1 + part / 7 % 4)
        when 'ip_port' then jsonb_build_object('speed_mbps', 1000, 'commit_mbps', 100, 'vlan', 100 + part / 17 % 3800)
        else jsonb_build_object('maker', 'Ostrava', 'model', 'R' || 100 + part / 17 % 9 * 20,
            'serial', 'OS' || luck % 100000000, 'height_u', 1 + part / 23 % 4) end,
    installed_on + interval '1 hour'
from kinded join slot on {HIS_SLOT}
"""

ORDERS = f"""
with {SLOT},
numbered as (
    select n, {drawn(1)} as owner, {drawn(2)} as part, {drawn(3)} as luck, {drawn(4)} as days,
        date_trunc('second', {when("cast(:began as timestamptz)", "n * cast(:step as float8)")}) as requested_at
    from generate_series(1, cast(:rows as bigint)) n offset 0
),
aged as (
    select *, extract(epoch from cast(:now as timestamptz) - requested_at) / 86400 as age from numbered offset 0
),
standing as (
    select *, case
        when luck % 20 = 0 then 'cancelled'
        when age < 4 then {one_of("received*6 in_progress*4", "luck / 20")}
        when age < 35 then {one_of("in_progress*9 on_hold*3 installed*8", "luck / 20")}
        when age < 70 then {one_of("in_progress*2 installed*12 closed*6", "luck / 20")}
        else 'closed' end as status
    from aged offset 0
)
insert into portal.service_order (
    id, uuid, account_id, number, site_id, request_type, status, customer_reference, requested_at, installed_at)
overriding system value
select :base + n, {uuid_of("service_order")}, account_id,
    'BO-' || lpad(n::text, greatest(7, length(n::text)), '0'), {SITE},
    {one_of("new*5 change*3 renewal termination", "part")}, status,
    case when part % 3 < 2 then 'PO-' || part / 10 % 100000 end, requested_at,
    case when status in ('installed', 'closed') then
        {when("requested_at", "round(86400 * least(age * 0.95, 4 + days % 40))")} end
from standing join slot on {HIS_SLOT}
"""

_NAMES = ", ".join("'" + product.name.replace("'", "''") + "'" for product in PRODUCTS)

ORDER_LINES = f"""
with ordered as (select *, id - :base as n from portal.service_order where id > :base)
insert into portal.order_line (
    account_id, order_id, line, product, quantity, site_id, one_time_charge, monthly_charge, currency, status)
select o.account_id, o.id, 1, (array[{_NAMES}])[1 + {drawn(5)} % {len(PRODUCTS)}], 1 + {drawn(6)} % 8, o.site_id,
    1000 * (1 + {drawn(7)} % 90), 1000 * (1 + {drawn(8)} % 300), a.currency, o.status
from ordered o join portal.account a on a.id = o.account_id
"""
