-- Who runs an account: those from above, the colleague who takes over, and whoever lacks something and asks them.
-- What stands in braces is filled in from rules/permissions.py.

-- Administrators of the accounts above those in view, whom no list of their people names; for whoever runs those, and staff who
-- manage access.
create or replace function authz.administrators_above()
returns table (account_id bigint, name text, email text, above_id bigint, above text)
language plpgsql stable security definer set search_path = '' as $$
declare
    run bigint[] := authz.everywhere('user.manage');  -- not in a session that is narrowed to something else
    by_staff boolean := authz.staff('access.manage');
begin
    return query
        with recursive line (wanted, id, parent_id) as (
            select a.id, a.id, a.parent_id from unnest(authz.chosen()) c join portal.account a on a.id = c
            where a.id = any (run) or by_staff
            union
            select l.wanted, a.id, a.parent_id from line l join portal.account a on a.id = l.parent_id
        )
        select l.wanted, p.name, p.email, a.id, a.name
        from line l join portal.account a on a.id = l.id
        join portal.membership m on m.account_id = l.id and m.role = 'paa' and m.ended_at is null
        join portal.person p on p.id = m.person_id and p.disabled_at is null
        where l.id <> l.wanted order by p.name, a.name, l.wanted;
end $$;

-- Whom somebody of an account turns to: who runs it, else who runs the nearest account above that has anybody.
create or replace function authz.administrators_of(wanted bigint) returns table (person_id bigint)
language sql stable security definer set search_path = '' as $$
    with recursive line (id, parent_id, distance) as (
        select a.id, a.parent_id, 0 from portal.account a where a.id = wanted
        union
        select a.id, a.parent_id, l.distance + 1 from line l join portal.account a on a.id = l.parent_id where l.distance < 20
    ), found as (
        select m.person_id, l.distance from line l
        join portal.membership m on m.account_id = l.id and m.role = 'paa' and m.ended_at is null
        join portal.person p on p.id = m.person_id and p.disabled_at is null
    )
    select f.person_id from found f where f.distance = (select min(distance) from found)
$$;

-- Somebody asks for a function they lack: each administrator is told by the bell and by mail, once a day and function however often
-- it is asked: 'asked', 'again' (today already), 'nobody' (to ask) or 'held'. It says nothing about what there is to be seen.
create or replace function authz.ask_administrators(wanted_function text, domain text) returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
    me bigint := authz.me();
    wanted bigint := authz.account('any');
    asks record;
    who bigint;
    notice bigint;
    said text := 'nobody';
begin
    if me is null or wanted is null or wanted_function = 'any' or not coalesce(authz.is_customer_function(wanted_function), false) then
        raise exception 'permission denied: nothing to ask for' using errcode = 'insufficient_privilege';
    end if;
    if authz.holds(me, wanted, wanted_function) then return 'held'; end if;
    select p.name, m.uuid into asks from portal.person p
    join portal.membership m on m.person_id = p.id and m.account_id = wanted and m.ended_at is null where p.id = me;
    for who in select a.person_id from authz.administrators_of(wanted) a loop
        insert into portal.mail (account_id, dedupe_key, kind, person_id, context, message_id)
        values (wanted, concat_ws('/', 'access_asked', me, wanted_function, (now() at time zone 'UTC')::date, who), 'access_asked', who,
                jsonb_build_object('by', asks.name, 'function', wanted_function, 'member', asks.uuid),
                '<' || gen_random_uuid() || '@' || domain || '>')
        on conflict do nothing;
        if not found then
            said := case said when 'asked' then said else 'again' end;
            continue;
        end if;
        said := 'asked';
        insert into portal.notice (category, title, says, promise, person_id, function, link, published_at)
        values ('advisory', asks.name, 'access_asked', wanted_function, who, 'user.manage', '/access?member=' || asks.uuid, now())
        returning id into notice;
        insert into portal.notice_account (notice_id, account_id) values (notice, wanted);
    end loop;
    return said;
end $$;

-- The one way to change one's own rights: an administrator makes a colleague administrator and becomes a general user, at once, so
-- that somebody always runs the account. The session goes on under another token. 'done', or 'changed' if the colleague's
-- membership is not what it was when the page showed it.
create or replace function authz.hand_over(
    wanted uuid, seen_version bigint, preset text, new_session_hash bytea, new_message_id text) returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
    me bigint := authz.me();
    theirs portal.membership;
    mine portal.membership;
    given text[] := case preset {preset_cases} end;
begin
    select m.* into theirs from portal.membership m
    where m.uuid = wanted and m.ended_at is null and m.account_id = authz.account('user.manage');
    if me is null or given is null or theirs.id is null or theirs.person_id = me or not authz.proved() then
        raise exception 'permission denied: not theirs to hand over' using errcode = 'insufficient_privilege';
    end if;
    perform pg_advisory_xact_lock(7302, hashint8(theirs.account_id));  -- like every change of a membership
    select m.* into mine from portal.membership m
    where m.account_id = theirs.account_id and m.person_id = me and m.role = 'paa' and m.ended_at is null for update;
    if mine.id is null then
        raise exception 'permission denied: whoever runs the account from above has nothing to hand over'
            using errcode = 'insufficient_privilege';
    end if;
    select m.* into theirs from portal.membership m where m.id = theirs.id for update;
    if theirs.ended_at is not null or theirs.version <> seen_version or not exists (
        select from portal.person p where p.id = theirs.person_id and p.kind = 'customer' and p.disabled_at is null) then
        return 'changed';
    end if;
    delete from portal.access_grant g where g.account_id = theirs.account_id and g.person_id in (me, theirs.person_id);
    update portal.membership m set role = 'paa', version = m.version + 1 where m.id = theirs.id;
    update portal.membership m set role = 'general', version = m.version + 1 where m.id = mine.id;
    insert into portal.access_grant (account_id, person_id, function) select mine.account_id, me, f from unnest(given) f;
    insert into portal.mail (account_id, dedupe_key, kind, person_id, context, message_id)
    select theirs.account_id, new_message_id, 'handed_over', theirs.person_id, jsonb_build_object('by', p.name), new_message_id
    from portal.person p where p.id = me;
    -- at last: from here on nobody is behind the token of this transaction
    update auth.session t set token_hash = new_session_hash
    where t.token_hash = sha256(convert_to(nullif(current_setting('portal.session', true), ''), 'UTF8')) and t.kind = 'web';
    if not found then
        raise exception 'permission denied: not from a browser' using errcode = 'insufficient_privilege';
    end if;
    return 'done';
end $$;
