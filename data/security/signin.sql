-- What the login portal_auth may do, and nothing else: look one e-mail up, count a try, issue and redeem a code, touch and end a
-- session, redeem a link. It can read no table. Every function belongs to portal_authz.

-- In plpgsql, which plans once for a connection: asked at every click.
create or replace function signin.has_factor(person bigint) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
    return exists (select from auth.second_factor f where f.person_id = person);
end $$;

-- Must they have a second factor who sign in with a password? Whoever runs an account that asks for it, and staff. `staff_must` is the
-- operator's word about staff; without one (NULL) it is so everywhere but in a demo.
create or replace function signin.must_have_factor(person bigint, staff_must boolean) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
    return (
        with recursive run (id) as (
            select m.account_id from portal.membership m
            where m.person_id = person and m.role = 'paa' and m.ended_at is null
            union
            select a.id from portal.account a join run on a.parent_id = run.id
        )
        select exists (select from portal.account a join run on run.id = a.id where a.second_factor_for_paa)
            or (exists (select from portal.person p where p.id = person and p.kind = 'staff')
                and coalesce(staff_must, not exists (
                    select from portal.instance i where i.key = 'kind' and i.value = 'demo'))));
end $$;

-- One row for any e-mail, known or not, from the same statement, so that both cost the same. As long as anybody's password is
-- kept as bcrypt made it, `older` says in which form: then every try is also tried against one of that kind.
drop function if exists signin.look_up(text, bytea, bytea);
create function signin.look_up(typed_email text, email_key bytea, address_key bytea)
returns table (
    person_id bigint, name text, kind text, role text, password_hash text, blocked boolean, older text)
language sql stable security definer set search_path = '' as $$
    select p.id, p.name, p.kind,
           (select m.role from portal.staff_member m where m.person_id = p.id order by m.role limit 1),
           c.password_hash,
           coalesce(e.blocked_until > now(), false) or coalesce(a.blocked_until > now(), false),
           (select max(left(o.password_hash, 7)) from auth.credential o where o.password_hash ^@ '$2')
    from (select 1) one
    left join portal.person p on lower(p.email) = lower(typed_email) and p.disabled_at is null
    left join auth.credential c on c.person_id = p.id
    left join auth.throttle e on e.key = email_key
    left join auth.throttle a on a.key = address_key
$$;

-- A try, failed or not: after five failures in a row the wait doubles, up to fifteen minutes; a success clears the e-mail's count.
create or replace function signin.count(email_key bytea, address_key bytea, succeeded boolean) returns void
language plpgsql security definer set search_path = '' as $$
begin
    insert into auth.throttle as t (key, failures) values (email_key, case when succeeded then 0 else 1 end)
    on conflict (key) do update set
        failures = case when succeeded then 0 when t.last_at < now() - interval '1 day' then 1 else t.failures + 1 end,
        last_at = now(),
        blocked_until = case
            when succeeded then null
            when t.blocked_until > now() then t.blocked_until
            when t.failures + 1 >= 5 and t.last_at >= now() - interval '1 day'
                then now() + least(power(2, t.failures - 4), 900) * interval '1 second' end;
    -- one address: fifty failures in ten minutes, then ten minutes of silence
    insert into auth.throttle as t (key, failures) values (address_key, case when succeeded then 0 else 1 end)
    on conflict (key) do update set
        failures = case when t.since < now() - interval '10 minutes' then 0 else t.failures end
                   + case when succeeded then 0 else 1 end,
        since = case when t.since < now() - interval '10 minutes' then now() else t.since end,
        last_at = now(),
        blocked_until = case
            when t.blocked_until > now() then t.blocked_until
            when t.since >= now() - interval '10 minutes' and t.failures + 1 >= 50 and not succeeded
                then now() + interval '10 minutes' end;
end $$;

-- A try to sign in. A failed one stands in the audit log, as long as tries are accepted: who waits could fill it. What was typed is
-- not kept, for it may be a password; of an e-mail that nobody has the entry says just that somebody tried.
drop function if exists signin.count_try(bytea, bytea, boolean);
create or replace function signin.count_try(
    email_key bytea, address_key bytea, succeeded boolean, typed_email text default null, from_address text default null)
returns void
language plpgsql security definer set search_path = '' as $$
declare
    accepted boolean := not exists (
        select from auth.throttle t where t.key in (email_key, address_key) and t.blocked_until > now());
    whose bigint := (select p.id from portal.person p where lower(p.email) = lower(typed_email) and p.disabled_at is null);
