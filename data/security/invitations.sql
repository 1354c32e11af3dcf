-- Invitations: somebody is asked by mail to join an account. Who may invite, what may be given and whose address it is are decided
-- here, whatever a page thinks; what was invited is decided once more when it is accepted. No function that an inviter calls looks at
-- who has the address: known, unknown and staff get the same answer from the same statements, and leave the same rows.
-- What stands in braces is filled in from rules/access.py.

-- May this person let people into the account now: who runs it, or staff who manage access (SPEC §3)?
create or replace function authz.lets_in(person bigint, wanted bigint) returns boolean
language sql stable security definer set search_path = '' as $$
    select exists (
        select from portal.person p join portal.account a on a.id = wanted
        where p.id = person and p.disabled_at is null and a.closed_at is null
          and case p.kind
              when 'customer' then authz.runs(p.id, wanted)
              else exists (
                  select from portal.staff_member m where m.person_id = p.id and authz.role_holds(m.role, 'access.manage')) end)
$$;

-- Can this be given: functions of customers but that of managing users, at sites only where a function has any (rules/access.py)?
create or replace function authz.can_be_given(wanted_role text, rights jsonb) returns boolean
language plpgsql stable security definer set search_path = '' as $$
declare
    r record;
begin
    if jsonb_typeof(rights) is distinct from 'object' then return false; end if;
    if wanted_role = 'paa' then return rights = '{}'; end if;
    if wanted_role is distinct from 'general' then return false; end if;
    for r in select x.key as function, x.value as sites from jsonb_each(rights) x loop
        if not r.function = any (array[{given}]) then return false; end if;
        if jsonb_typeof(r.sites) = 'null' then continue; end if;
        if jsonb_typeof(r.sites) <> 'array' or not r.function = any (array[{sited}]) then return false; end if;
        if jsonb_array_length(r.sites) = 0 or exists (
            select from jsonb_array_elements(r.sites) s
            where not exists (select from portal.site x where to_jsonb(x.id) = s)) then return false; end if;
    end loop;
    return true;
end $$;

-- Rights as a general user has them from now on.
create or replace function authz.grant_rights(wanted bigint, person bigint, rights jsonb) returns void
language sql volatile security definer set search_path = '' as $$
    insert into portal.access_grant (account_id, person_id, function, site_ids)
    select wanted, person, r.key, case jsonb_typeof(r.value) when 'array' then array(
        select distinct s::bigint from jsonb_array_elements_text(r.value) s order by 1) end
    from jsonb_each(rights) r
$$;

-- The account in which whoever asks may invite with this transaction: the one they run and look at; for staff, whichever is named.
create or replace function authz.inviting(wanted bigint) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
    return coalesce(wanted = authz.account('user.manage'), false) or authz.staff('access.manage');
end $$;

-- The letter with the link; the link itself is made when the letter is written (jobs/letters).
create or replace function authz.write_invitation(i portal.invitation, new_message_id text) returns void
language sql volatile security definer set search_path = '' as $$
    insert into portal.mail (account_id, dedupe_key, kind, address, context, message_id)
    values (i.account_id, 'invitation/' || i.uuid || '/' || i.edition, 'invitation', i.email,
            jsonb_build_object('invitation', i.uuid, 'edition', i.edition), new_message_id)
$$;

-- At most a hundred letters of an account in a day: nobody writes to the world in the operator's name.
create or replace function authz.may_write_invitation(wanted bigint) returns boolean
language plpgsql volatile security definer set search_path = '' as $$
begin
    perform pg_advisory_xact_lock(7303, hashint8(wanted));
    return (select count(*) < 100 from portal.mail m
            where m.account_id = wanted and m.ticket_id is null and m.kind = 'invitation' and m.created_at > now() - interval '1 day');
end $$;

-- Asks somebody to join: 'sent', 'waiting' (this address was invited already) or 'too_many'. Whose address it is makes no difference.
create or replace function authz.invite(
    wanted bigint, new_uuid uuid, typed_email text, named text, in_language text, wanted_role text, rights jsonb, why text,
    new_message_id text) returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
    me bigint := authz.me();
    i portal.invitation;
