-- Which way news reach somebody: what the worker asks about a mail that its reader can do without, when a day's news are sent
-- together, and the link with which somebody turns mail off without signing in.

-- The clock of a person's mails: their own, else that of the first account they belong to.
create or replace function authz.zone_of(person bigint) returns text
language sql stable security definer set search_path = '' as $$
    select coalesce(
        p.time_zone,
        (select a.time_zone from portal.membership b join portal.account a on a.id = b.account_id
         where b.person_id = p.id and b.ended_at is null order by a.id limit 1),
        'UTC')
    from portal.person p where p.id = person
$$;

-- When a day's news are sent that is gathered at this moment: the next eight o'clock on that clock, whatever it was put to.
create or replace function authz.next_digest(zone text, gathered timestamptz) returns timestamptz
language plpgsql stable security definer set search_path = '' as $$
declare
    eight timestamp;
begin
    eight := date_trunc('day', gathered at time zone zone) + interval '8 hours';
    if eight at time zone zone <= gathered then eight := eight + interval '1 day'; end if;
    return eight at time zone zone;
exception when invalid_parameter_value then
    if zone = 'UTC' then raise; end if;
    return authz.next_digest('UTC', gathered);  -- a zone that this server does not know
end $$;

-- Whom a mail goes to, what they chose for this topic (null: nothing), and when it would be sent with the day's others.
create or replace function authz.way_of(mail bigint, topic text)
returns table (person uuid, channel text, next_digest timestamptz)
language sql stable security definer set search_path = '' as $$
    select p.uuid, n.channel, authz.next_digest(authz.zone_of(p.id), now())
    from portal.mail m join portal.person p on p.id = m.person_id
    left join portal.notification_preference n on n.person_id = p.id and n.topic = way_of.topic
    where m.id = way_of.mail
$$;

-- The link in such a mail (auth/news.py has checked the signature): no more mail about these topics. `usual`: those of them that
-- count although nothing was chosen; `ways`: from which ways. It turns mail off and never on; once more changes nothing.
create or replace function signin.stop_mail(who uuid, usual text[], topics text[], ways text[], from_where text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
    p record;
    stopped text[];
begin
    select x.id, x.uuid, x.name, x.kind into p from portal.person x where x.uuid = who and x.disabled_at is null;
    if not found then return false; end if;
    with chosen as (
        update portal.notification_preference n set channel = 'portal'
        where n.person_id = p.id and n.topic = any (stop_mail.topics) and n.channel = any (stop_mail.ways)
          and n.channel in ('mail', 'digest')
        returning n.topic
    ), unchosen as (
        insert into portal.notification_preference (person_id, topic, channel)
        select p.id, t.topic, 'portal' from unnest(stop_mail.usual) t (topic)
        on conflict do nothing returning topic
    )
    select array_agg(t.topic) into stopped
    from (select c.topic from chosen c union select u.topic from unchosen u) t;
    if stopped is null then return true; end if;
    insert into portal.audit_entry (
        actor_id, actor_kind, actor_name, audience, action, object_kind, object_id, address, after)
    values (p.id, p.kind, p.name, case p.kind when 'staff' then 'staff' else 'customer' end, 'person.mail_stopped', 'person',
            p.uuid::text, stop_mail.from_where, jsonb_build_object('topics', stopped, 'channel', 'portal'));
    return true;
end $$;
