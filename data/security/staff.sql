-- What staff do to accounts, to the rights of a customer's people, and to people themselves. Each function asks who is behind the
-- session and checks everything by itself: no hat has a grant that would do the same without it.

-- Who runs an account and can sign in: its administrators and those of the accounts above.
create or replace function authz.who_run(wanted bigint) returns table (person_id bigint, membership_id bigint)
language sql stable security definer set search_path = '' as $$
    with recursive line (id, parent_id) as (
        select a.id, a.parent_id from portal.account a where a.id = wanted
        union
        select a.id, a.parent_id from portal.account a join line on a.id = line.parent_id
    )
    select m.person_id, m.id from portal.membership m join line on line.id = m.account_id
    join portal.person p on p.id = m.person_id and p.disabled_at is null
    where m.role = 'paa' and m.ended_at is null
$$;

-- Would the account lose its last administrator without this membership, or without this person?
create or replace function authz.left_alone(wanted bigint, without_membership bigint, without_person bigint) returns boolean
language sql stable security definer set search_path = '' as $$
    select exists (select from authz.who_run(wanted)) and not exists (
        select from authz.who_run(wanted) w
        where w.membership_id is distinct from without_membership and w.person_id is distinct from without_person)
$$;

-- Accounts stand below each other without circles, not deeper than people can follow, and none loses its last administrator by
-- being moved. Everybody who moves one waits here for the others: two moves can make a circle that neither is.
create or replace function authz.check_account() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
declare
    above bigint[];
    height integer;
    was_below bigint := case when tg_op = 'UPDATE' then old.parent_id end;
begin
    perform pg_advisory_xact_lock(7304, 0);
    if not authz.staff('account.manage') then  -- asked again by whoever waited
        raise exception 'permission denied: not theirs to manage' using errcode = 'insufficient_privilege';
    end if;
    if tg_op = 'UPDATE' then
        if new.version <> old.version + 1 then
            raise exception 'permission denied: a change of an account has the version that follows'
                using errcode = 'insufficient_privilege';
        end if;
        if new.closed_at is distinct from old.closed_at and new.closed_at is not null
           and (old.closed_at is not null or new.closed_at not between now() - interval '1 minute' and clock_timestamp() + interval '1 minute')
        then
            raise exception 'permission denied: an account is closed now' using errcode = 'insufficient_privilege';
        end if;
    end if;
    if new.parent_id is not distinct from was_below then return new; end if;
    if tg_op = 'UPDATE' and not authz.proved() then  -- a new one has nobody whose rights it could change
        raise exception 'permission denied: prove first that it is you' using errcode = 'insufficient_privilege';
    end if;

    with recursive line (id, parent_id) as (
        select a.id, a.parent_id from portal.account a where a.id = new.parent_id
        union
        select a.id, a.parent_id from portal.account a join line on a.id = line.parent_id
    )
    select coalesce(array_agg(line.id), '{}') into above from line;
    with recursive below (id, level) as (
        select new.id, 1
        union
        select a.id, below.level + 1 from portal.account a join below on a.parent_id = below.id where below.level < 100
    )
    select max(below.level) into height from below;
    if new.id = any (above) or cardinality(above) + height > {levels} then
        raise exception 'permission denied: accounts stand below each other, at most {levels} deep'
            using errcode = 'insufficient_privilege';
    end if;
    if exists (select from portal.account a where a.id = new.parent_id and a.closed_at is not null) then
        raise exception 'permission denied: the account above is closed' using errcode = 'insufficient_privilege';
    end if;
    if was_below is not null and exists (select from authz.who_run(was_below))
       and not exists (
           select from portal.membership m join portal.person p on p.id = m.person_id and p.disabled_at is null
           where m.account_id = new.id and m.role = 'paa' and m.ended_at is null)
       and not exists (select from authz.who_run(new.parent_id)) then
        raise exception 'permission denied: an account never loses its last administrator' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

-- What somebody is to an account and may do there, as the audit log says it: functions with the codes of their sites, or "all".
create or replace function authz.rights_said(account bigint, person bigint, as_role text) returns jsonb
language sql stable security definer set search_path = '' as $$
    select jsonb_build_object('role', as_role, 'rights', coalesce((
        select jsonb_object_agg(g.function, case when g.site_ids is null then to_jsonb('all'::text) else (
            select jsonb_agg(s.code order by s.code) from portal.site s where s.id = any (g.site_ids)) end)
        from portal.access_grant g where g.account_id = account and g.person_id = person), '{}'))
$$;

