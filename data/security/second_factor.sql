-- The second factor, as the login portal_auth may handle it. The database keeps the secret sealed and cannot make a code of it: what
-- is said here as a step, auth/codes.py has found to fit. Nothing takes a person's id alone: it is always whoever is half
-- signed in in this browser, or behind this token.

-- Waits for its turn, so that of many guesses at once each is counted before the next is looked at. In the order of
-- signin.count(), or two would wait for each other for ever. False while tries are not accepted.
create or replace function signin.hold_tries(email_key bytea, address_key bytea) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
    insert into auth.throttle (key) values (email_key), (address_key) on conflict (key) do nothing;
    perform from auth.throttle t where t.key = email_key for update;
    perform from auth.throttle t where t.key = address_key for update;
    return not exists (
        select from auth.throttle t where t.key in (email_key, address_key) and t.blocked_until > now());
end $$;

-- Uses up the step of a code, or a recovery code: of two at once one finds it. What it was, or NULL.
create or replace function signin.take_code(person bigint, given_step bigint, given_recovery_hash text) returns text
language plpgsql security definer set search_path = '' as $$
begin
    update auth.second_factor f set last_step = given_step where f.person_id = person and f.last_step < given_step;
    if found then return 'code'; end if;
    update auth.second_factor f set recovery_hashes = array_remove(f.recovery_hashes, given_recovery_hash)
    where f.person_id = person and given_recovery_hash = any (f.recovery_hashes);
    if found then return 'recovery_code'; end if;
    return null;
end $$;

-- In the audit log, and to its person by mail: it may not have been they who did it.
create or replace function signin.tell_of_factor(person bigint, what text, says jsonb, new_message_id text) returns void
language plpgsql security definer set search_path = '' as $$
begin
    perform authz.note_person(person, 'factor.' || what, null, says ->> 'address', null, null);
    insert into portal.mail (dedupe_key, kind, person_id, context, message_id)
    values (new_message_id, 'factor_changed', person, says || jsonb_build_object('what', what), new_message_id);
end $$;

-- A try with a code, counted like one with a password. 'code' or 'recovery_code' by which it is proven now, 'wrong', or 'wait'.
create or replace function signin.try_code(
    person bigint, given_step bigint, given_recovery_hash text, email_key bytea, address_key bytea, says jsonb,
    new_message_id text) returns text
language plpgsql security definer set search_path = '' as $$
declare
    accepted boolean := signin.hold_tries(email_key, address_key);
    proof text := case when accepted then signin.take_code(person, given_step, given_recovery_hash) end;
begin
    perform signin.count(email_key, address_key, proof is not null);
    if proof = 'recovery_code' then perform signin.tell_of_factor(person, 'recovery', says, new_message_id); end if;
    if proof is null and accepted then
        perform authz.note_person(person, 'session.refused', 'nobody', says ->> 'address', null, null);
    end if;
    return coalesce(proof, case when accepted then 'wrong' else 'wait' end);
end $$;

-- Keeps a secret of which a code was shown. All other sessions of its person end: none of them has shown one.
create or replace function signin.keep_factor(
    person bigint, sealed bytea, used_step bigint, new_hashes text[], except_token_hash bytea, says jsonb, new_message_id text)
returns void
language plpgsql security definer set search_path = '' as $$
declare
    what text := case when signin.has_factor(person) then 'moved' else 'set_up' end;
begin
    insert into auth.second_factor (person_id, secret, last_step, recovery_hashes) values (person, sealed, used_step, new_hashes)
    on conflict (person_id) do update set
        secret = excluded.secret, last_step = excluded.last_step, recovery_hashes = excluded.recovery_hashes, confirmed_at = now();
    perform signin.end_session(s.token_hash) from auth.session s
    where s.person_id = person and s.revoked_at is null and s.token_hash is distinct from except_token_hash;
    perform signin.tell_of_factor(person, what, says, new_message_id);
end $$;

-- --- half signed in: the password was right, the second factor is still to come

-- A password was proven. True if that is enough, and the code opens a session; else the browser is half signed in: for five minutes,
-- or fifteen for whoever has to set a second factor up first.
create or replace function signin.password_proven(
    proven_person bigint, new_code_hash bytea, bound_browser_hash bytea, work_as text, then_to text, staff_must boolean)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
    has boolean := signin.has_factor(proven_person);