begin
    -- a right password alone wipes out no wrong codes: whoever knows it could guess on for ever
    if succeeded and signin.has_factor(whose) then return; end if;
    if not succeeded and accepted then
        if whose is not null then
            perform authz.note_person(whose, 'session.refused', 'nobody', from_address, null, null);
        else
            insert into portal.audit_entry (actor_kind, audience, action, object_kind, address)
            values ('nobody', 'staff', 'session.refused', 'person', nullif(from_address, ''));
        end if;
    end if;
    perform signin.count(email_key, address_key, succeeded);
end $$;

-- `proof`: by what they proved who they are. Where there is a second factor, a password is not enough.
drop function if exists signin.issue_code(bigint, bytea, bytea, text, text);
create or replace function signin.issue_code(
    proven_person bigint, new_code_hash bytea, bound_browser_hash bytea, work_as text, then_to text,
    proof text default 'password', lasting interval default '45 seconds') returns void
language plpgsql security definer set search_path = '' as $$
begin
    if proof = 'password' and signin.has_factor(proven_person) then
        raise exception 'the second factor is missing' using errcode = 'insufficient_privilege';
    end if;
    insert into auth.sign_in_code (code_hash, person_id, browser_hash, role, next, expires_at, proved_by)
    values (new_code_hash, proven_person, bound_browser_hash, work_as, then_to, now() + lasting, proof);
end $$;

