-- What the policies ask: who is behind the session token, and what may they do. Every function belongs to portal_authz, is
-- SECURITY DEFINER with an empty search_path, and takes no SQL. What stands in braces is filled in from rules/permissions.py.

-- The live session behind the token of this transaction. Only the functions below may call it. A delegated one, in which a job reads
-- for its person, answers in a transaction that reads and no other: what has begun to read cannot be made to write any more.
create or replace function authz.live_session()
returns table (person_id bigint, kind text, role text, functions text[])
language sql stable security definer set search_path = '' as $$
    select s.person_id, p.kind, s.role, s.functions
    from auth.session s
    join portal.person p on p.id = s.person_id
    where s.token_hash = sha256(convert_to(nullif(current_setting('portal.session', true), ''), 'UTF8'))
      and s.revoked_at is null
      and s.expires_at > now()
      and case s.kind when 'web' then s.last_seen > now() - interval '30 minutes'
          else current_setting('transaction_read_only') = 'on' end
      and p.disabled_at is null
      and (p.kind <> 'staff' or exists (
          select from portal.staff_member m where m.person_id = p.id and m.role = s.role))
      -- however it came to be: the session of somebody with a second factor who has not shown it is none
      and (s.proved_by <> 'password' or s.kind <> 'web' or not exists (
          select from auth.second_factor f where f.person_id = s.person_id))
$$;

-- Is whoever asks there themselves? Every policy for a change asks it: a job that reads for somebody changes nothing of theirs, not
-- even where one statement first writes and then says that it only reads.
create or replace function authz.in_person() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
    return exists (
        select from auth.session s
        where s.token_hash = sha256(convert_to(nullif(current_setting('portal.session', true), ''), 'UTF8')) and s.kind = 'web');
end $$;

-- Has whoever asks proved within ten minutes that it is they? Access rights and bank data ask for it, whatever else is allowed.
create or replace function authz.proved() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
    return exists (
        select from auth.session s
        where s.token_hash = sha256(convert_to(nullif(current_setting('portal.session', true), ''), 'UTF8'))
          and s.kind = 'web' and s.proved_at > now() - interval '10 minutes'
          and exists (select from authz.live_session()));
end $$;

-- Has whoever asks a second factor of their own?
create or replace function authz.has_factor() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
    return exists (
        select from auth.second_factor f where f.person_id = (select s.person_id from authz.live_session() s));
end $$;

create or replace function authz.is_customer_function(function_name text) returns boolean
language sql immutable security definer set search_path = '' as $$
    select function_name = 'any' or function_name = any (array[{customer_functions}])
$$;

create or replace function authz.role_holds(role text, function_name text) returns boolean
language sql immutable security definer set search_path = '' as $$
    select case role {role_cases} else false end
$$;

-- An account and all above it: the PAA of a parent is PAA of its descendants. UNION stops at a circle.
create or replace function authz.runs(person bigint, wanted bigint) returns boolean
language sql stable security definer set search_path = '' as $$
    with recursive line (id, parent_id) as (
        select a.id, a.parent_id from portal.account a where a.id = wanted
        union
        select a.id, a.parent_id from portal.account a join line on a.id = line.parent_id
    )
    select exists (
        select from portal.membership m join line on line.id = m.account_id
        where m.person_id = person and m.role = 'paa' and m.ended_at is null)
$$;

