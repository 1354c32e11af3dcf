-- Disputes of invoices. They are written by these functions and by no hat: who may is asked here, which moves there are stands in
-- rules/disputes.py, and the invoice's flag follows by a trigger, whoever writes.

-- For which side does whoever asks speak about this account: 'customer', 'finance', or nobody.
create or replace function authz.side_in_dispute(wanted bigint) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
    return case
        when wanted = authz.account('invoice.dispute') and wanted = authz.account('invoice.view') then 'customer'
        when authz.staff('invoice.manage') then 'finance' end;
end $$;

-- An invoice is disputed as long as one of its disputes is open or answered. Its row is locked first: of two that change at once the
-- second one counts what the first has left.
create or replace function authz.mark_disputed() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
    account bigint := coalesce(new.account_id, old.account_id);
    invoice bigint := coalesce(new.invoice_id, old.invoice_id);
    goes_on boolean;
begin
    perform from portal.invoice i where i.account_id = account and i.id = invoice for no key update;
    goes_on := exists (
        select from portal.dispute d where d.account_id = account and d.invoice_id = invoice and d.state = any (array[{going_on}]));
    update portal.invoice i set disputed = goes_on, updated_at = now(), version = i.version + 1
    where i.account_id = account and i.id = invoice and i.disputed <> goes_on;
    return null;
end $$;

-- Mail about one contribution. To us it goes to the address of the local finance team (R49), in the language of its country; to the
-- customer, to whoever opened the dispute or took part in it. What its reader may know is asked when it is sent.
create or replace function authz.tell_of_dispute(about portal.dispute, contribution bigint, mail_kind text, new_message_id text)
returns void language sql volatile security definer set search_path = '' as $$
    insert into portal.mail (account_id, dedupe_key, kind, person_id, address, context, message_id)
    select about.account_id, mail_kind || '/' || about.id || '/' || contribution, mail_kind, null::bigint, e.finance_email,
           jsonb_build_object('dispute', about.id, 'message', contribution, 'language', case e.country
               when 'KR' then 'ko' when 'JP' then 'ja' when 'CN' then 'zh_Hans' when 'ID' then 'id' else 'en' end),
           new_message_id
    from portal.invoice i join portal.legal_entity e on e.id = i.issuer_id
    where i.account_id = about.account_id and i.id = about.invoice_id and e.finance_email is not null
      and mail_kind in ('dispute_opened', 'dispute_note')
    union all
    select about.account_id, mail_kind || '/' || about.id || '/' || contribution || '/' || them.person_id, mail_kind,
           them.person_id, null, jsonb_build_object('dispute', about.id, 'message', contribution), new_message_id
    from (
        select about.opened_by as person_id where about.opened_by is not null
        union
        select m.author_id from portal.dispute_message m
        where m.account_id = about.account_id and m.dispute_id = about.id and m.side = 'customer' and m.author_id is not null) them
    where mail_kind in ('dispute_answered', 'dispute_decided')
$$;

-- One contribution, by whoever asks, under the name they have.
create or replace function authz.write_in_dispute(about portal.dispute, side text, said text, brought text)
returns bigint language sql volatile security definer set search_path = '' as $$
    insert into portal.dispute_message (account_id, dispute_id, side, author_id, author_name, body, brought)
    select about.account_id, about.id, side, p.id, p.name, said, brought from portal.person p where p.id = authz.me()
    returning id
$$;

-- Of an invoice of the account in view, or of lines of it by their numbers. Nothing is answered where the same is disputed already,
-- whole or line by line; what may not be disputed at all is refused.
create or replace function authz.open_dispute(
    asked uuid, asked_lines bigint[], why text, claimed numeric, said text, new_message_id text)
returns table (dispute uuid, message bigint) language plpgsql volatile security definer set search_path = '' as $$
declare
    i record; d portal.dispute; most numeric; found_lines bigint[];