-- A sentence that its reader learns something from.
create or replace function authz.is_reason(why text) returns boolean
language sql immutable security definer set search_path = '' as $$
    select coalesce(length(btrim(why)) between {shortest_reason} and {longest_reason}, false)
$$;

-- What staff did about an invitation ('access.invite', 'access.resend', 'access.revoke'), and why: in the log that the customer
-- reads, and by mail to all who run the account.
drop function if exists authz.tell_of_invitation(portal.invitation, text);
create or replace function authz.tell_of_invitation(i portal.invitation, what text, why text, like_message_id text) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
    mail_domain text := rtrim(split_part(like_message_id, '@', 2), '>');
begin
    insert into portal.audit_entry (actor_id, actor_name, audience, account_id, function, action, object_kind, object_id,
                                    object_label, address, after, reason)
    select p.id, p.name, 'customer', i.account_id, 'user.manage', what, 'invitation', i.uuid::text, i.name, s.address,
           jsonb_build_object('email', i.email) || case when what = 'access.invite'
               then jsonb_build_object('role', i.role, 'rights', authz.sites_said(i.rights)) else '{}' end, btrim(why)
    from auth.session s join portal.person p on p.id = s.person_id
    where s.token_hash = sha256(convert_to(nullif(current_setting('portal.session', true), ''), 'UTF8'));
    insert into portal.mail (account_id, dedupe_key, kind, person_id, context, message_id)
    select i.account_id, gen_random_uuid()::text, 'access_by_staff', w.person_id,
           jsonb_build_object('by', (select p.name from portal.person p where p.id = authz.me()), 'member', i.name,
                              'reason', btrim(why), 'role', i.role, 'did', what),
           '<' || gen_random_uuid() || '@' || mail_domain || '>'
    from (select distinct r.person_id from authz.who_run(i.account_id) r) w;
end $$;