-- Only a PAA manages users (SPEC §3): a grant of that function would be worth nothing.
create or replace function authz.holds(person bigint, wanted bigint, function_name text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
    if not authz.is_customer_function(function_name) then return false; end if;
    if exists (
        select from portal.membership m
        where m.person_id = person and m.account_id = wanted and m.ended_at is null
          and (function_name = 'any' or function_name <> 'user.manage' and exists (
              select from portal.access_grant g
              where g.person_id = person and g.account_id = wanted and g.function = function_name)))
    then return true; end if;
    return authz.runs(person, wanted);
end $$;

create or replace function authz.me() returns bigint
language plpgsql stable security definer set search_path = '' as $$
begin
    return (select s.person_id from authz.live_session() s);
end $$;

-- The account chosen in this transaction, if the person holds the function there; else NULL.
create or replace function authz.account(function_name text) returns bigint
language plpgsql stable security definer set search_path = '' as $$
declare
    chosen bigint := nullif(current_setting('portal.account', true), '')::bigint;
begin
    return (
        select chosen from authz.live_session() s
        where s.kind = 'customer'
          and (s.functions is null or function_name = 'any' or function_name = any (s.functions))
          and authz.holds(s.person_id, chosen, function_name));
end $$;

-- At which sites of one account: NULL means all of them, an empty list none.
create or replace function authz.sites_of(person bigint, wanted bigint, function_name text) returns bigint[]
language plpgsql stable security definer set search_path = '' as $$
begin
    if authz.runs(person, wanted) or exists (
        select from portal.access_grant g
        where g.person_id = person and g.account_id = wanted and g.function = function_name and g.site_ids is null)
    then return null; end if;
    return coalesce((
        select array_agg(distinct site) from portal.access_grant g, unnest(g.site_ids) site
        where g.person_id = person and g.account_id = wanted and g.function = function_name), '{}');
end $$;

-- What was chosen in this transaction: one account travels as itself, several as a list.
create or replace function authz.chosen() returns bigint[]
language sql stable security definer set search_path = '' as $$
    select coalesce(
        nullif(current_setting('portal.accounts', true), '')::bigint[],
        array_remove(array[nullif(current_setting('portal.account', true), '')::bigint], null))
$$;

-- Of these accounts, those that the person runs; the same as asking runs() of each, at the cost of asking once.
create or replace function authz.run_among(person bigint, wanted bigint[]) returns bigint[]
language sql stable security definer set search_path = '' as $$
    with recursive line (wanted, id, parent_id) as (
        select a.id, a.id, a.parent_id from portal.account a where a.id = any ($2)
        union
        select line.wanted, a.id, a.parent_id from portal.account a join line on a.id = line.parent_id
    )
    select coalesce(array_agg(distinct line.wanted), '{}')
    from portal.membership m join line on line.id = m.account_id
    where m.person_id = person and m.role = 'paa' and m.ended_at is null
$$;

-- Of these accounts, those for which the person holds the function: as holds() says of each. Only a PAA manages users.
create or replace function authz.held_among(person bigint, wanted bigint[], function_name text) returns bigint[]
language plpgsql stable security definer set search_path = '' as $$
declare
    run bigint[];
begin
    if not authz.is_customer_function(function_name) then return '{}'; end if;
    run := authz.run_among(person, wanted);
    if wanted <@ run then return run; end if;
    return run || coalesce((
        select array_agg(m.account_id) from portal.membership m
        where m.person_id = person and m.account_id = any (wanted) and m.ended_at is null and not m.account_id = any (run)
          and (function_name = 'any' or function_name <> 'user.manage' and exists (
              select from portal.access_grant g
              where g.person_id = person and g.account_id = m.account_id and g.function = function_name))), '{}');
end $$;

-- The accounts chosen in this transaction for which the person holds the function.
create or replace function authz.accounts(function_name text) returns bigint[]
language plpgsql stable security definer set search_path = '' as $$
declare
    chosen bigint[] := coalesce(nullif(current_setting('portal.accounts', true), '')::bigint[], '{}');
begin
    return coalesce((
        select authz.held_among(s.person_id, chosen, function_name) from authz.live_session() s
        where s.kind = 'customer'
          and (s.functions is null or function_name = 'any' or function_name = any (s.functions))), '{}');
end $$;

-- Of the chosen accounts, those for which the person holds the function at all sites. Like places() it answers with the account:
-- true by itself, whatever account another helper was asked about in the same statement.
create or replace function authz.everywhere(function_name text) returns bigint[]
language plpgsql stable security definer set search_path = '' as $$
declare
    s record;
    held bigint[];
    run bigint[];
begin
    select * into s from authz.live_session();
    if not found or s.kind <> 'customer' then return '{}'; end if;
    if s.functions is not null and coalesce(function_name <> all (s.functions), true) then return '{}'; end if;
    held := authz.held_among(s.person_id, authz.chosen(), function_name);
    run := authz.run_among(s.person_id, held);
    if held <@ run then return held; end if;
    return run || coalesce((
        select array_agg(g.account_id) from portal.access_grant g
        where g.person_id = s.person_id and g.account_id = any (held) and g.function = function_name
          and g.site_ids is null and not g.account_id = any (run)), '{}');
end $$;

-- Of the others, where they hold it, as 'account/site'.
create or replace function authz.places(function_name text) returns text[]
language plpgsql stable security definer set search_path = '' as $$
declare
    s record;
    held bigint[];
    run bigint[];
begin
    select * into s from authz.live_session();
    if not found or s.kind <> 'customer' then return '{}'; end if;
    if s.functions is not null and coalesce(function_name <> all (s.functions), true) then return '{}'; end if;
    held := authz.held_among(s.person_id, authz.chosen(), function_name);
    run := authz.run_among(s.person_id, held);
    if held <@ run then return '{}'; end if;
    return coalesce((
        select array_agg(distinct g.account_id || '/' || site)
        from portal.access_grant g, unnest(g.site_ids) site
        where g.person_id = s.person_id and g.account_id = any (held) and g.function = function_name
          and not g.account_id = any (run)), '{}');
end $$;

-- All that the person holds, for rows that name the function that guards them: 'account/function' for each chosen account and
-- '*/function' for any of them, or 'staff/function' and 'manager/function'. 'any' stands for being one of these at all.
create or replace function authz.guards() returns text[]
language plpgsql stable security definer set search_path = '' as $$
declare
    s record;
    run bigint[];
begin
    select * into s from authz.live_session();
    if not found then return '{}'; end if;
    run := authz.run_among(s.person_id, authz.chosen());
    if s.kind = 'staff' then
        return (
            select array_agg(case s.role when 'account_manager' then 'manager/' else 'staff/' end || f)
            from unnest(array['any', {all_functions}]) f
            where f = 'any' or (authz.role_holds(s.role, f) and (s.functions is null or f = any (s.functions))));
    end if;
    return coalesce((
        select array_agg(wanted || '/' || held.f) || array_agg('*/' || held.f)
        from unnest(authz.chosen()) wanted cross join lateral (
            select f from unnest(array[{customer_functions}]) f where wanted = any (run)
            union
            select g.function from portal.access_grant g
            join portal.membership m on m.person_id = g.person_id and m.account_id = g.account_id and m.ended_at is null
            where g.person_id = s.person_id and g.account_id = wanted and g.function <> 'user.manage') held (f)
        where s.functions is null or held.f = any (s.functions)), '{}');
end $$;

-- The same with the place, for rows that name that too: 'account/function/site', or '*' instead of the site where it is held at all of
-- them. Whoever sees all tickets of a place sees their own there.
create or replace function authz.place_guards() returns text[]
language plpgsql stable security definer set search_path = '' as $$
declare
    s record;
    run bigint[];
begin
    select * into s from authz.live_session();
    if not found or s.kind <> 'customer' then return '{}'; end if;
    run := authz.run_among(s.person_id, authz.chosen());
    return coalesce((
        select array_agg(wanted || '/' || held.f || '/' || held.place)
        from unnest(authz.chosen()) wanted cross join lateral (
            select f, '*' as place from unnest(array[{customer_functions}]) f where wanted = any (run)
            union
            select also.f, place from portal.access_grant g
            join portal.membership m on m.person_id = g.person_id and m.account_id = g.account_id and m.ended_at is null
            cross join lateral unnest(coalesce(g.site_ids::text[], array['*'])) place
            cross join lateral (
                select g.function as f union select 'ticket.view_own' where g.function = 'ticket.view_company') also
            where g.person_id = s.person_id and g.account_id = wanted and g.function <> 'user.manage') held
        where s.functions is null or held.f = any (s.functions)), '{}');
end $$;

-- Does the staff role worked in hold the function, over all accounts?
create or replace function authz.staff(function_name text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
    return coalesce((
        select function_name = 'any' or authz.role_holds(s.role, function_name) from authz.live_session() s
        where s.kind = 'staff' and s.role <> 'account_manager'
          and (s.functions is null or function_name = 'any' or function_name = any (s.functions))), false);
end $$;

-- The accounts an account manager looks after, if that role holds the function.
create or replace function authz.managed(function_name text) returns bigint[]
language plpgsql stable security definer set search_path = '' as $$
begin
    return coalesce((
        select array_agg(a.account_id) from authz.live_session() s
        join portal.assignment a on a.person_id = s.person_id
        where s.kind = 'staff' and s.role = 'account_manager'
          and (function_name = 'any' or authz.role_holds(s.role, function_name))
          and (s.functions is null or function_name = 'any' or function_name = any (s.functions))), '{}');
end $$;

-- The people a customer may want to talk to: who runs their account, and which manager looks after it.
create or replace function authz.key_team() returns table (role text, name text, email text, phone text)
language plpgsql stable security definer set search_path = '' as $$
declare
    wanted bigint := authz.account('any');
begin
    if wanted is null then
        wanted := nullif(current_setting('portal.account', true), '')::bigint;
        if wanted is null or not (wanted = any (authz.managed('account.view'))) then return; end if;
    end if;
    return query
        select 'account_manager', p.name, p.email, p.phone
        from portal.assignment a join portal.person p on p.id = a.person_id
        where a.account_id = wanted and p.disabled_at is null
        union all
        select 'paa', p.name, p.email, p.phone
        from portal.membership m join portal.person p on p.id = m.person_id
        where m.account_id in (  -- the PAA of a parent runs its descendants
            with recursive line (id, parent_id) as (
                select a.id, a.parent_id from portal.account a where a.id = wanted
                union
                select a.id, a.parent_id from portal.account a join line on a.id = line.parent_id
            )
            select line.id from line)
          and m.role = 'paa' and m.ended_at is null and p.disabled_at is null
        order by 1, 2;
end $$;

-- Words somebody typed → a query: every word must be there and may go on. What was written without a space and is cut all the same
-- ("2026-000123", scripts that have none) must follow in sequence; a number counts with and without the zeros in front.
-- One letter, or two digits, do not go on: nearly everything begins with them. Nor do words before the last four: each that goes on
-- costs a walk over whatever anybody has that begins so, and thirty of them took seconds.
create or replace function authz.words(typed text) returns tsquery
language plpgsql immutable security definer set search_path = '' as $$
declare
    typed_words text[] := regexp_split_to_array(trim(left(typed, 200)), '\s+');
    may_go_on boolean;
    piece record;
    part tsquery;
    sequence tsquery;
    found tsquery := ''::tsquery;
begin
    for place in 1 .. cardinality(typed_words) loop
        may_go_on := place > cardinality(typed_words) - 4;
        sequence := ''::tsquery;
        for piece in
            select p.letters, p.place = count(*) over () as is_last
            from regexp_split_to_table(trim(portal.cut(typed_words[place])), '\s+') with ordinality p (letters, place) order by p.place
        loop
            part := phraseto_tsquery('simple', piece.letters);
            if numnode(part) = 0 then continue; end if;
            if may_go_on and piece.is_last and piece.letters ~ '[^0-9].|.[^0-9]|[0-9]{3}' then part := (part::text || ':*')::tsquery; end if;
            if piece.letters ~ '^0+[1-9][0-9]*$' then
                part := part || phraseto_tsquery('simple', ltrim(piece.letters, '0'));
            end if;
            sequence := sequence <-> part;
        end loop;
        found := found && sequence;
    end loop;
    return found;
end $$;


-- What signing in left behind and nobody needs any more. The worker may call it; it reads none of it, and it decides nothing.
create or replace function authz.forget_signing_in() returns bigint
language plpgsql volatile security definer set search_path = '' as $$
declare
    n bigint;
    forgotten bigint := 0;
begin
    delete from auth.sign_in_code where expires_at < now() - interval '1 hour';
    get diagnostics n = row_count;
    forgotten := forgotten + n;
    delete from auth.half_sign_in where expires_at < now();
    get diagnostics n = row_count;
    forgotten := forgotten + n;
    delete from auth.throttle  -- counts nothing any more
    where last_at < now() - interval '2 days' and coalesce(blocked_until < now(), true);
    get diagnostics n = row_count;
    forgotten := forgotten + n;
    delete from auth.link where least(used_at, expires_at) < now() - interval '30 days';
    get diagnostics n = row_count;
    forgotten := forgotten + n;
    delete from portal.invitation i
    where least(i.accepted_at, i.revoked_at, i.expires_at) < now() - interval '90 days'
      and not exists (select from auth.link l where l.account_id = i.account_id and l.invitation_id = i.id);
    get diagnostics n = row_count;
    forgotten := forgotten + n;
    delete from auth.session  -- of delegated ones the audit log tells
    where least(revoked_at, expires_at) < now() - case kind when 'web' then interval '30 days' else interval '1 day' end;
    get diagnostics n = row_count;
    return forgotten + n;
end $$;
