-- What the database keeps up by itself, in the transaction of the change: that the audit log is never rewritten.
-- Tallies, balances and news are in triggers.py.

create or replace function authz.refuse_rewriting() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
    if tg_op = 'UPDATE' and old.hash is null and new.hash is not null
       and to_jsonb(new) - 'hash' - 'previous_hash' = to_jsonb(old) - 'hash' - 'previous_hash' then
        return new;  -- the worker seals a row once
    end if;
    raise exception 'the audit log can be added to, never changed' using errcode = 'insufficient_privilege';
end $$;


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