begin
    -- who was disabled since they were looked up
    if not exists (select from portal.person p where p.id = proven_person and p.disabled_at is null) then return false; end if;
    if not has and not signin.must_have_factor(proven_person, staff_must) then
        perform signin.issue_code(proven_person, new_code_hash, bound_browser_hash, work_as, then_to);
        return true;
    end if;
    insert into auth.half_sign_in as h (browser_hash, person_id, role, expires_at)
    values (bound_browser_hash, proven_person, work_as,
            now() + case when has then interval '5 minutes' else interval '15 minutes' end)
    on conflict (browser_hash) do update set
        person_id = excluded.person_id, role = excluded.role, began_at = now(), expires_at = excluded.expires_at,
        pending_secret = null;
    return false;
end $$;

-- Who is half signed in in this browser. It is over with its time, with their password, and when they are disabled.
-- Without `secret` they have no second factor yet, and have to set one up.
create or replace function signin.half(given_browser_hash bytea)
returns table (person_id bigint, email text, name text, secret bytea, pending_secret bytea)
language sql stable security definer set search_path = '' as $$
    select p.id, p.email, p.name, f.secret, h.pending_secret
    from auth.half_sign_in h
    join portal.person p on p.id = h.person_id and p.disabled_at is null
    join auth.credential c on c.person_id = p.id and c.password_hash is not null and c.changed_at <= h.began_at
    left join auth.second_factor f on f.person_id = p.id
    where h.browser_hash = given_browser_hash and h.expires_at > now()
$$;

create or replace function signin.leave_half(given_browser_hash bytea) returns void
language sql security definer set search_path = '' as $$
    delete from auth.half_sign_in h where h.browser_hash = given_browser_hash
$$;

-- The second half: the code. 'in', 'wrong', 'wait', or 'over' if nobody, or by now somebody else, is half signed in here.
create or replace function signin.pass_half(
    given_browser_hash bytea, given_person bigint, given_step bigint, given_recovery_hash text, new_code_hash bytea, then_to text,
    email_key bytea, address_key bytea, says jsonb, new_message_id text) returns text
language plpgsql security definer set search_path = '' as $$
declare
    h auth.half_sign_in;
    proof text;
begin
    select * into h from auth.half_sign_in x
    where x.browser_hash = given_browser_hash and x.person_id = given_person
      and exists (select from signin.half(given_browser_hash) y where y.secret is not null)
    for update;
    if not found then return 'over'; end if;
    proof := signin.try_code(h.person_id, given_step, given_recovery_hash, email_key, address_key, says, new_message_id);
    if proof in ('wrong', 'wait') then return proof; end if;
    perform signin.leave_half(given_browser_hash);
    perform signin.issue_code(h.person_id, new_code_hash, given_browser_hash, h.role, then_to, proof);
    return 'in';
end $$;

-- The secret that is being set up here: the one proposed, unless there is one already, so that loading the page again shows the same.
create or replace function signin.begin_factor_in_half(given_browser_hash bytea, given_person bigint, proposed bytea) returns bytea
language sql security definer set search_path = '' as $$
    update auth.half_sign_in h set pending_secret = coalesce(h.pending_secret, proposed)
    where h.browser_hash = given_browser_hash and h.person_id = given_person
      and exists (select from signin.half(given_browser_hash) y where y.secret is null)
    returning h.pending_secret
$$;

