-- What finance adds to an invoice: payments, credits, steps. Every hat of staff could try; each of these asks first whether it is
-- finance that does, holds the invoice, and lets through only what its amounts and its state allow. Balances and states follow
-- from the rows (triggers.py): no hat may write them. Owners (imports, the demo) are not asked.

-- Hold these invoices until the transaction ends, always in the same order: what is read after it stays true.
create or replace function authz.hold_invoices(wanted uuid[]) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
    if not authz.staff('invoice.manage') then
        raise exception 'permission denied: invoices are finance''s' using errcode = 'insufficient_privilege';
    end if;
    perform from portal.invoice i where i.uuid = any (wanted) order by i.id for no key update;
end $$;

create or replace function authz.refuse_money(why text) returns void
language plpgsql immutable security definer set search_path = '' as $$
begin
    raise exception 'permission denied: %', why using errcode = 'insufficient_privilege';
end $$;

-- A payment is of an invoice in force, in its currency, not of tomorrow. One that takes another back is its exact opposite.
create or replace function authz.check_payment() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
declare
    i record;
    was record;
begin
    if not authz.staff('invoice.manage') then perform authz.refuse_money('invoices are finance''s'); end if;
    select t.type, t.state, t.currency, (now() at time zone e.time_zone)::date as today into i
    from portal.invoice t join portal.legal_entity e on e.id = t.issuer_id
    where t.account_id = new.account_id and t.id = new.invoice_id for no key update of t;
    if not found or i.type <> 'invoice' or new.currency <> i.currency or new.paid_on > i.today then
        perform authz.refuse_money('no such payment of this invoice');
    end if;
    if new.reverses is null then
        if i.state not in ({in_force}) then perform authz.refuse_money('nothing is to be paid'); end if;
        return new;
    end if;
    select * into was from portal.payment p
    where p.account_id = new.account_id and p.invoice_id = new.invoice_id and p.id = new.reverses;
    if not found or was.reverses is not null or new.amount <> -was.amount or new.bank_line_id is distinct from was.bank_line_id
        or i.state not in ({by_money}) then
        perform authz.refuse_money('not what was paid');
    end if;
    return new;
end $$;

-- A credit note is used for an invoice of the same account, currency and issuer; both are in force.
create or replace function authz.check_credit() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
declare
    i record;
    n record;
    was record;
begin
    if not authz.staff('invoice.manage') then perform authz.refuse_money('invoices are finance''s'); end if;
    perform from portal.invoice t where t.account_id = new.account_id and t.id in (new.invoice_id, new.credit_note_id)
    order by t.id for no key update;
    select t.type, t.state, t.currency, t.issuer_id into i
    from portal.invoice t where t.account_id = new.account_id and t.id = new.invoice_id;
    select t.type, t.state, t.currency, t.issuer_id into n
    from portal.invoice t where t.account_id = new.account_id and t.id = new.credit_note_id;
    if i is null or n is null or i.type <> 'invoice' or n.type <> 'credit_note' or i.currency <> n.currency
        or i.issuer_id <> n.issuer_id or (i.currency = any (array[{whole}]) and new.amount <> trunc(new.amount)) then
        perform authz.refuse_money('no such credit for this invoice');
    end if;
    if new.reverses is null then
        if i.state not in ({in_force}) or n.state not in ({in_force}) then
            perform authz.refuse_money('nothing is open');
        end if;
        return new;
    end if;
    select * into was from portal.credit_application c
    where c.account_id = new.account_id and c.invoice_id = new.invoice_id and c.credit_note_id = new.credit_note_id
      and c.id = new.reverses;
    if not found or was.reverses is not null or new.amount <> -was.amount or i.state not in ({by_money})
        or n.state not in ({by_money}) then
        perform authz.refuse_money('not what was credited');
    end if;
    return new;
end $$;

-- After the balances moved: nothing was paid or credited beyond what was open. Asked of the statement as a whole, because several
-- rows of one statement do not see each other.
create or replace function authz.check_within_balance() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
begin
    if exists (select from added_rows a join portal.invoice i on i.account_id = a.account_id and i.id = a.invoice_id
               where i.balance < 0 or i.paid < 0 or i.credited < 0) then
        perform authz.refuse_money('more than is open');
    end if;
    return null;
end $$;

create or replace function authz.check_within_credit() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
begin
    if exists (select from added_rows a join portal.invoice i
               on i.account_id = a.account_id and i.id in (a.invoice_id, a.credit_note_id)
               where i.balance < 0 or i.credited < 0) then
        perform authz.refuse_money('more than is open');
    end if;
    return null;
end $$;

-- What payments made of the bank's line they came by, and what of it is left.
create or replace function authz.settle_bank_line() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
begin
    update portal.bank_line b set assigned = b.assigned + new.amount, version = b.version + 1
    where b.id = new.bank_line_id and b.currency = new.currency and (b.set_aside_at is null or new.amount < 0);
    if not found then perform authz.refuse_money('not from this line of the bank'); end if;
    return null;
end $$;

-- A step is one of rules/invoice_moves.py; taking it is what changes the invoice.
create or replace function authz.take_step() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
declare
    i record;
begin
    if not authz.staff('invoice.manage') then perform authz.refuse_money('invoices are finance''s'); end if;
    select t.type, t.state, t.paid, t.credited, t.balance into i from portal.invoice t
    where t.account_id = new.account_id and t.id = new.invoice_id for no key update;
    if not found or not concat_ws(' ', i.type, i.state, new.step) = any (array[{steps}]) then
        perform authz.refuse_money('there is no such step');
    end if;
    if new.step = 'void' and (i.paid <> 0 or i.credited <> 0) then
        perform authz.refuse_money('something was paid or credited');
    end if;
    new.amount := i.balance;
    update portal.invoice t
    set state = case when new.step = 'issued' and t.balance <= 0 then 'paid' else new.step end,
        written_off = case when new.step = 'written_off' then t.balance else t.written_off end,
        updated_at = now(),
        version = t.version + 1
    where t.account_id = new.account_id and t.id = new.invoice_id;
    return new;
end $$;

-- A line is set aside under one's own name and at its time; it can be taken up again, and nobody overwrites what others did.
create or replace function authz.check_bank_line() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
begin
    if not authz.staff('invoice.manage') then perform authz.refuse_money('invoices are finance''s'); end if;
    if (new.set_aside_at, new.set_aside_by, new.reason, new.version)
        is not distinct from (old.set_aside_at, old.set_aside_by, old.reason, old.version) then return new; end if;
    if new.version <> old.version + 1 or (new.set_aside_at is not null and old.set_aside_at is not null)
        or (new.set_aside_at is not null and (new.set_aside_by <> authz.me() or new.set_aside_at <> now())) then
        perform authz.refuse_money('not theirs to set aside');
    end if;
    return new;
end $$;
