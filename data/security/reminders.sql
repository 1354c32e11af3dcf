-- Finance reminds an account of what is overdue. What is said is what the database finds at that moment, and to whom it goes are
-- those who deal with the account's invoices: nobody who calls these says either.

-- What of an account's is overdue at its issuers, the oldest first; what the customer questions is asked about elsewhere.
create or replace function authz.overdue_of(wanted bigint)
returns table (invoice_id bigint, number text, due_date date, currency text, balance numeric, finance_email text)
language sql stable security definer set search_path = '' as $$
    select i.id, i.number, i.due_date, i.currency, i.balance, e.finance_email
    from portal.invoice i join portal.legal_entity e on e.id = i.issuer_id
    where i.account_id = wanted and i.state in ({in_force}) and i.type = 'invoice' and not i.disputed
      and i.due_date < (now() at time zone e.time_zone)::date
    order by i.due_date, i.id
$$;

-- Who deals with an account's invoices: may read and question them. A viewer, who only reads, is not asked for money.
create or replace function authz.who_pays(wanted bigint) returns table (person_id bigint, name text, language text)
language sql stable security definer set search_path = '' as $$
    select p.id, p.name, coalesce(p.language, a.locale)
    from portal.account a join portal.person p on p.disabled_at is null and p.kind = 'customer'
    where a.id = wanted and p.id in (
        select g.person_id from portal.access_grant g where g.account_id = wanted and g.function = 'invoice.dispute'
        union
        select w.person_id from authz.who_run(wanted) w)
      and authz.holds(p.id, wanted, 'invoice.view') and authz.holds(p.id, wanted, 'invoice.dispute')
    order by p.name, p.id
$$;

-- What a mail about it says: as much as fits, and the sums of all of it, each currency by itself.
create or replace function authz.reminder_says(wanted bigint) returns jsonb
language sql stable security definer set search_path = '' as $$
    with o as (select *, row_number() over (order by due_date, invoice_id) as place from authz.overdue_of(wanted)),
    sums as (select currency, count(*) as n, sum(balance) as amount from o group by currency)
    select jsonb_build_object(
        'n', (select count(*) from o),
        'of', (select jsonb_build_array(a.code, a.uuid) from portal.account a where a.id = wanted),
        'invoices', (select coalesce(jsonb_agg(
            jsonb_build_array(number, due_date, currency, balance::text) order by place), '[]') from o where place <= {named}),
        'sums', (select coalesce(jsonb_agg(
            jsonb_build_array(currency, n, amount::text) order by currency), '[]') from sums),
        'ask', (select string_agg(distinct finance_email, ', ') from o))
$$;

-- Before it is sent: what it says, to whom it would go, and in which language the account reads. Finance alone.
create or replace function authz.preview_reminder(wanted bigint) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
    if not coalesce(authz.staff('invoice.manage'), false) then
        raise exception 'permission denied: not theirs to remind' using errcode = 'insufficient_privilege';
    end if;
    return authz.reminder_says(wanted) || jsonb_build_object(
        'account', (select a.name from portal.account a where a.id = wanted),
        'language', (select a.locale from portal.account a where a.id = wanted),
        'to', (select coalesce(jsonb_agg(w.name), '[]') from authz.who_pays(wanted) w),
        'last', (select max(r.sent_at) from portal.payment_reminder r where r.account_id = wanted));
end $$;

-- 'sent', 'early' (reminded within so many days), 'nothing' (nothing is overdue any more) or 'nobody' (none could be written to).
-- Two who remind the same account wait for each other, so that the second is told of the first.
create or replace function authz.remind(wanted bigint, anyway boolean, from_address text, domain text) returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
    me bigint := authz.me();
    says jsonb;
    people bigint;
    made uuid := gen_random_uuid();
begin
    if me is null or not coalesce(authz.staff('invoice.manage'), false)
       or not exists (select from portal.account a where a.id = wanted) then
        raise exception 'permission denied: not theirs to remind' using errcode = 'insufficient_privilege';
    end if;
    perform pg_advisory_xact_lock(7321, (wanted % 2147483647)::integer);
    if not anyway and exists (
        select from portal.payment_reminder r
        where r.account_id = wanted and r.sent_at > clock_timestamp() - interval '{days} days')
    then return 'early'; end if;
    says := authz.reminder_says(wanted);
    if (says ->> 'n')::bigint = 0 then return 'nothing'; end if;
    select count(*) into people from authz.who_pays(wanted);
    if people = 0 then return 'nobody'; end if;
    insert into portal.payment_reminder (uuid, account_id, sent_by, forced, invoices, recipients)
    values (made, wanted, me, anyway, (says ->> 'n')::bigint, people);
    insert into portal.mail (account_id, dedupe_key, kind, person_id, context, message_id)
    select wanted, 'payment_reminder/' || made || '/' || w.person_id, 'payment_reminder', w.person_id, says,
           '<' || gen_random_uuid() || '@' || domain || '>'
    from authz.who_pays(wanted) w;
    insert into portal.audit_entry (actor_id, actor_name, audience, account_id, function, action, object_kind, object_id,
                                    object_label, address, after)
    select me, p.name, 'customer', wanted, 'invoice.view', 'invoice.remind', 'account', a.uuid::text, a.name,
           nullif(from_address, ''), jsonb_build_object('invoices', says -> 'n', 'people', people)
    from portal.person p, portal.account a where p.id = me and a.id = wanted;
    return 'sent';
end $$;
