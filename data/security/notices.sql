-- Notices. What staff publish is written by these functions and by no hat: the desk tells whomever it likes, an account manager the
-- accounts they look after and nobody else. What the portal tells a customer by itself is written by triggers, with what it tells of.

-- May whoever asks tell these accounts, or (none) everyone?
create or replace function authz.may_tell(everyone boolean, accounts bigint[]) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
    if everyone = (cardinality(accounts) > 0) then return false; end if;  -- one of the two
    return authz.staff('broadcast.send') or (not everyone and accounts <@ authz.managed('broadcast.send'));
end $$;

-- The notice that was written by staff and that whoever asks may change, held until the end of the transaction: all of them the desk,
-- their own a manager, as long as they look after everybody it is for. Nothing where somebody changed it since `seen`.
create or replace function authz.hold_notice(asked uuid, seen bigint) returns portal.notice
language plpgsql volatile security definer set search_path = '' as $$
declare
    n portal.notice;
begin
    select x.* into n from portal.notice x
    where x.uuid = asked and x.says is null and x.about_account_id is null and x.person_id is null and x.written_by is not null
    for no key update;
    if n.id is null or not coalesce(authz.staff('broadcast.send') or (n.written_by = authz.me() and authz.may_tell(n.everyone, (
        select coalesce(array_agg(a.account_id), '{}') from portal.notice_account a where a.notice_id = n.id))), false) then
        raise exception 'permission denied: not their notice' using errcode = 'insufficient_privilege';
    end if;
    if n.version <> seen then return null; end if;
    return n;
end $$;

-- A draft, new (asked: null) or changed. Nothing is answered where somebody changed it since `seen`.
create or replace function authz.write_notice(asked uuid, seen bigint, said jsonb, sites bigint[], accounts bigint[])
returns table (uuid uuid, version bigint) language plpgsql volatile security definer set search_path = '' as $$
declare
    n portal.notice;
    for_all boolean := coalesce((said ->> 'everyone')::boolean, false);
begin
    if not coalesce(authz.may_tell(for_all, accounts), false)
       or not coalesce(said ->> 'category' = any (array[{written}]), false)
       or coalesce(length(trim(said ->> 'title')), 0) = 0
       or cardinality(sites) > {most_sites} or cardinality(accounts) > {most_accounts} then
        raise exception 'permission denied: not theirs to tell' using errcode = 'insufficient_privilege';
    end if;
    if asked is null then
        insert into portal.notice (category, title, written_by) values (said ->> 'category', said ->> 'title', authz.me())
        returning * into n;
    else
        n := authz.hold_notice(asked, seen);
        if n.id is null then return; end if;
        if n.published_at is not null then
            raise exception 'permission denied: it was published already' using errcode = 'insufficient_privilege';
        end if;
    end if;
    update portal.notice x set
        category = said ->> 'category', title = trim(said ->> 'title'), body = coalesce(said ->> 'body', ''), everyone = for_all,
        starts_at = (said ->> 'starts_at')::timestamptz, ends_at = (said ->> 'ends_at')::timestamptz,
        respond_by = (said ->> 'respond_by')::timestamptz,
        service_impacting = coalesce((said ->> 'service_impacting')::boolean, false),
        version = x.version + case when asked is null then 0 else 1 end
    where x.id = n.id returning * into n;
    delete from portal.notice_text t where t.notice_id = n.id;
    insert into portal.notice_text (notice_id, language, title, body)
    select n.id, w.key, w.value ->> 'title', coalesce(w.value ->> 'body', '') from jsonb_each(coalesce(said -> 'texts', '{}')) w
    where w.key = any (array[{languages}]) and length(w.value ->> 'title') between 1 and {longest_title}
      and length(coalesce(w.value ->> 'body', '')) <= {longest_body};
    delete from portal.notice_site s where s.notice_id = n.id;
    insert into portal.notice_site (notice_id, site_id) select distinct n.id, s from unnest(sites) s;
    delete from portal.notice_account a where a.notice_id = n.id;
    insert into portal.notice_account (notice_id, account_id) select distinct n.id, a from unnest(accounts) a;
    uuid := n.uuid; version := n.version;
    return next;
end $$;

-- From now on it is news; mail follows. What began with its publication begins now.
create or replace function authz.publish_notice(asked uuid, seen bigint) returns bigint
language plpgsql volatile security definer set search_path = '' as $$
declare
    n portal.notice := authz.hold_notice(asked, seen);