begin
    if me is null or not authz.inviting(wanted) or not authz.lets_in(me, wanted) or not authz.proved() then
        raise exception 'permission denied: nobody to invite here' using errcode = 'insufficient_privilege';
    end if;
    if authz.staff('access.manage') and (
        not authz.is_reason(why)
        or exists (select from portal.person p where lower(p.email) = lower(typed_email) and p.kind = 'staff')) then
        raise exception 'permission denied: staff say why, and invite none of their own' using errcode = 'insufficient_privilege';
    end if;
    if not authz.can_be_given(wanted_role, rights) then
        raise exception 'permission denied: this cannot be given' using errcode = 'insufficient_privilege';
    end if;
    if char_length(typed_email) > 254 or position('@' in typed_email) < 2 or char_length(trim(named)) not between 1 and 100
       or not in_language ~ '^[a-z]{2}(_[A-Za-z]{2,4})?$' then
        raise exception 'permission denied: this is nobody''s address' using errcode = 'insufficient_privilege';
    end if;
    if not authz.may_write_invitation(wanted) then return 'too_many'; end if;
    insert into portal.invitation (
        uuid, account_id, email, name, language, role, rights, invited_by, invited_by_name, reason, expires_at)
    select new_uuid, wanted, typed_email, trim(named), in_language, wanted_role, rights, p.id, p.name, nullif(trim(why), ''),
           now() + interval '7 days'
    from portal.person p where p.id = me
    on conflict (account_id, lower(email)) where accepted_at is null and revoked_at is null do nothing
    returning * into i;
    if not found then return 'waiting'; end if;
    perform authz.write_invitation(i, new_message_id);
    if authz.staff('access.manage') then perform authz.tell_of_invitation(i, 'access.invite', why, new_message_id); end if;
    return 'sent';
end $$;

-- The invitation as it waits, held until this transaction ends; nothing for whoever may not invite there, as for none.
-- Staff see to it at somebody's request, and say why.
drop function if exists authz.waiting_invitation(uuid, bigint);
create or replace function authz.waiting_invitation(wanted uuid, seen_edition bigint, why text) returns portal.invitation
language plpgsql volatile security definer set search_path = '' as $$
declare
    i portal.invitation;
begin
    if authz.staff('access.manage') and not authz.is_reason(why) then
        raise exception 'permission denied: staff say why' using errcode = 'insufficient_privilege';
    end if;
    select x.* into i from portal.invitation x
    where x.uuid = wanted and authz.inviting(x.account_id) and authz.lets_in(authz.me(), x.account_id) for update;
    if i.accepted_at is not null or i.revoked_at is not null or i.edition <> seen_edition then return null; end if;
    return i;
end $$;

create or replace function authz.end_invitation_links(i portal.invitation) returns void
language sql volatile security definer set search_path = '' as $$
    update auth.link l set used_at = now()
    where l.account_id = i.account_id and l.invitation_id = i.id and l.used_at is null
$$;

-- Another letter with another link; the one before is dead at once. Whoever sends it answers for it from now on.
-- 'sent', 'changed' (it was accepted, revoked or sent meanwhile, or is none), 'too_soon' or 'too_many'.
drop function if exists authz.resend_invitation(uuid, bigint, text);
create or replace function authz.resend_invitation(wanted uuid, seen_edition bigint, why text, new_message_id text) returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
    i portal.invitation := authz.waiting_invitation(wanted, seen_edition, why);
begin
    if i.id is null then return 'changed'; end if;
    if i.sent_at > now() - interval '1 minute' then return 'too_soon'; end if;
    if not authz.may_write_invitation(i.account_id) then return 'too_many'; end if;
    perform authz.end_invitation_links(i);
    update portal.invitation x
    set edition = x.edition + 1, sent_at = now(), expires_at = now() + interval '7 days', invited_by = p.id, invited_by_name = p.name
    from portal.person p where x.id = i.id and p.id = authz.me()
    returning x.* into i;
    perform authz.write_invitation(i, new_message_id);
    if authz.staff('access.manage') then perform authz.tell_of_invitation(i, 'access.resend', why, new_message_id); end if;
    return 'sent';
end $$;

-- Takes it back: the link in the mail is dead. False if there is nothing to take back any more.
drop function if exists authz.revoke_invitation(uuid, bigint);
create or replace function authz.revoke_invitation(wanted uuid, seen_edition bigint, why text, new_message_id text) returns boolean
language plpgsql volatile security definer set search_path = '' as $$
declare
    i portal.invitation := authz.waiting_invitation(wanted, seen_edition, why);
