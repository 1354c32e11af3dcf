-- Unclaimed parcels belong to no account, so no customer sees one. What follows turns a parcel into a shipment ticket, and says the
-- same whether there is no such parcel, somebody has it, or it lies where this person may not ask for shipments.

-- One more try at a tracking number: ten in an hour, then an hour of silence. Counted in a transaction of its own, which remembers
-- the number: what is claimed without having been counted and committed before finds nothing.
create or replace function authz.may_try_parcel(typed text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
    me bigint := authz.me();
    tries bigint;
begin
    if me is null then return false; end if;
    insert into auth.throttle as t (key, failures) values (sha256(convert_to('parcel/' || me, 'UTF8')), 1)
    on conflict (key) do update set
        failures = case when t.since < now() - interval '1 hour' then 1 else t.failures + 1 end,
        since = case when t.since < now() - interval '1 hour' then now() else t.since end,
        last_at = now()
    returning failures into tries;
    if tries > 10 then return false; end if;
    insert into auth.throttle as t (key) values (sha256(convert_to('parcel/' || me || '/' || typed, 'UTF8')))
    on conflict (key) do update set last_at = now();
    return true;
end $$;

-- The shipment ticket of a parcel that is here: it starts at `received`, and the customer knows from this moment on.
create or replace function authz.open_received(parcel portal.parcel, wanted bigint, requester bigint, named text, said text)
returns bigint language plpgsql security definer set search_path = '' as $$
declare
    ticket bigint;
begin
    insert into portal.ticket (account_id, kind, direction, site_id, subject, description, requested_by, status, category)
    values (wanted, 'shipment', 'inbound', parcel.site_id, named, said, requester, 'received', 'open')
    returning id into ticket;
    insert into portal.status_change (account_id, ticket_id, to_status, category, by_actor)
    values (wanted, ticket, 'received', 'open', 'desk');
    insert into portal.shipment (ticket_id, account_id, carrier, packages, received_packages, received_at, notified_at, storage_until)
    values (ticket, wanted, parcel.carrier, parcel.packages, parcel.packages, parcel.arrived_at, now(), current_date + 5);
    insert into portal.tracking_number (account_id, ticket_id, number) values (wanted, ticket, parcel.tracking_number);
    update portal.parcel p set ticket_id = ticket, claimed_at = now() where p.id = parcel.id;
    return ticket;
end $$;

-- By a customer who knows the exact tracking number, for the account chosen in this transaction; NULL for every kind of "no".
create or replace function authz.claim_parcel(typed text, named text, said text) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
    wanted bigint := authz.account('shipment.create');
    found portal.parcel;
begin
    if wanted is null or not exists (
        select from auth.throttle t
        where t.key = sha256(convert_to('parcel/' || authz.me() || '/' || typed, 'UTF8'))
          and t.last_at >= now() - interval '1 minute' and t.last_at < now())
    then return null; end if;
    select p.* into found from portal.parcel p
    where p.tracking_number = typed and p.ticket_id is null
      and (wanted = any (authz.everywhere('shipment.create'))
           or wanted || '/' || p.site_id = any (authz.places('shipment.create')))
    order by p.id limit 1 for update skip locked;
    if found.id is null then return null; end if;
    return authz.open_received(found, wanted, authz.me(), named, said);
end $$;

-- By the desk, for any account.
create or replace function authz.assign_parcel(parcel uuid, wanted bigint, requester bigint, named text, said text)
returns bigint language plpgsql security definer set search_path = '' as $$
declare
    found portal.parcel;
begin
    if not authz.staff('ticket.work') then return null; end if;
    select p.* into found from portal.parcel p where p.uuid = parcel and p.ticket_id is null for update;
    if found.id is null then return null; end if;
    return authz.open_received(found, wanted, requester, named, said);
end $$;