begin
    if n.id is null then return null; end if;
    if n.published_at is not null or n.ends_at <= now() then
        raise exception 'permission denied: nothing to publish' using errcode = 'insufficient_privilege';
    end if;
    update portal.notice x set published_at = now(), version = x.version + 1,
        starts_at = coalesce(x.starts_at, case when x.category = 'incident' then now() end)
    where x.id = n.id;
    insert into portal.notice_mailing (notice_id) values (n.id);
    return n.version + 1;
end $$;

-- What became known later, in words; it may move the window, or be the last word (`resolves`).
create or replace function authz.add_to_notice(
    asked uuid, seen bigint, said text, in_languages jsonb, resolves boolean, begins timestamptz, ends timestamptz) returns bigint
language plpgsql volatile security definer set search_path = '' as $$
declare
    n portal.notice := authz.hold_notice(asked, seen);
    moves boolean := begins is not null or ends is not null;
    added bigint;
begin
    if n.id is null then return null; end if;
    if n.published_at is null or coalesce(length(trim(said)), 0) = 0 or n.resolved_at is not null
       or ((resolves or moves) and n.category not in ('incident', 'maintenance')) or (resolves and moves) then
        raise exception 'permission denied: nothing to add' using errcode = 'insufficient_privilege';
    end if;
    insert into portal.notice_update (notice_id, body, texts, written_by)
    select n.id, trim(said), coalesce((
               select jsonb_object_agg(w.key, w.value) from jsonb_each_text(coalesce(in_languages, '{}')) w
               where w.key = any (array[{languages}]) and length(w.value) between 1 and {longest_body}), '{}'), authz.me()
    returning id into added;
    update portal.notice x set updated_at = now(), version = x.version + 1,
        resolved_at = case when resolves then now() end,
        starts_at = coalesce(begins, x.starts_at), ends_at = coalesce(ends, x.ends_at)
    where x.id = n.id;
    insert into portal.notice_mailing (notice_id, update_id) values (n.id, added);
    return n.version + 1;
end $$;

-- A draft that nobody needs.
create or replace function authz.withdraw_notice(asked uuid, seen bigint) returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
    n portal.notice := authz.hold_notice(asked, seen);
begin
    if n.id is null then return null; end if;
    if n.published_at is not null then
        raise exception 'permission denied: what was said stays said' using errcode = 'insufficient_privilege';
    end if;
    delete from portal.notice_text t where t.notice_id = n.id;
    delete from portal.notice_site s where s.notice_id = n.id;
    delete from portal.notice_account a where a.notice_id = n.id;
    delete from portal.notice_update u where u.notice_id = n.id;
    delete from portal.notice_read r where r.notice_id = n.id;
    delete from portal.notice_mailing q where q.notice_id = n.id;
    delete from portal.notice x where x.id = n.id;
    return n.title;
end $$;

-- Whom a notice concerns: of the accounts it names, or (for everyone) of those that have something at its sites, or of all, who may
-- read notices there. For everyone at other sites it stands behind the bell, and no mail goes out.
create or replace function authz.concerned_by(for_all boolean, sites bigint[], accounts bigint[])
returns table (account_id bigint, person_id bigint) language sql stable security definer set search_path = '' as $$
    with recursive concerned as (
        select a.id from portal.account a where a.closed_at is null and case
            when not for_all then a.id = any (accounts)
            when cardinality(sites) = 0 then true
            else exists (select from portal.inventory_item i
                         where i.account_id = a.id and i.site_id = any (sites) and i.status <> 'decommissioned') end
    ), line (account_id, id) as (
        select c.id, c.id from concerned c
        union
        select l.account_id, a.parent_id from line l join portal.account a on a.id = l.id where a.parent_id is not null
    )
    select l.account_id, m.person_id from line l
    join portal.membership m on m.account_id = l.id and m.role = 'paa' and m.ended_at is null
    join portal.person p on p.id = m.person_id and p.disabled_at is null
    union
    select c.id, g.person_id from concerned c
    join portal.access_grant g on g.account_id = c.id and g.function = 'notice.view'
    join portal.membership m on m.account_id = c.id and m.person_id = g.person_id and m.ended_at is null
    join portal.person p on p.id = m.person_id and p.disabled_at is null
$$;