begin
    if i.id is null then return false; end if;
    perform authz.end_invitation_links(i);
    update portal.invitation x set revoked_at = now() where x.id = i.id;
    if authz.staff('access.manage') then perform authz.tell_of_invitation(i, 'access.revoke', why, new_message_id); end if;
    return true;
end $$;

-- Does it still count: neither accepted nor taken back nor expired, and may whoever invites still let people in?
create or replace function authz.invitation_counts(i portal.invitation) returns boolean
language sql stable security definer set search_path = '' as $$
    select i.id is not null and i.accepted_at is null and i.revoked_at is null and i.expires_at > now()
       and authz.lets_in(i.invited_by, i.account_id) and authz.can_be_given(i.role, i.rights)
$$;

-- For the worker: the invitation that a letter is about, if it is to be sent. Never to staff, who would become customers, nor to
-- somebody who was shut out.
create or replace function authz.invitation_in(mail portal.mail) returns portal.invitation
language plpgsql stable security definer set search_path = '' as $$
declare
    i portal.invitation;
begin
    select x.* into i from portal.invitation x
    where x.account_id = mail.account_id and x.uuid = (mail.context ->> 'invitation')::uuid
      and x.edition = (mail.context ->> 'edition')::bigint;
    if not authz.invitation_counts(i) or exists (
        select from portal.person p
        where lower(p.email) = lower(i.email) and (p.kind <> 'customer' or p.disabled_at is not null)) then return null; end if;
    return i;
end $$;

-- The worker writes the letter: the link opens from now on; written again, it is the same one. What the letter says beside it.
create or replace function authz.link_of_invitation(mail bigint, new_token_hash bytea)
returns table (by text, role text, until timestamptz)
language plpgsql volatile security definer set search_path = '' as $$
declare
    m portal.mail;
    i portal.invitation;
begin
    select x.* into m from portal.mail x where x.id = mail and x.kind = 'invitation';
    i := authz.invitation_in(m);
    if i.id is null then return; end if;
    insert into auth.link (token_hash, purpose, account_id, invitation_id, expires_at)
    values (new_token_hash, 'invitation', i.account_id, i.id, i.expires_at) on conflict (token_hash) do nothing;
    return query select i.invited_by_name, i.role, i.expires_at;
end $$;

-- The invitation behind the link of a letter. Looking at it changes nothing.
create or replace function signin.linked_invitation(given_token_hash bytea) returns portal.invitation
language plpgsql stable security definer set search_path = '' as $$
declare
    i portal.invitation;
begin
    select x.* into i from auth.link l join portal.invitation x on x.account_id = l.account_id and x.id = l.invitation_id
    where l.token_hash = given_token_hash and l.purpose = 'invitation' and l.used_at is null and l.expires_at > now();
    return i;
end $$;

-- What the page of an invitation says. `state`: 'new' (nobody signs in with this address yet), 'known' (they sign in to accept it),
-- 'member' (they belong to the account), 'refused' (who invited may not any more, or the account is closed) or 'over'; of the last
-- three it says nothing else.
create or replace function signin.invitation_says(i portal.invitation)
returns table (state text, uuid uuid, account text, email text, name text, invited_by text, role text)
language plpgsql stable security definer set search_path = '' as $$
declare
    p record;
begin
    select x.kind, x.disabled_at, c.password_hash, exists (
        select from portal.membership m where m.person_id = x.id and m.account_id = i.account_id and m.ended_at is null) as belongs
    into p from portal.person x left join auth.credential c on c.person_id = x.id where lower(x.email) = lower(i.email);
    state := case
        when i.id is null or i.accepted_at is not null or i.revoked_at is not null or i.expires_at <= now() then 'over'
        when not authz.invitation_counts(i) then 'refused'
        when p.kind <> 'customer' or p.disabled_at is not null then 'over'
        when p.belongs then 'member'
        when p.password_hash is not null then 'known'
        else 'new' end;
    if state in ('new', 'known') then
        uuid := i.uuid; email := i.email; name := i.name; invited_by := i.invited_by_name; role := i.role;
        account := (select a.name from portal.account a where a.id = i.account_id);
    end if;
    return next;