begin
    select x.id, x.account_id, x.type, x.state, x.balance, x.paid, x.currency into i from portal.invoice x
    where x.uuid = asked and x.account_id = authz.account('any') for no key update;
    if not found or authz.side_in_dispute(i.account_id) is distinct from 'customer' or i.type <> 'invoice'
       or not i.state = any (array[{disputable}]) or coalesce(length(trim(said)), 0) = 0 then
        raise exception 'permission denied: no invoice of theirs to dispute' using errcode = 'insufficient_privilege';
    end if;
    select array_agg(l.id), sum(l.amount + l.tax) into found_lines, most from portal.invoice_line l
    where l.account_id = i.account_id and l.invoice_id = i.id and l.line = any (asked_lines);
    if cardinality(asked_lines) = 0 then
        found_lines := '{}';
        most := case when i.balance > 0 then i.balance else i.paid end;
    end if;
    if cardinality(found_lines) is distinct from cardinality(asked_lines) or claimed > most or claimed <= 0
       or claimed is distinct from round(claimed, case when i.currency = any (array[{whole}]) then 0 else 2 end) then
        raise exception 'permission denied: not so much, or no such line' using errcode = 'insufficient_privilege';
    end if;
    if exists (
        select from portal.dispute x
        where x.account_id = i.account_id and x.invoice_id = i.id and x.state = any (array[{going_on}])
          and (cardinality(found_lines) = 0
               or not exists (select from portal.dispute_line l where l.account_id = x.account_id and l.dispute_id = x.id)
               or exists (select from portal.dispute_line l
                          where l.account_id = x.account_id and l.dispute_id = x.id and l.line_id = any (found_lines))))
    then return; end if;
    insert into portal.dispute (account_id, invoice_id, reason, amount, opened_by)
    values (i.account_id, i.id, why, claimed, authz.me()) returning * into d;
    insert into portal.dispute_line (account_id, dispute_id, line_id, invoice_id)
    select d.account_id, d.id, one, d.invoice_id from unnest(found_lines) one;
    message := authz.write_in_dispute(d, 'customer', said, 'open');
    perform authz.tell_of_dispute(d, message, 'dispute_opened', new_message_id);
    dispute := d.uuid;
    return next;
end $$;

-- What is said in a dispute, and where that brings it: by itself (an answer answers, who answers an answer asks again), or to `becomes`.
-- Nothing is answered where somebody else changed it since `seen_version`.
create or replace function authz.say_in_dispute(
    asked uuid, said text, becomes text, seen_version bigint, granted numeric, new_message_id text)
returns table (message bigint, state text, credit_note uuid) language plpgsql volatile security definer set search_path = '' as $$
declare
    d portal.dispute; i record; side text; target text;
begin
    select x.* into d from portal.dispute x where x.uuid = asked;
    side := authz.side_in_dispute(d.account_id);
    -- the invoice first, as everywhere: who marks it waits for nobody who holds the dispute
    select x.state, x.paid + x.credited as settled into i from portal.invoice x
    where x.account_id = d.account_id and x.id = d.invoice_id and side is not null for no key update;
    select x.* into d from portal.dispute x where x.uuid = asked and side is not null for no key update;
    if d.id is null or d.state = 'closed' or (i.state = 'draft' and side = 'customer') then
        raise exception 'permission denied: no dispute of theirs to speak in' using errcode = 'insufficient_privilege';
    end if;
    if seen_version is not null and seen_version <> d.version then return; end if;
    target := coalesce(becomes, case
        when d.state = 'open' and side = 'finance' then 'answered'
        when d.state = 'answered' and side = 'customer' then 'open'
        else d.state end);
    if target <> d.state and not concat_ws(' ', d.state, target, side) = any (array[{dispute_moves}])
       or becomes in ('open', 'answered') or becomes = d.state
       or (target = 'accepted' and d.state <> 'accepted') <> (granted is not null)
       or (target <> 'closed' and coalesce(length(trim(said)), 0) = 0) then
        raise exception 'permission denied: there is no such move (% % %)', d.state, target, side
            using errcode = 'insufficient_privilege';
    end if;
    if granted is not null and not coalesce(granted > 0 and granted <= d.amount, false) then
        raise exception 'permission denied: not so much' using errcode = 'insufficient_privilege';
    end if;
    -- what need not be paid any more (void, written off) is not given a second time
    if granted is not null and i.state in ('void', 'written_off') and granted > i.settled then
        raise exception 'permission denied: so much was never paid' using errcode = 'insufficient_privilege';
    end if;
    if granted is not null and granted > authz.left_to_credit(d.account_id, d.invoice_id) then
        raise exception 'permission denied: so much was credited before' using errcode = 'insufficient_privilege';
    end if;
    update portal.dispute x set
        state = target,
        agreed = coalesce(granted, x.agreed),
        credit_note_id = coalesce(authz.credit_for_dispute(d, granted), x.credit_note_id),
        closed_at = case when target = 'closed' then now() end,
        updated_at = now(),
        version = x.version + 1
    where x.account_id = d.account_id and x.id = d.id;
    message := authz.write_in_dispute(d, side, coalesce(said, ''), case when target <> d.state then target end);
    perform authz.tell_of_dispute(d, message, case
        when side = 'customer' then 'dispute_note'
        when target = d.state or target = 'answered' then 'dispute_answered'
        else 'dispute_decided' end, new_message_id);
    state := target;
    credit_note := (select n.uuid from portal.dispute x
                    join portal.invoice n on n.account_id = x.account_id and n.id = x.credit_note_id
                    where x.account_id = d.account_id and x.id = d.id);
    return next;