-- A code of it was shown. The code for the session waits until its person has kept the recovery codes.
create or replace function signin.set_up_in_half(
    given_browser_hash bytea, given_secret bytea, used_step bigint, new_hashes text[], new_code_hash bytea, then_to text,
    says jsonb, new_message_id text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
    h auth.half_sign_in;
begin
    delete from auth.half_sign_in x
    where x.browser_hash = given_browser_hash and x.pending_secret = given_secret
      and exists (select from signin.half(given_browser_hash) y where y.secret is null)
    returning * into h;
    if not found then return false; end if;
    -- of two browsers that set one up at once the second sees what the first has done
    perform from auth.credential c where c.person_id = h.person_id for update;
    if signin.has_factor(h.person_id) then return false; end if;
    perform signin.keep_factor(h.person_id, h.pending_secret, used_step, new_hashes, null, says, new_message_id);
    perform signin.issue_code(h.person_id, new_code_hash, given_browser_hash, h.role, then_to, 'code', interval '10 minutes');
    return true;
end $$;

-- --- signed in: one's own second factor

-- How the person behind this token stands with it.
create or replace function signin.factor_of(given_token_hash bytea, staff_must boolean)
returns table (
    person_id bigint, email text, secret bytea, confirmed_at timestamptz, recovery_left integer, is_required boolean,
    has_password boolean, is_proved boolean)
language sql stable security definer set search_path = '' as $$
    select p.id, p.email, f.secret, f.confirmed_at, coalesce(cardinality(f.recovery_hashes), 0),
           signin.must_have_factor(p.id, staff_must), c.password_hash is not null, s.proved_at > now() - interval '10 minutes'
    from auth.session s
    join portal.person p on p.id = s.person_id
    left join auth.second_factor f on f.person_id = p.id
    left join auth.credential c on c.person_id = p.id
    where s.token_hash = given_token_hash and signin.person_behind(given_token_hash) is not null
$$;

-- Has the person behind this token proved within ten minutes that it is they?
create or replace function signin.is_proved(given_token_hash bytea) returns boolean
language sql stable security definer set search_path = '' as $$
    select exists (
        select from auth.session s
        where s.token_hash = given_token_hash and s.proved_at > now() - interval '10 minutes'
          and signin.person_behind(given_token_hash) is not null)
$$;

-- It is they: by a code where they have a second factor, else by the password that was just tried.
create or replace function signin.step_up(
    given_token_hash bytea, password_was_right boolean, given_step bigint, given_recovery_hash text, email_key bytea,
    address_key bytea, says jsonb, new_message_id text) returns text
language plpgsql security definer set search_path = '' as $$
declare
    whose bigint := signin.person_behind(given_token_hash);
    proof text := case when password_was_right then 'password' else 'wrong' end;
begin
    if whose is null then return 'over'; end if;
    if signin.has_factor(whose) then
        proof := signin.try_code(whose, given_step, given_recovery_hash, email_key, address_key, says, new_message_id);
    end if;
    if proof in ('wrong', 'wait') then return proof; end if;
    -- a password says nothing more about how they came in
    update auth.session s set proved_at = now(), proved_by = case proof when 'password' then s.proved_by else proof end
    where s.token_hash = given_token_hash;
    return 'proved';
end $$;

create or replace function signin.begin_factor(given_token_hash bytea, proposed bytea) returns bytea
language sql security definer set search_path = '' as $$
    update auth.session s set pending_secret = coalesce(s.pending_secret, proposed)
    where s.token_hash = given_token_hash and signin.is_proved(given_token_hash)
    returning s.pending_secret
$$;

-- A code of it was shown: it is kept, in the place of the one before, if whoever is signed in has proved lately that it is they.
create or replace function signin.set_up_factor(
    given_token_hash bytea, given_secret bytea, used_step bigint, new_hashes text[], says jsonb, new_message_id text)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
    whose bigint;
begin
    update auth.session s set pending_secret = null, proved_at = now(), proved_by = 'code'
    where s.token_hash = given_token_hash and s.pending_secret = given_secret and signin.is_proved(given_token_hash)
    returning s.person_id into whose;
    if not found then return false; end if;
    perform signin.keep_factor(whose, given_secret, used_step, new_hashes, given_token_hash, says, new_message_id);
    return true;
end $$;

-- The session of a browser goes on under another token, after its person's second factor changed. False if it is over.
create or replace function signin.renew_session(given_token_hash bytea, new_token_hash bytea) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
    if signin.person_behind(given_token_hash) is null then return false; end if;
    update auth.session s set token_hash = new_token_hash where s.token_hash = given_token_hash and s.kind = 'web';
    return found;
end $$;

-- Ten others in the place of those that are left.
create or replace function signin.new_recovery_codes(given_token_hash bytea, new_hashes text[], says jsonb, new_message_id text)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
    whose bigint := signin.person_behind(given_token_hash);
begin
    if not signin.is_proved(given_token_hash) then return false; end if;
    update auth.second_factor f set recovery_hashes = new_hashes where f.person_id = whose;
    if not found then return false; end if;
    perform signin.tell_of_factor(whose, 'codes', says, new_message_id);
    return true;
end $$;

-- Without a second factor from now on: by a code, beside the password that was just tried. 'off', 'required', 'wrong', 'wait', 'over'.
create or replace function signin.switch_factor_off(
    given_token_hash bytea, staff_must boolean, given_step bigint, given_recovery_hash text, email_key bytea, address_key bytea,
    says jsonb, new_message_id text) returns text
language plpgsql security definer set search_path = '' as $$
declare
    whose bigint := signin.person_behind(given_token_hash);
    proof text;
begin
    if whose is null or not signin.has_factor(whose) then return 'over'; end if;
    if signin.must_have_factor(whose, staff_must) then return 'required'; end if;
    proof := signin.try_code(whose, given_step, given_recovery_hash, email_key, address_key, says, replace(new_message_id, '<', '<used.'));
    if proof in ('wrong', 'wait') then return proof; end if;
    delete from auth.second_factor f where f.person_id = whose;
    update auth.session s set proved_by = 'password'
    where s.person_id = whose and s.proved_by in ('code', 'recovery_code') and s.revoked_at is null;
    perform signin.tell_of_factor(whose, 'off', says, new_message_id);
    return 'off';
end $$;