-- Is somebody one of those (authz.concerned_by)? Asked for each mail when its turn comes, and so by what is theirs and not by everybody.
create or replace function authz.concerns(person bigint, for_all boolean, sites bigint[], accounts bigint[])
returns boolean language sql stable security definer set search_path = '' as $$
    with recursive run (id) as (
        select m.account_id from portal.membership m
        where m.person_id = concerns.person and m.role = 'paa' and m.ended_at is null
        union
        select a.id from portal.account a join run r on r.id = a.parent_id
    ), theirs (id) as (
        select r.id from run r
        union
        select g.account_id from portal.access_grant g
        join portal.membership m on m.account_id = g.account_id and m.person_id = g.person_id and m.ended_at is null
        where g.person_id = concerns.person and g.function = 'notice.view'
    )
    select exists (
        select from portal.person p where p.id = concerns.person and p.disabled_at is null
    ) and exists (
        select from theirs t join portal.account a on a.id = t.id and a.closed_at is null where case
            when not for_all then a.id = any (accounts)
            when cardinality(sites) = 0 then true
            else exists (select from portal.inventory_item i
                         where i.account_id = a.id and i.site_id = any (sites) and i.status <> 'decommissioned') end)
$$;

-- How many accounts and people it would reach, before it is published. For who may tell them.
create or replace function authz.reach_of_notice(to_all boolean, at_sites bigint[], to_accounts bigint[])
returns table (accounts bigint, people bigint) language plpgsql stable security definer set search_path = '' as $$
begin
    if not coalesce(authz.may_tell(to_all, to_accounts), false) then
        raise exception 'permission denied: not theirs to tell' using errcode = 'insufficient_privilege';
    end if;
    return query select count(distinct c.account_id), count(distinct c.person_id) from authz.concerned_by(to_all, at_sites, to_accounts) c;
end $$;

-- As the worker: the next so many mails of one notice, each person once; is there more to do? Whoever works beside takes another one.
create or replace function authz.mail_notices(most integer, domain text) returns boolean
language plpgsql volatile security definer set search_path = '' as $$
declare
    turn portal.notice_mailing; n portal.notice; written bigint; latest bigint;
begin
    select x.* into turn from portal.notice_mailing x order by x.id limit 1 for update skip locked;
    if turn.id is null then return false; end if;
    select x.* into n from portal.notice x where x.id = turn.notice_id;
    with next as (
        select c.person_id, min(c.account_id) as account_id
        from authz.concerned_by(n.everyone,
            (select coalesce(array_agg(s.site_id), '{}') from portal.notice_site s where s.notice_id = n.id),
            (select coalesce(array_agg(a.account_id), '{}') from portal.notice_account a where a.notice_id = n.id)) c
        where c.person_id > turn.after_person group by c.person_id order by c.person_id limit most
    ), told as (
        insert into portal.mail (account_id, dedupe_key, kind, person_id, context, message_id)
        select x.account_id, concat_ws('/', 'notice', n.id, coalesce(turn.update_id, 0), x.person_id),
               case when turn.update_id is null then 'notice_published' else 'notice_updated' end, x.person_id,
               jsonb_strip_nulls(jsonb_build_object('notice', n.id, 'category', n.category, 'update', turn.update_id)),
               '<' || gen_random_uuid() || '@' || domain || '>'
        from next x on conflict do nothing
    )
    select count(*), max(x.person_id) into written, latest from next x;
    if written < most then
        delete from portal.notice_mailing x where x.id = turn.id;
    else
        update portal.notice_mailing x set after_person = latest where x.id = turn.id;
    end if;
    return true;
end $$;

-- What one mail about a notice says, in the language of its reader or as it was written; nothing for whom it does not concern (any more).
create or replace function authz.letter_of_notice(mail bigint, in_language text)
returns table (uuid uuid, category text, title text, body text, sites text, starts_at timestamptz, ends_at timestamptz,
               service_impacting boolean, respond_by timestamptz, resolved_at timestamptz, said text)
language sql stable security definer set search_path = '' as $$
    select n.uuid, n.category, coalesce(nullif(t.title, ''), n.title), coalesce(nullif(t.body, ''), n.body),
           (select string_agg(s.name, ', ' order by s.name) from portal.notice_site x join portal.site s on s.id = x.site_id
            where x.notice_id = n.id),
           n.starts_at, n.ends_at, n.service_impacting, n.respond_by, n.resolved_at,
           coalesce(nullif(u.texts ->> in_language, ''), u.body)
    from portal.mail m
    join portal.notice n on n.id = (m.context ->> 'notice')::bigint and n.published_at is not null
    left join portal.notice_text t on t.notice_id = n.id and t.language = in_language
    left join portal.notice_update u on u.notice_id = n.id and u.id = (m.context ->> 'update')::bigint
    where m.id = mail and m.kind in ('notice_published', 'notice_updated') and authz.concerns(m.person_id, n.everyone,
        (select coalesce(array_agg(s.site_id), '{}') from portal.notice_site s where s.notice_id = n.id),
        (select coalesce(array_agg(a.account_id), '{}') from portal.notice_account a where a.notice_id = n.id))
