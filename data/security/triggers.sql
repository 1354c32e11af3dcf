-- What the database keeps up by itself, in the transaction of the change. The audit log is in audit.sql; tallies, balances and news are in triggers.py.

-- A ticket that comes without a number gets the next of its kind, whoever writes it: a number that somebody could propose would
-- tell, by being taken, that another company has it.
create or replace function authz.number_ticket() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
    prefix text := case new.kind {prefix_cases} end;
    sequence text;
begin
    if prefix is null then return new; end if;  -- the check of the kind says so better
    loop
        sequence := nextval('portal.ticket_number_' || lower(prefix))::text;
        new.number := prefix || '-' || extract(year from now() at time zone 'UTC') || '-'
            || lpad(sequence, greatest(6, length(sequence)), '0');  -- lpad would cut the millionth
        exit when not exists (select from portal.ticket t where t.number = new.number);  -- imported ones keep theirs
    end loop;
    return new;
end $$;

-- The end of a ticket is written once, by the move that ends it and at its time, and taken back by reopening.
create or replace function authz.ends_now(was timestamptz, becomes timestamptz, status text) returns boolean
language sql stable security definer set search_path = '' as $$
    select was is not distinct from becomes
        or (becomes is null and status = 'reopened')
        or (was is null and status = any (array[{done}])
            and becomes between now() - interval '1 minute' and clock_timestamp() + interval '1 minute')
$$;

-- At most five addresses from outside watch a ticket (data/ticketing/watch.py), however many are added at once.
create or replace function authz.limit_outside_watchers() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
    perform pg_advisory_xact_lock(7301, hashint8(new.ticket_id));
    if (select count(*) from portal.ticket_watcher w
        where w.account_id = new.account_id and w.ticket_id = new.ticket_id and w.email is not null) >= 5 then
        raise exception 'permission denied: no more watchers from outside' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

-- A ticket is about what stands where its work is done: nobody reaches, by its id, what they have at a site they do not see.
create or replace function authz.check_place() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
    if exists (select from portal.inventory_item i
               where i.account_id = new.account_id and i.id = new.space_id and i.site_id is distinct from new.site_id) then
        raise exception 'permission denied: it is not at this site' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

create or replace function authz.check_item() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
    if exists (select from portal.inventory_item i join portal.ticket t on t.account_id = i.account_id
               where i.account_id = new.account_id and i.id = new.item_id and t.id = new.ticket_id
                 and i.site_id is distinct from t.site_id) then
        raise exception 'permission denied: it is not at this site' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

-- What a person or the worker does to a ticket. Policies say whose ticket it is; this says which changes there are: moves stand in
-- rules/lifecycle.py, and nobody overwrites what somebody else changed meanwhile. Owners (migrations, imports) are not asked.
create or replace function authz.check_ticket() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
    move text := concat_ws(' ', new.kind, new.direction, old.status, new.status, tg_argv[0]);
begin
    if (new.status, new.severity, new.assignee_id, new.estimated_completion)
           is distinct from (old.status, old.severity, old.assignee_id, old.estimated_completion)
       and new.version <> old.version + 1 or new.version not in (old.version, old.version + 1) then
        raise exception 'permission denied: a change of a ticket has the version that follows'
            using errcode = 'insufficient_privilege';
    end if;
    if new.status <> old.status and not move = any (array[{moves}]) then
        raise exception 'permission denied: there is no such move (%)', move using errcode = 'insufficient_privilege';
    end if;
    if new.status = 'reopened' and old.status <> 'reopened' and old.resolved_at < now() - interval '7 days' then
        raise exception 'permission denied: resolved too long ago' using errcode = 'insufficient_privilege';
    end if;
    if new.status = old.status and new.category <> old.category then
        raise exception 'permission denied: what a state means changes with the state' using errcode = 'insufficient_privilege';
    end if;
    if new.status <> old.status and not new.category = any (case
        when new.status = any (array[{done}]) then array['done']
        when new.status = 'waiting_customer' then array['paused']
        when new.status = 'on_hold' then array['open', 'paused']
        else array['open'] end) then
        raise exception 'permission denied: % is not what this state means', new.category
            using errcode = 'insufficient_privilege';
    end if;
    if not authz.ends_now(old.resolved_at, new.resolved_at, new.status) or not authz.ends_now(old.closed_at, new.closed_at, new.status)
    then
        raise exception 'permission denied: it is over when the move says so' using errcode = 'insufficient_privilege';
    end if;
    -- the clocks say it; whoever may write a clock may not put the ticket elsewhere in the desk's order
    if tg_argv[0] = 'customer' and new.next_deadline is distinct from old.next_deadline then
        new.next_deadline := case when new.category = 'open' then (
            select min(c.deadline) from portal.ticket_clock c
            where c.account_id = new.account_id and c.ticket_id = new.id and c.stopped_at is null) end;
    end if;
    if (new.rating, new.rating_comment) is distinct from (old.rating, old.rating_comment)
       and (old.rating is not null or new.rating is null or old.resolved_at is null or new.category <> 'done') then
        raise exception 'permission denied: rated once, after it was resolved' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

-- What became of a promise is final (SPEC §4), and when it began and how long it was: attainment of a month does not change afterwards.
create or replace function authz.keep_outcome() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
    if (new.outcome, new.stopped_at, new.deadline, new.started_at, new.target_seconds, new.paused_seconds)
       is distinct from (old.outcome, old.stopped_at, old.deadline, old.started_at, old.target_seconds, old.paused_seconds) then
        raise exception 'permission denied: what became of a promise is final' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

-- An administrator changes what a colleague is to the account, or ends it; once ended it stays so, and the rights go with it. Two
-- who take it from each other at once wait here: whoever comes second runs nothing any more, so that somebody always does.
create or replace function authz.check_membership() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
declare
    me bigint := authz.me();
begin
    perform pg_advisory_xact_lock_shared(7304, 0);  -- not while accounts are moved (staff.sql)
    perform pg_advisory_xact_lock(7302, hashint8(new.account_id));
    if me is null or new.person_id = me or not authz.runs(me, new.account_id) then
        raise exception 'permission denied: not their membership to change' using errcode = 'insufficient_privilege';
    end if;
    if old.ended_at is not null or (new.ended_at is not null
        and new.ended_at not between now() - interval '1 minute' and clock_timestamp() + interval '1 minute') then
        raise exception 'permission denied: a membership ends now, and once' using errcode = 'insufficient_privilege';
    end if;
    if new.ended_at is not null or new.role = 'paa' then
        delete from portal.access_grant g where g.account_id = new.account_id and g.person_id = new.person_id;
    end if;
    return new;
end $$;