-- Has somebody the role that they work in? What was begun in one that was taken away is over.
create or replace function signin.still_works_as(person bigint, work_as text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
    return work_as is null or exists (
        select from portal.staff_member m where m.person_id = person and m.role = work_as);
end $$;

-- One UPDATE decides who wins, so a code opens one session, however many ask at once. Returns where to go, or NULL.
create or replace function signin.redeem_code(
    given_code_hash bytea, given_browser_hash bytea, new_token_hash bytea, old_token_hash bytea,
    from_device text, from_address text) returns text
language plpgsql security definer set search_path = '' as $$
declare
    code auth.sign_in_code;
begin
    update auth.sign_in_code set used_at = now()
    where code_hash = given_code_hash and browser_hash = given_browser_hash and used_at is null and expires_at > now()
    returning * into code;
    -- also if they set a second factor up in the meantime, were disabled, or lost the role: enabled again they would be signed in
    if not found or (code.proved_by = 'password' and signin.has_factor(code.person_id))
       or not exists (select from portal.person p where p.id = code.person_id and p.disabled_at is null)
       or not signin.still_works_as(code.person_id, code.role) then return null; end if;
    perform signin.end_session(old_token_hash, from_address);
    insert into auth.session (token_hash, person_id, role, expires_at, address, device, proved_by)
    values (new_token_hash, code.person_id, code.role, now() + interval '12 hours', from_address, left(from_device, 200),
            code.proved_by);
    perform authz.note_person(
        code.person_id, case code.proved_by when 'oidc' then 'session.sign_on' else 'session.start' end, null, from_address,
        null, null);
    return code.next;
end $$;

-- What is known of somebody in a session of theirs: their accounts, and what they hold there; of a delegated one, no more than it
-- was made for.
create or replace function signin.facts_of(p portal.person, s auth.session) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
    return jsonb_build_object(
        'person_id', p.id, 'person_uuid', p.uuid, 'email', p.email, 'name', p.name, 'kind', p.kind,
        'language', p.language, 'time_zone', p.time_zone, 'theme', p.theme, 'role', s.role, 'expires_at', s.expires_at, 'functions', s.functions,
        'roles', (select coalesce(jsonb_agg(m.role order by m.role), '[]') from portal.staff_member m where m.person_id = p.id),
        'remembered', (select to_jsonb(c.account_ids) from portal.account_choice c where c.person_id = p.id and s.role is null),
        'accounts', (select coalesce(jsonb_agg(a order by a.name), '[]') from signin.accounts_of(p.id, s.role) a),
        'grants', (
            select coalesce(jsonb_agg(jsonb_build_array(g.account_id, g.function, g.site_ids)), '[]')
            from portal.access_grant g
            join portal.membership m on m.person_id = g.person_id and m.account_id = g.account_id and m.ended_at is null
            where g.person_id = p.id and g.function <> 'user.manage'
              and (s.functions is null or g.function = any (s.functions))));
end $$;

-- Who is behind a token: everything a page needs to know about them, in one call. NULL when the session is not alive.
-- A rerun counts as activity (at most one write in half a minute); the heartbeat of an open tab does not. Browsers alone: a job's
-- narrowed token brought along as a cookie is none.
-- Who must have a second factor by now (signin.must_have_factor) and came in without one has to sign in again.
drop function if exists signin.who(bytea, boolean);
create or replace function signin.who(given_token_hash bytea, is_activity boolean, staff_must boolean default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
    s auth.session;
    p portal.person;
begin
    select * into s from auth.session t
    where t.token_hash = given_token_hash and t.kind = 'web' and t.revoked_at is null and t.expires_at > now()
      and t.last_seen > now() - interval '30 minutes';
    if not found then return null; end if;
    select * into p from portal.person q where q.id = s.person_id and q.disabled_at is null;
    if not found then return null; end if;
    if not signin.still_works_as(p.id, s.role) then return null; end if;
    if s.proved_by = 'password' and (
        signin.has_factor(p.id) or signin.must_have_factor(p.id, staff_must))
    then
        perform signin.end_session(given_token_hash);
        return null;
    end if;
    if is_activity and s.last_seen < now() - interval '30 seconds' then
        update auth.session set last_seen = now() where token_hash = given_token_hash;
    end if;
    return signin.facts_of(p, s) || jsonb_build_object(
        'proved_by', s.proved_by,
        'idle_seconds', extract(epoch from now() - case when is_activity then now() else s.last_seen end));
end $$;

-- The other role of somebody who has two. It stands in the session, so from the next statement on authz answers for this role
-- and no other; the session goes on under a new token, and the one before is worth nothing. False for a role they do not have,
-- and for a session that is not a browser's or not alive: then the token stays.
drop function if exists signin.work_as(bytea, text);
create or replace function signin.work_as(
    given_token_hash bytea, wanted text, new_token_hash bytea, from_address text default null) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
    s auth.session;
begin
    select * into s from auth.session t
    where t.token_hash = given_token_hash and t.revoked_at is null and signin.person_behind(t.token_hash) is not null
    for update;
    if not found or not exists (
        select from portal.staff_member m join portal.person p on p.id = m.person_id
        where m.person_id = s.person_id and m.role = wanted and p.kind = 'staff')
    then return false; end if;
    update auth.session set token_hash = new_token_hash, role = wanted, last_seen = now() where token_hash = given_token_hash;
    if s.role is not distinct from wanted then return true; end if;
    perform authz.note_person(
        s.person_id, 'session.role', null, from_address,
        jsonb_build_object('role', s.role), jsonb_build_object('role', wanted));
    return true;
end $$;

-- The accounts somebody can look at: their own with all below those they run, or the ones they look after.
create or replace function signin.accounts_of(person bigint, work_as text)
returns table (id bigint, uuid uuid, code text, name text, parent_id bigint, is_paa boolean)
language sql stable security definer set search_path = '' as $$
    with recursive mine (id, is_paa) as (
        select m.account_id, m.role = 'paa' from portal.membership m where m.person_id = person and m.ended_at is null
        union
        select a.id, true from portal.account a join mine on a.parent_id = mine.id and mine.is_paa
    ), looked_at as (
        select id, bool_or(is_paa) is_paa from mine group by id
        union all
        select s.account_id, false from portal.assignment s where s.person_id = person and work_as = 'account_manager'
    )
    select a.id, a.uuid, a.code, a.name, a.parent_id, l.is_paa from portal.account a join looked_at l on l.id = a.id
$$;

-- Ends one session and tells the web processes, so that open tabs go back to the sign-in page.
drop function if exists signin.end_session(bytea);
create or replace function signin.end_session(given_token_hash bytea, from_address text default null) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
    whose bigint;
begin
    update auth.session set revoked_at = now() where token_hash = given_token_hash and revoked_at is null
    returning person_id into whose;
    if not found then return false; end if;
    perform pg_notify('portal', 'S' || encode(given_token_hash, 'hex'));
    perform authz.note_person(whose, 'session.end', null, from_address, null, null);
    return true;
end $$;

drop function if exists signin.end_all_sessions(bytea);
create or replace function signin.end_all_sessions(given_token_hash bytea, from_address text default null) returns integer
language plpgsql security definer set search_path = '' as $$
begin
    return (
        select count(*) from (
            select signin.end_session(other.token_hash, from_address)
            from auth.session mine join auth.session other on other.person_id = mine.person_id
            where mine.token_hash = given_token_hash and mine.kind = 'web' and mine.revoked_at is null
              and other.revoked_at is null) ended);
end $$;

-- A link that sets a password, as long as it does: unused, not expired, the last of its kind that its person was given, and their
-- password still the one it was made for. A link for anything else is none.
create or replace function signin.live_link(given_token_hash bytea)
returns table (person_id bigint, purpose text, email text, name text)
language sql stable security definer set search_path = '' as $$
    select p.id, l.purpose, p.email, p.name
    from auth.link l join portal.person p on p.id = l.person_id left join auth.credential c on c.person_id = p.id
    where l.token_hash = given_token_hash and l.purpose in ('set_password', 'reset_password')
      and l.used_at is null and l.expires_at > now() and p.disabled_at is null
      and c.changed_at is not distinct from l.password_from
      and not exists (
          select from auth.link n
          where n.person_id = l.person_id and n.purpose = l.purpose and n.created_at > l.created_at)
$$;

create or replace function signin.link_person(given_token_hash bytea) returns table (email text, name text)
language sql stable security definer set search_path = '' as $$
    select l.email, l.name from signin.live_link(given_token_hash) l
$$;

-- Somebody forgot the password of this e-mail, or says so. Known, unknown and disabled leave the same rows by the same statements:
-- a count, a link (of nobody, where there is nobody), a mail to what was typed, an entry in the audit log. Whether that mail is sent
-- is decided when its turn comes (authz.letter). Asking too often does nothing, for everyone alike.
create or replace function signin.ask_for_password(
    typed_email text, email_key bytea, address_key bytea, new_token_hash bytea, says jsonb, new_message_id text,
    from_address text) returns void
language plpgsql security definer set search_path = '' as $$
declare
    p record;
    too_often boolean;
begin
    -- who asks at the same time waits here, or ten questions would be looked at before the first was counted
    insert into auth.throttle (key) values (email_key), (address_key) on conflict (key) do nothing;
    perform from auth.throttle t where t.key in (email_key, address_key) order by t.key for update;
    select coalesce(bool_or(t.blocked_until > now()), false) into too_often
    from auth.throttle t where t.key in (email_key, address_key);
    perform signin.count(email_key, address_key, false);
    select q.id, q.uuid, c.changed_at into p
    from (select 1) one
    left join portal.person q on lower(q.email) = lower(typed_email) and q.disabled_at is null
    left join auth.credential c on c.person_id = q.id;
    if too_often then return; end if;
    insert into auth.link (token_hash, person_id, purpose, password_from, expires_at)
    values (new_token_hash, p.id, 'reset_password', p.changed_at, now() + interval '30 minutes');
    insert into portal.mail (dedupe_key, kind, address, context, message_id)
    values (encode(new_token_hash, 'hex'), 'password_link', typed_email, says, new_message_id);
    insert into portal.audit_entry (actor_kind, audience, action, object_kind, object_id, address)
    values ('nobody', 'staff', 'password.ask', 'person', p.uuid::text, nullif(from_address, ''));
end $$;

-- That their password is another one now: by mail, in case it was not they who did it.
create or replace function signin.tell_of_password(person bigint, says jsonb, new_message_id text) returns void
language sql security definer set search_path = '' as $$
    insert into portal.mail (dedupe_key, kind, person_id, context, message_id)
    values (new_message_id, 'password_changed', person, says, new_message_id)
$$;

-- Uses the link once: sets the password, ends every session of the person, forgets failed tries. Returns the e-mail, or NULL.
drop function if exists signin.set_password(bytea, text, bytea);
create or replace function signin.set_password(
    given_token_hash bytea, new_hash text, email_key bytea, says jsonb, new_message_id text) returns text
language plpgsql security definer set search_path = '' as $$
declare
    whose bigint;
    why text;
begin
    update auth.link l set used_at = now()
    where l.token_hash = given_token_hash and l.used_at is null and exists (select from signin.live_link(given_token_hash))
    returning l.person_id, l.purpose into whose, why;
    if not found then return null; end if;
    insert into auth.credential (person_id, password_hash) values (whose, new_hash)
    on conflict (person_id) do update set password_hash = excluded.password_hash, changed_at = now();
    perform signin.end_session(t.token_hash, says ->> 'address') from auth.session t where t.person_id = whose and t.revoked_at is null;
    delete from auth.throttle where key = email_key;
    perform authz.note_person(whose, 'password.set', null, says ->> 'address', null, null);
    if why = 'reset_password' then perform signin.tell_of_password(whose, says, new_message_id); end if;
    return (select p.email from portal.person p where p.id = whose);
end $$;

-- Who is signed in with this browser's session, while it is alive; NULL for a job's.
create or replace function signin.person_behind(given_token_hash bytea) returns bigint
language sql stable security definer set search_path = '' as $$
    select s.person_id from auth.session s join portal.person p on p.id = s.person_id
    where s.token_hash = given_token_hash and s.kind = 'web' and s.revoked_at is null and s.expires_at > now()
      and s.last_seen > now() - interval '30 minutes' and p.disabled_at is null
      and (s.proved_by <> 'password' or not signin.has_factor(s.person_id))
      and signin.still_works_as(s.person_id, s.role)
$$;

-- The browsers in which the person behind this token is signed in now, this one first. No token, no hash of one.
create or replace function signin.sessions_of(given_token_hash bytea)
returns table (
    uuid uuid, device text, address text, began_at timestamptz, last_seen timestamptz, ends_at timestamptz, is_this boolean)
language sql stable security definer set search_path = '' as $$
    select s.uuid, s.device, s.address, s.created_at, s.last_seen, s.expires_at, s.token_hash = given_token_hash
    from auth.session s
    where s.person_id = signin.person_behind(given_token_hash) and signin.person_behind(s.token_hash) is not null
    order by s.token_hash = given_token_hash desc, s.last_seen desc, s.uuid
$$;

-- Ends another session of the same person: the one named, or all of them (NULL). How many that were.
create or replace function signin.end_others(given_token_hash bytea, wanted uuid) returns integer
language plpgsql security definer set search_path = '' as $$
declare
    whose bigint := signin.person_behind(given_token_hash);
begin
    return (
        select count(*) from (
            select signin.end_session(s.token_hash) from auth.session s
            where s.person_id = whose and s.kind = 'web' and s.revoked_at is null and s.token_hash <> given_token_hash
              and (wanted is null or s.uuid = wanted)) ended);
end $$;

-- Another password for whoever is signed in and has just proven the one they have; all their other sessions end.
create or replace function signin.change_password(
    given_token_hash bytea, proven_person bigint, new_hash text, says jsonb, new_message_id text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
    whose bigint := signin.person_behind(given_token_hash);
begin
    if whose is null or whose <> proven_person then return false; end if;
    update auth.credential set password_hash = new_hash, changed_at = clock_timestamp() where person_id = whose;
    if not found then return false; end if;
    perform signin.end_session(t.token_hash) from auth.session t
    where t.person_id = whose and t.revoked_at is null and t.token_hash <> given_token_hash;
    perform authz.note_person(whose, 'password.change', null, says ->> 'address', null, null);
    perform signin.tell_of_password(whose, says, new_message_id);
    return true;
end $$;

-- A password that was just proven, kept in a newer form.
create or replace function signin.upgrade_hash(proven_person bigint, old_hash text, new_hash text) returns void
language sql security definer set search_path = '' as $$
    update auth.credential set password_hash = new_hash where person_id = proven_person and password_hash = old_hash
$$;

-- Whom somebody can call who cannot sign in (SPEC R16).
create or replace function signin.service_desk()
returns table (site text, city text, country text, phone text, email text, hours text)
language sql stable security definer set search_path = '' as $$
    select s.name, s.city, s.country, c.phone, c.email, c.hours
    from portal.site_contact c join portal.site s on s.id = c.site_id
    where c.kind = 'service_desk' and s.status = 'active' order by s.country, s.city
$$;

-- What `/readyz` tells: the revision of the tables, when the worker was last seen, since when the oldest mail is due.
drop function if exists signin.health();
create function signin.health()
returns table (
    revision text, worker_seen timestamptz, oldest_mail timestamptz, unsent_since timestamptz, dead_mails bigint,
    overdue_reports bigint)
language sql stable security definer set search_path = '' as $$
    select (select v.version_num from portal.alembic_version v),
           (select j.finished_at from portal.job_run j where j.name = 'worker' and j.slot = 'alive'),
           -- one that was refused for now is due at its next try, all others since they were written
           (select min(m.due) from (
               select case when x.attempts = 0 then x.created_at else x.next_at end from portal.mail x
               where x.state = 'ready') m (due) where m.due < now()),
           (select min(m.created_at) from portal.mail m where m.state = 'ready'),
           (select count(*) from portal.mail m where m.state = 'dead'),
           (select count(*) from portal.scheduled_report r
            where r.stopped_at is null and r.next_at < now() - interval '30 minutes')
$$;