$$;

-- The portal tells a customer what became of something of theirs. One notice for each thing: what comes later takes its place, and is
-- news again. Within one transaction the first word stays unless `anyway`: a reply that resolves a ticket says that it is resolved.
create or replace function authz.say_about(
    thing text, account bigint, place bigint, whose bigint, what_category text, guard text, what text, named text, number text,
    address text, due timestamptz, anyway boolean) returns void
language sql volatile security definer set search_path = '' as $$
    insert into portal.notice (category, title, says, promise, person_id, function, link, published_at, about, about_account_id,
                               about_site_id, respond_by)
    values (what_category, number, what, named, whose, guard, address, now(), thing, account, place, due)
    on conflict (about) where about is not null do update set
        says = excluded.says, promise = excluded.promise, person_id = excluded.person_id, published_at = excluded.published_at,
        about_account_id = excluded.about_account_id, about_site_id = excluded.about_site_id, respond_by = excluded.respond_by
    where anyway or portal.notice.published_at < excluded.published_at
$$;

-- The desk replied, or moved the ticket on: its requester hears. What closes by itself is no news.
create or replace function authz.say_reply() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
declare
    t record;
begin
    select x.id, x.account_id, x.site_id, x.requested_by, x.number into t from portal.ticket x
    join portal.person p on p.id = x.requested_by and p.kind = 'customer'
    where x.account_id = new.account_id and x.id = new.ticket_id;
    if found then
        perform authz.say_about('ticket/' || t.id, t.account_id, t.site_id, t.requested_by, 'ticket', 'ticket.view_own', 'ticket_answered',
                                null, t.number, '/tickets?ticket=' || t.number, null, false);
    end if;
    return null;
end $$;

create or replace function authz.say_move() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
begin
    if exists (select from portal.person p where p.id = new.requested_by and p.kind = 'customer') then
        perform authz.say_about('ticket/' || new.id, new.account_id, new.site_id, new.requested_by, 'ticket', 'ticket.view_own',
                                'ticket_status', new.status, new.number, '/tickets?ticket=' || new.number,
                                case when new.status = 'waiting_customer' then new.respond_by end, true);
    end if;
    return null;
end $$;

-- A draft of an invoice became one.
create or replace function authz.say_issued() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
begin
    perform authz.say_about('invoice/' || new.id, new.account_id, null, null, 'billing', 'invoice.view', 'invoice_issued',
                            new.due_date::text, new.number, '/invoices?invoice=' || new.uuid, null, true);
    return null;
end $$;

-- Orders change by imports, many at once.
create or replace function authz.say_order() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
begin
    perform authz.say_about('order/' || n.id, n.account_id, n.site_id, null, 'order', 'order.view', 'order_status', n.status, n.number,
                            '/orders?order=' || n.uuid, null, true)
    from new_rows n join old_rows o on o.id = n.id where n.status <> o.status and n.status in ('in_progress', 'installed', 'cancelled');
    return null;
end $$;

-- As the worker: invoices whose day has passed at their issuer and that are still open, said once, and only while it is news.
create or replace function authz.say_overdue(most integer) returns bigint
language plpgsql volatile security definer set search_path = '' as $$
declare
    i record; n bigint := 0;
begin
    for i in
        select x.id, x.account_id, x.number, x.uuid, x.due_date from portal.invoice x join portal.legal_entity e on e.id = x.issuer_id
        where x.state in ({in_force}) and x.type = 'invoice' and x.balance > 0 and not x.disputed
          and x.due_date between current_date - 3 and current_date and x.due_date < (now() at time zone e.time_zone)::date
          and not exists (select from portal.notice k where k.about = 'invoice/' || x.id and k.says = 'invoice_overdue')
        order by x.due_date, x.id limit most
    loop
        perform authz.say_about('invoice/' || i.id, i.account_id, null, null, 'billing', 'invoice.view', 'invoice_overdue',
                                i.due_date::text, i.number, '/invoices?invoice=' || i.uuid, null, true);
        n := n + 1;
    end loop;
    return n;
end $$;
