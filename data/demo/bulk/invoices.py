"""Invoices by the million: most paid, the younger open, some overdue at every age; lines that sum exactly."""

from __future__ import annotations

from data.demo.bulk.drawing import HIS_SLOT, SLOT, drawn, uuid_of
from data.demo.prices import PRODUCTS


def _quantity(line: int | str) -> str:
    return f"(1 + hashint8extended(n, cast(:seed as bigint) * 100 + 20 + {line}) % 6 + 6)"


def _price(line: int | str) -> str:
    """Hundreds, so that every tax is a whole number in any currency."""
    return f"(100 * (1000 + hashint8extended(n, cast(:seed as bigint) * 100 + 30 + {line}) % 900))"


def _lines(n: str = "n") -> str:
    return f"(case when {drawn(4, n)} % 3 = 0 then 2 else 1 end)"


INVOICES = f"""
with {SLOT},
numbered as (
    select n, {drawn(1)} as owner, {drawn(2)} as luck, {drawn(3)} as part,
        cast(:began as date) + floor(n * cast(:step as float8) / 86400)::int as issue_date,
        {_quantity(1)} * {_price(1)} + case when {_lines()} = 2 then {_quantity(2)} * {_price(2)} else 0 end as subtotal
    from generate_series(1, cast(:rows as bigint)) n offset 0
),
aged as (
    select *, cast(:today as date) - (issue_date + 30) as late from numbered offset 0
),
standing as (
    select *, case
        when late <= 0 and luck % 1000 < 200 then 'paid'
        when late <= 0 then case when luck % 1000 < 250 then 'partially_paid' else 'issued' end
        when luck % 1000 < case when late <= 30 then 300 when late <= 60 then 80 when late <= 90 then 40 else 12 end
            then 'issued'
        when luck % 1000 < case when late <= 30 then 380 when late <= 60 then 100 when late <= 90 then 50 else 15 end
            then 'partially_paid'
        when luck % 1000 >= 988 then 'void'
        when late > 180 and luck % 1000 >= 983 then 'written_off'
        else 'paid' end as state
    from aged offset 0
),
taxed as (
    select *, round(subtotal * tax_rate) as tax from standing join slot on {HIS_SLOT} offset 0
),
whole as (
    select *, subtotal + tax as total from taxed offset 0
)
insert into portal.invoice (
    id, uuid, account_id, issuer_id, number, bill_to, issue_date, due_date, terms, period_start, period_end, currency,
    subtotal, tax, total, paid, written_off, state, disputed, purchase_order, site_ids, created_at, updated_at)
overriding system value
select :base + n, {uuid_of("invoice")}, account_id, issuer_id,
    'BLK-' || extract(year from issue_date) || '-' || lpad(n::text, greatest(7, length(n::text)), '0'),
    code, issue_date, issue_date + 30, 'Net 30', issue_date - 30, issue_date - 1, currency, subtotal, tax, total,
    case state when 'paid' then total when 'partially_paid' then round(total * 0.4) else 0 end,
    case state when 'written_off' then total else 0 end,
    state, state in ('issued', 'partially_paid') and part % 25 = 0,
    case when part % 2 = 0 then 'PO-' || part / 2 % 100000 end,
    array[main_site],
    issue_date + interval '3 hours', issue_date + interval '3 hours'
from whole
"""

_PRODUCT_NAMES = ", ".join("'" + product.name.replace("'", "''") + "'" for product in PRODUCTS)
_PRODUCT = f"(array[{_PRODUCT_NAMES}])[1 + ({drawn(5)} + line) % {len(PRODUCTS)}]"

LINES = f"""
with {SLOT},
site as materialized (
    select distinct account_id, main_site from slot
),
line as (
    select i.id, i.account_id, i.tax, i.subtotal, i.id - :base as n, line
    from portal.invoice i cross join generate_series(1, 2) line
    where i.id > :base and line <= {_lines("i.id - :base")}
),
priced as (
    select *, {_quantity("line")} as quantity, {_price("line")} as price from line offset 0
)
insert into portal.invoice_line (
    account_id, invoice_id, line, description, site_id, product, quantity, unit_price, charge, amount, tax)
select account_id, id, line, {_PRODUCT}, main_site, {_PRODUCT}, quantity, price, 'recurring', quantity * price,
    round(quantity * price * tax / subtotal)
from priced join site using (account_id)
"""