end $$;

create or replace function signin.look_at_invitation(given_token_hash bytea)
returns table (state text, uuid uuid, account text, email text, name text, invited_by text, role text)
language sql stable security definer set search_path = '' as $$
    select s.* from signin.invitation_says(signin.linked_invitation(given_token_hash)) s
$$;

-- The same for whoever is signed in under the address that was invited; for everybody else there is no such invitation.
create or replace function signin.look_at_own_invitation(given_session_hash bytea, wanted uuid)
returns table (state text, uuid uuid, account text, email text, name text, invited_by text, role text)
language plpgsql stable security definer set search_path = '' as $$
declare
    i portal.invitation;
begin
    select x.* into i from portal.invitation x join portal.person p on lower(p.email) = lower(x.email)
    where x.uuid = wanted and p.id = signin.person_behind(given_session_hash);
    return query select s.* from signin.invitation_says(i) s;
end $$;

-- They belong to the account from now on, with the rights as invited.
create or replace function authz.join_account(i portal.invitation, person bigint, from_address text) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
    insert into portal.membership (account_id, person_id, role) values (i.account_id, person, i.role);
    -- of an earlier time with the account nothing is left
    delete from portal.access_grant g where g.account_id = i.account_id and g.person_id = person;
    perform authz.grant_rights(i.account_id, person, i.rights);
    update portal.invitation x set accepted_at = now(), accepted_by = person where x.id = i.id;
    perform authz.end_invitation_links(i);
    insert into portal.audit_entry (
        actor_id, actor_kind, actor_name, audience, account_id, function, action, object_kind, object_id, object_label, address, after)
    select p.id, p.kind, p.name, 'customer', i.account_id, 'user.manage', 'access.join', 'person', p.uuid::text, p.name,
           nullif(from_address, ''), jsonb_build_object('email', p.email, 'role', i.role)
    from portal.person p where p.id = person;
end $$;

-- Somebody new uses the link once: they set a password and a name, and belong to the account. 'joined'; 'known' if somebody signs in
-- with this address by now; 'member', 'over' or 'refused'. Of two clicks at once the second waits for the first.
create or replace function signin.accept_invitation(
    given_token_hash bytea, new_hash text, named text, in_language text, email_key bytea, from_address text) returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
    i portal.invitation := signin.linked_invitation(given_token_hash);
    stands text;
    who bigint;
begin
    perform from portal.invitation x where x.id = i.id for update;
    i := signin.linked_invitation(given_token_hash);  -- as it stands now that nobody else holds it
    select s.state into stands from signin.invitation_says(i) s;
    if stands <> 'new' then return stands; end if;
    if char_length(trim(named)) not between 1 and 100 then
        raise exception 'permission denied: everybody has a name' using errcode = 'insufficient_privilege';
    end if;
    insert into portal.person (kind, email, name, language) values ('customer', i.email, trim(named), in_language)
    on conflict (lower(email)) do nothing;
    select p.id into who from portal.person p where lower(p.email) = lower(i.email) and p.kind = 'customer' and p.disabled_at is null;
    insert into auth.credential (person_id, password_hash) values (who, new_hash) on conflict (person_id) do nothing;
    if not found then return 'known'; end if;  -- invited by somebody else as well, whose link was quicker
    delete from auth.throttle where key = email_key;
    perform authz.join_account(i, who, from_address);
    perform authz.note_person(who, 'password.set', null, from_address, null, null);
    return 'joined';
end $$;

-- Whoever is signed in under the address that was invited accepts. They hold more from now on, so their session goes on under another
-- token. 'joined', 'member' (they belong there already), 'over' or 'refused'.
create or replace function signin.accept_own_invitation(
    given_session_hash bytea, wanted uuid, new_session_hash bytea, from_address text) returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
    who bigint := signin.person_behind(given_session_hash);
    i portal.invitation;
    stands text;
begin
    select x.* into i from portal.invitation x join portal.person p on lower(p.email) = lower(x.email)
    where x.uuid = wanted and p.id = who for update of x;
    select s.state into stands from signin.invitation_says(i) s;
    if stands <> 'known' then return stands; end if;
    perform authz.join_account(i, who, from_address);
    update auth.session t set token_hash = new_session_hash where t.token_hash = given_session_hash;
    return 'joined';
end $$;