end $$;

-- What of an invoice was not credited yet: by credit notes used for it, and by those for its disputes that are used elsewhere. Of a
-- total that was lowered since, the rest is less; a credit note that was voided gave nothing. Nothing to anybody but finance.
create or replace function authz.left_to_credit(account bigint, invoice bigint) returns numeric
language sql stable security definer set search_path = '' as $$
    select i.total - i.credited - coalesce(sum(d.agreed - coalesce(used.amount, 0)), 0)
    from portal.invoice i
    left join portal.dispute d on d.account_id = i.account_id and d.invoice_id = i.id and exists (
        select from portal.invoice n where n.account_id = d.account_id and n.id = d.credit_note_id and n.state <> 'void')
    left join lateral (
        select sum(c.amount) as amount from portal.credit_application c
        where c.account_id = i.account_id and c.invoice_id = i.id and c.credit_note_id = d.credit_note_id) used on true
    where i.account_id = account and i.id = invoice and authz.staff('invoice.manage')
    group by i.id
$$;

-- The credit note over what was agreed: a draft of the same issuer in the same currency, with the share of tax that was charged.
-- Whoever accepts issues and uses it in the same transaction, by the steps of finance (money.sql).
create or replace function authz.credit_for_dispute(about portal.dispute, granted numeric) returns bigint
language plpgsql volatile security definer set search_path = '' as $$
declare
    i record; net numeric; share numeric; day date; named text; note bigint; lines text;
begin
    if granted is null then return null; end if;
    select x.*, e.time_zone into i from portal.invoice x join portal.legal_entity e on e.id = x.issuer_id
    where x.account_id = about.account_id and x.id = about.invoice_id;
    select sum(l.tax) / nullif(sum(l.amount + l.tax), 0), string_agg(l.line::text, ', ' order by l.line) into share, lines
    from portal.invoice_line l join portal.dispute_line d on d.account_id = l.account_id and d.line_id = l.id
    where d.account_id = about.account_id and d.dispute_id = about.id;
    share := coalesce(share, i.tax / nullif(i.total, 0), 0);
    net := granted - round(granted * share, case when i.currency = any (array[{whole}]) then 0 else 2 end);
    day := (now() at time zone i.time_zone)::date;
    perform pg_advisory_xact_lock(7306, hashint8(i.issuer_id));  -- numbers of one issuer follow each other
    named := 'CN-' || extract(year from day) || '-';
    named := named || lpad((1 + coalesce((
        select max(substr(x.number, length(named) + 1)::bigint) from portal.invoice x
        where x.issuer_id = i.issuer_id and x.number ^@ named and substr(x.number, length(named) + 1) ~ '^[0-9]{1,15}$'), 0))::text, 6, '0');
    insert into portal.invoice (account_id, issuer_id, number, type, bill_to, issue_date, due_date, terms, period_start, period_end,
                                currency, subtotal, tax, total, state, purchase_order)
    values (i.account_id, i.issuer_id, named, 'credit_note', i.bill_to, day, day, i.terms, i.period_start, i.period_end,
            i.currency, net, granted - net, granted, 'draft', i.purchase_order)
    returning id into note;
    insert into portal.invoice_line (account_id, invoice_id, line, description, quantity, unit_price, charge, amount, tax)
    values (i.account_id, note, 1, i.number || coalesce(' (' || lines || ')', ''), 1, net, 'adjustment', net, granted - net);
    return note;