-- Functions with the codes of their sites, or "all".
create or replace function authz.sites_said(rights jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
    select coalesce(jsonb_object_agg(r.key, case when jsonb_typeof(r.value) = 'array' then (
        select jsonb_agg(s.code order by s.code) from portal.site s where r.value @> to_jsonb(s.id))
        else to_jsonb('all'::text) end), '{}')
    from jsonb_each(rights) r
$$;

-- What staff change of somebody's rights at a customer's request (access.manage): never of their own, never a colleague's, always
-- with a reason; in the same breath it stands in the log that the customer reads, and all who run the account are told by mail.
-- `new_role` NULL ends the membership. Says 'done', or why not: 'changed' (meanwhile), 'last' (administrator).
create or replace function authz.apply_rights(
    member uuid, seen_version bigint, new_role text, new_rights jsonb, why text, from_address text, mail_domain text) returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
    me bigint := authz.me();
    m portal.membership;
    p record;
    was jsonb;
    told bigint[];
begin
    -- like every change of a membership: first the account's turn, then the row
    perform pg_advisory_xact_lock(7302, hashint8(x.account_id)) from portal.membership x where x.uuid = member;
    select x.* into m from portal.membership x where x.uuid = member for update;
    select q.id, q.kind, q.name into p from portal.person q where q.id = m.person_id;
    if me is null or not authz.staff('access.manage') or p.id is null or p.id = me or p.kind <> 'customer' then
        raise exception 'permission denied: not theirs to change' using errcode = 'insufficient_privilege';
    end if;
    if not authz.proved() then
        raise exception 'permission denied: prove first that it is you' using errcode = 'insufficient_privilege';
    end if;
    if not authz.is_reason(why) then
        raise exception 'permission denied: say why' using errcode = 'insufficient_privilege';
    end if;
    perform pg_advisory_xact_lock_shared(7304, 0);  -- not while accounts are moved
    if m.version <> seen_version or m.ended_at is not null then return 'changed'; end if;
    if new_role not in ('paa', 'general') or exists (
        select from jsonb_each(coalesce(new_rights, '{}')) r (function, sites)
        where new_role is distinct from 'general'
           or not r.function = any (array[{customer_functions}]) or r.function = 'user.manage'
           or (r.sites <> 'null' and (
               not r.function = any (array[{sited}]) or jsonb_typeof(r.sites) <> 'array' or r.sites = '[]'
               or exists (select from jsonb_array_elements(r.sites) s where not exists (
                   select from portal.site x where to_jsonb(x.id) = s))))) then
        raise exception 'permission denied: such rights cannot be given' using errcode = 'insufficient_privilege';
    end if;
    if m.role = 'paa' and new_role is distinct from 'paa' and authz.left_alone(m.account_id, m.id, null) then return 'last'; end if;

    was := authz.rights_said(m.account_id, p.id, m.role);
    told := array(select w.person_id from authz.who_run(m.account_id) w);
    delete from portal.access_grant g where g.account_id = m.account_id and g.person_id = p.id;
    update portal.membership x
    set role = coalesce(new_role, x.role), ended_at = case when new_role is null then clock_timestamp() end, version = x.version + 1
    where x.id = m.id;
    insert into portal.access_grant (account_id, person_id, function, site_ids)
    select m.account_id, p.id, r.function,
           case when r.sites <> 'null' then array(select s::bigint from jsonb_array_elements(r.sites) s) end
    from jsonb_each(coalesce(new_rights, '{}')) r (function, sites);

    insert into portal.audit_entry (actor_id, actor_name, audience, account_id, function, action, object_kind, object_id,
                                    object_label, address, before, after, reason)
    select me, (select q.name from portal.person q where q.id = me), 'customer', m.account_id, 'user.manage',
           case when new_role is null then 'access.end' else 'access.change' end, 'membership', m.uuid::text, p.name,
           nullif(from_address, ''), was,
           case when new_role is not null then authz.rights_said(m.account_id, p.id, new_role) end, btrim(why);
    insert into portal.mail (account_id, dedupe_key, kind, person_id, context, message_id)
    select m.account_id, gen_random_uuid()::text, 'access_by_staff', w.person_id,
           jsonb_build_object('by', (select q.name from portal.person q where q.id = me), 'member', p.name, 'reason', btrim(why),
                              'role', new_role),
           '<' || gen_random_uuid() || '@' || mail_domain || '>'
    from (select unnest(told) person_id union select r.person_id from authz.who_run(m.account_id) r) w;
    return 'done';
end $$;

-- In the log, by whoever is signed in: of a customer where all who run an account of theirs can read it, of staff for staff.
create or replace function authz.note_about(whom bigint, what text, from_address text, was jsonb, becomes jsonb, why text) returns void
language sql security definer set search_path = '' as $$
    insert into portal.audit_entry (actor_id, actor_name, audience, account_id, function, action, object_kind, object_id,
                                    object_label, address, before, after, reason)
    select me.id, me.name, p.kind, m.account_id, case when m.account_id is not null then 'user.manage' end, what, 'person',
           p.uuid::text, p.name, nullif(from_address, ''), was, becomes, nullif(btrim(why), '')
    from portal.person me join portal.person p on p.id = whom
    left join portal.membership m on m.person_id = p.id and m.ended_at is null and p.kind = 'customer'
    where me.id = authz.me()
$$;

-- Whoever manages people, about anybody but themselves. Two who would shut each other out wait for each other: whoever comes second
-- is asked again, and manages nobody any more, so that one administrator always stays.
create or replace function authz.somebody_else(whom uuid) returns portal.person
language plpgsql volatile security definer set search_path = '' as $$
declare
    p portal.person;
begin
    perform pg_advisory_xact_lock(7304, 0);
    select q.* into p from portal.person q where q.uuid = whom for update;
    if authz.me() is null or not authz.staff('people.manage') or p.id is null or p.id = authz.me() then
        raise exception 'permission denied: not theirs to manage' using errcode = 'insufficient_privilege';
    end if;
    return p;
end $$;

-- All their browsers, at once; the web processes hear of it, so that open tabs go to the sign-in page.
create or replace function authz.shut_out(person bigint) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
    ended bytea;
    n integer := 0;
begin
    for ended in
        update auth.session s set revoked_at = now() where s.person_id = person and s.revoked_at is null returning s.token_hash
    loop
        perform pg_notify('portal', 'S' || encode(ended, 'hex'));
        n := n + 1;
    end loop;
    return n;
end $$;

-- Says 'done', 'changed' (meanwhile), or 'last CODE …': the accounts that would be left without an administrator.
create or replace function authz.disable_person(whom uuid, seen_version bigint, why text, from_address text) returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
    p portal.person := authz.somebody_else(whom);
    alone text;
begin
    if not authz.proved() or not authz.is_reason(why) then
        raise exception 'permission denied: prove that it is you, and say why' using errcode = 'insufficient_privilege';
    end if;
    if p.version <> seen_version or p.disabled_at is not null then return 'changed'; end if;
    select string_agg(a.code, ' ' order by a.code) into alone
    from portal.membership m join portal.account a on a.id = m.account_id
    where m.person_id = p.id and m.role = 'paa' and m.ended_at is null and authz.left_alone(a.id, null, p.id);
    if alone is not null then return 'last ' || alone; end if;
    update portal.person q set disabled_at = now(), version = q.version + 1 where q.id = p.id;
    perform authz.shut_out(p.id);
    update auth.link l set used_at = now() where l.person_id = p.id and l.used_at is null;
    perform authz.note_about(p.id, 'person.disable', from_address, null, null, why);
    return 'done';
end $$;

create or replace function authz.enable_person(whom uuid, seen_version bigint, from_address text) returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
    p portal.person := authz.somebody_else(whom);
begin
    if not authz.proved() then
        raise exception 'permission denied: prove first that it is you' using errcode = 'insufficient_privilege';
    end if;
    if p.version <> seen_version or p.disabled_at is null then return 'changed'; end if;
    update portal.person q set disabled_at = null, version = q.version + 1 where q.id = p.id;
    perform authz.note_about(p.id, 'person.enable', from_address, null, null, null);
    return 'done';
end $$;

-- Where somebody is signed in, and when they began to be the last time, for who manages people. No token, no hash of one.
create or replace function authz.sign_ins_of(whom uuid)
returns table (device text, address text, began_at timestamptz, last_seen timestamptz, is_alive boolean)
language sql stable security definer set search_path = '' as $$
    select s.device, s.address, s.created_at, s.last_seen,
           s.revoked_at is null and s.expires_at > now() and s.last_seen > now() - interval '30 minutes' and p.disabled_at is null
    from auth.session s join portal.person p on p.id = s.person_id
    where p.uuid = whom and s.kind = 'web' and authz.staff('people.manage')
    order by s.created_at desc limit 20
$$;

create or replace function authz.end_sessions_of(whom uuid, from_address text) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
    p portal.person := authz.somebody_else(whom);
    n integer := authz.shut_out(p.id);
begin
    if n > 0 then perform authz.note_about(p.id, 'person.sign_out', from_address, null, null, null); end if;
    return n;
end $$;

-- Somebody new among the staff, with a link for their first password: by mail, three days. NULL where the address is known.
create or replace function authz.add_staff(
    new_email text, new_name text, as_role text, new_token_hash bytea, says jsonb, new_message_id text, from_address text) returns uuid
language plpgsql volatile security definer set search_path = '' as $$
declare
    p portal.person;
begin
    if not authz.staff('people.manage') or not authz.proved() then
        raise exception 'permission denied: not theirs to manage' using errcode = 'insufficient_privilege';
    end if;
    insert into portal.person (kind, email, name) values ('staff', btrim(new_email), btrim(new_name))
    on conflict do nothing returning * into p;
    if p.id is null then return null; end if;
    insert into portal.staff_member (person_id, role) values (p.id, as_role);
    insert into auth.link (token_hash, person_id, purpose, expires_at)
    values (new_token_hash, p.id, 'set_password', now() + interval '3 days');
    insert into portal.mail (dedupe_key, kind, person_id, context, message_id)
    values (encode(new_token_hash, 'hex'), 'staff_welcome', p.id, says, new_message_id);
    perform authz.note_about(p.id, 'person.add', from_address, null, jsonb_build_object('role', as_role), null);
    return p.uuid;
end $$;

-- The roles that one of the staff may work in, as a whole. A role that is taken ends what is open in it at the next statement; an
-- account manager who is none any more looks after nobody, also if they become one again.
create or replace function authz.set_staff_roles(whom uuid, seen_version bigint, wanted text[], from_address text) returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
    p portal.person := authz.somebody_else(whom);
    was text[] := array(select s.role from portal.staff_member s where s.person_id = p.id order by 1);
    becomes text[] := array(select distinct w from unnest(wanted) w order by 1);
begin
    if p.kind <> 'staff' or cardinality(becomes) = 0 or not authz.proved() then
        raise exception 'permission denied: staff have a role, and nobody else has one' using errcode = 'insufficient_privilege';
    end if;
    if p.version <> seen_version then return 'changed'; end if;
    if was = becomes then return 'same'; end if;
    delete from portal.staff_member s where s.person_id = p.id and not s.role = any (becomes);
    insert into portal.staff_member (person_id, role) select p.id, b from unnest(becomes) b where not b = any (was);
    if not 'account_manager' = any (becomes) then
        delete from portal.assignment a where a.person_id = p.id;
    end if;
    update portal.person q set version = q.version + 1 where q.id = p.id;
    perform authz.note_about(
        p.id, 'person.role', from_address, jsonb_build_object('role', to_jsonb(was)), jsonb_build_object('role', to_jsonb(becomes)), null);
    return 'done';
end $$;