end $$;

-- What one mail about a dispute says; nothing where its reader may not know it (any more): an address must still be that of the
-- issuer's finance team, a person must be able to see the invoice.
create or replace function authz.letter_of_dispute(mail bigint)
returns table (uuid uuid, invoice text, invoice_uuid uuid, account text, issuer text, state text, brought text, reason text,
               amount numeric, agreed numeric, currency text, said text, said_by text)
language sql stable security definer set search_path = '' as $$
    select d.uuid, i.number, i.uuid, a.name, e.name, d.state, m.brought, d.reason, d.amount, d.agreed, i.currency, m.body, m.author_name
    from portal.mail x
    join portal.dispute d on d.account_id = x.account_id and d.id = (x.context ->> 'dispute')::bigint
    join portal.dispute_message m on m.account_id = d.account_id and m.dispute_id = d.id and m.id = (x.context ->> 'message')::bigint
    join portal.invoice i on i.account_id = d.account_id and i.id = d.invoice_id
    join portal.legal_entity e on e.id = i.issuer_id
    join portal.account a on a.id = d.account_id
    left join portal.person p on p.id = x.person_id
    where x.id = mail and x.kind in ('dispute_opened', 'dispute_note', 'dispute_answered', 'dispute_decided')
      and case
          when x.address is not null then x.kind in ('dispute_opened', 'dispute_note') and lower(e.finance_email) = lower(x.address)
          else p.disabled_at is null and i.state <> 'draft' and authz.holds(p.id, x.account_id, 'invoice.view') end
$$;

-- A dispute keeps the number of its invoice, which never changes: looked for in all of them, it is read here and not there.
create or replace function authz.number_dispute() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
    new.number := (select i.number from portal.invoice i where i.account_id = new.account_id and i.id = new.invoice_id);
    return new;
end $$;

-- Ids of the disputes that have every one of these patterns in number and account's name, or in one thing that was said: only of those
-- accounts whose invoices this person may read. The caller joins them under its policies all the same. Few are disputed, so they are
-- looked through, but not each of them under a policy that looks its invoice up.
create or replace function authz.find_dispute(patterns text[]) returns bigint[]
language plpgsql stable security definer set search_path = '' as $$
declare
    s record;
    wanted bigint[];
begin
    select * into s from authz.live_session();
    if not found or coalesce(cardinality(patterns), 0) = 0 then return '{}'; end if;
    if s.kind = 'staff' and s.role <> 'account_manager' then
        if not authz.staff('invoice.view') then return '{}'; end if;
        return coalesce((select array_agg(id) from (
            select d.id from portal.dispute d join portal.account a on a.id = d.account_id
            where (d.number collate "default" || E'\n' || a.name) ilike all (patterns)
            union
            select m.dispute_id from portal.dispute_message m where m.body ilike all (patterns)) hits), '{}');
    end if;
    wanted := case
        when s.kind = 'staff' then authz.managed('invoice.view')
        when nullif(current_setting('portal.accounts', true), '') is not null then authz.accounts('invoice.view')
        else array_remove(array[authz.account('invoice.view')], null) end;
    return coalesce((select array_agg(id) from (
        select d.id from portal.dispute d join portal.account a on a.id = d.account_id
        where d.account_id = any (wanted) and (d.number collate "default" || E'\n' || a.name) ilike all (patterns)
        union
        select m.dispute_id from portal.dispute_message m
        where m.account_id = any (wanted) and m.body ilike all (patterns)) hits), '{}');
end $$;
