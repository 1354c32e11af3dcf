-- What the worker is told about one mail when its turn comes: where it goes, in which language, and what its recipient may read
-- of the ticket by the rights of this moment. Only the worker may call these: they answer for anybody.

-- May this person read the ticket in the portal now?
create or replace function authz.reads_ticket(person bigint, account bigint, site bigint, requester bigint)
returns boolean language plpgsql stable security definer set search_path = '' as $$
declare
    function_name text;
    sites bigint[];
begin
    foreach function_name in array array['ticket.view_company', 'ticket.view_own'] loop
        if function_name = 'ticket.view_own' and requester is distinct from person then continue; end if;
        if not authz.holds(person, account, function_name) then continue; end if;
        sites := authz.sites_of(person, account, function_name);
        if sites is null or site = any (sites) then return true; end if;
    end loop;
    return false;
end $$;

create or replace function authz.staff_reads_ticket(person bigint, account bigint)
returns boolean language sql stable security definer set search_path = '' as $$
    select exists (select from portal.staff_member s where s.person_id = person and s.role = 'service_desk')
        or exists (
            select from portal.staff_member s join portal.assignment a on a.person_id = s.person_id
            where s.person_id = person and s.role = 'account_manager' and a.account_id = account)
$$;

-- One mail: 'full', 'brief' (number, kind, status and site: what a watcher is told) or 'none'.
drop function if exists authz.letter(bigint);
create or replace function authz.letter(mail bigint)
returns table (reach text, email text, name text, language text, time_zone text, for_staff boolean,
               watcher bigint, number text, ticket_uuid uuid, ticket_kind text, subject text, status text, direction text,
               site text, site_zone text, account text, respond_by timestamptz, answer_by timestamptz)
language plpgsql stable security definer set search_path = '' as $$
declare
    m portal.mail; i portal.invitation; p record; t record; w record; a record;
begin
    select * into m from portal.mail x where x.id = mail;
    if not found then return; end if;
    select * into p from portal.person x
    -- who typed an address need not be whose it is: it is sent to the person its link was made for, as long as that one counts
    where x.id = case when m.kind = 'password_link' and m.ticket_id is null
        then (select l.person_id from signin.live_link(decode(m.dedupe_key, 'hex')) l where lower(l.email) = lower(m.address))
        when m.kind = 'invitation' then (select q.id from portal.person q where lower(q.email) = lower(m.address))
        else m.person_id end;
    if m.kind = 'invitation' then i := authz.invitation_in(m); end if;
    select x.name, x.locale, x.time_zone, x.outside_watchers into a from portal.account x where x.id = m.account_id;
    select x.id, x.uuid, x.number, x.kind, x.subject, x.status, x.direction, x.site_id, x.requested_by, x.respond_by,
           s.name as site, s.time_zone as site_zone
    into t from portal.ticket x left join portal.site s on s.id = x.site_id
    where x.id = m.ticket_id and x.account_id = m.account_id;
    select x.id, x.confirmed_at into w from portal.ticket_watcher x
    where x.account_id = m.account_id and x.ticket_id = m.ticket_id
      and (x.person_id = m.person_id or lower(x.email) = lower(m.address)) limit 1;

    reach := case
        when m.kind = 'password_link' then case when p.id is null then 'none' else 'full' end
        when m.kind = 'invitation' then case when i.id is null then 'none' else 'full' end
        when m.kind like 'dispute\_%' then case when exists (select from authz.letter_of_dispute(m.id)) then 'full' else 'none' end
        when m.kind = 'message_received' then case when exists (select from authz.letter_of_message(m.id)) then 'full' else 'none' end
        when m.kind like 'notice\_%' then case when exists (
            select from authz.letter_of_notice(m.id, 'en')) then 'full' else 'none' end
        when m.address is not null then case
            when w.id is null or not coalesce(a.outside_watchers, false) then 'none'
            when m.kind = 'watch_confirm' then case when w.confirmed_at is null then 'brief' else 'none' end
            when w.confirmed_at is null then 'none'
            else 'brief' end
        when p.disabled_at is not null then 'none'
        when m.kind = 'staff_welcome' then case when exists (
            select from signin.live_link(decode(m.dedupe_key, 'hex'))) then 'full' else 'none' end
        when m.kind = 'bank_details' then case when exists (
            select from portal.staff_member s where s.person_id = p.id and s.role in ('finance', 'administrator'))
            then 'full' else 'none' end
        when m.kind in ('access_asked', 'handed_over') then case when authz.runs(p.id, m.account_id) then 'full' else 'none' end
        when m.kind = 'payment_reminder' then case when authz.holds(p.id, m.account_id, 'invoice.view') then 'full' else 'none' end
        when m.kind = 'scheduled_report' and m.context ->> 'rights' <> authz.rights_of(p.id) then 'brief'
        when m.ticket_id is null then 'full'
        when p.kind = 'staff' then case when authz.staff_reads_ticket(p.id, m.account_id) then 'full' else 'none' end
        when t.requested_by is distinct from p.id and w.id is null then 'none'
        when authz.reads_ticket(p.id, m.account_id, t.site_id, t.requested_by) then 'full'
        when not authz.holds(p.id, m.account_id, 'any') then 'none'
        -- who may ask and not look is told that it arrived, in the words they just wrote
        when m.kind = 'ticket_submitted' and t.requested_by = p.id then 'full'
        when w.id is not null then 'brief'
        else 'none' end;
    email := coalesce(p.email, m.address);
    name := coalesce(p.name, i.name);
    language := case when m.kind in ('dispute_opened', 'dispute_note') then null  -- of the team, in the context
        when i.id is not null then coalesce(p.language, i.language) when p.kind = 'staff' then p.language else coalesce(p.language, a.locale, (
        select x.locale from portal.membership b join portal.account x on x.id = b.account_id
        where b.person_id = p.id and b.ended_at is null order by x.id limit 1)) end;
    time_zone := coalesce(p.time_zone, t.site_zone, a.time_zone, authz.zone_of(p.id));
    for_staff := coalesce(p.kind = 'staff', m.kind in ('dispute_opened', 'dispute_note'));
    watcher := w.id;
    if reach <> 'none' then
        number := t.number; ticket_uuid := t.uuid; ticket_kind := t.kind; status := t.status; direction := t.direction;
        site := t.site; site_zone := t.site_zone;
    end if;
    if reach = 'full' then
        subject := t.subject; account := a.name; respond_by := t.respond_by;
        answer_by := (select c.deadline from portal.ticket_clock c
                      where c.account_id = m.account_id and c.ticket_id = m.ticket_id and c.clock = 'first_answer'
                        and c.stopped_at is null order by c.round desc limit 1);
    end if;
    return next;
end $$;

-- Who follows a ticket: its requester and its watchers. Commands of people read this under their own hat.
create or replace function authz.followers(account bigint, ticket bigint)
returns table (person_id bigint, address text)
language sql stable security definer set search_path = '' as $$
    select t.requested_by, null::text from portal.ticket t
    where t.account_id = account and t.id = ticket and t.requested_by is not null
    union
    select w.person_id, w.email from portal.ticket_watcher w
    where w.account_id = account and w.ticket_id = ticket and (w.email is null or w.confirmed_at is not null)
$$;

-- Who hears that a clock runs out: the desk, and the managers who look after the account.
create or replace function authz.desk_and_managers(account bigint)
returns table (person_id bigint, role text)
language sql stable security definer set search_path = '' as $$
    select s.person_id, s.role from portal.staff_member s join portal.person p on p.id = s.person_id
    where p.disabled_at is null and (
        s.role = 'service_desk'
        or (s.role = 'account_manager' and exists (
            select from portal.assignment a where a.person_id = s.person_id and a.account_id = account)))
$$;

-- The links in a watcher's mail (auth/watching.py has checked the signature). Confirming a second time changes nothing.
create or replace function signin.confirm_watch(watcher bigint) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
    perform from portal.ticket_watcher w
    where w.id = watcher and w.email is not null
      and exists (select from portal.account a where a.id = w.account_id and a.outside_watchers);
    if not found then return false; end if;
    update portal.ticket_watcher w set confirmed_at = now() where w.id = watcher and w.confirmed_at is null;
    if found then
        insert into portal.audit_entry (
            actor_kind, actor_name, audience, account_id, function, action, object_kind, object_id, object_label)
        select 'customer', w.email, 'customer', t.account_id, 'ticket.view_company', 'watcher.confirmed', 'ticket',
               t.uuid::text, t.number
        from portal.ticket_watcher w join portal.ticket t on t.account_id = w.account_id and t.id = w.ticket_id
        where w.id = watcher;
    end if;
    return true;
end $$;

create or replace function signin.leave_watch(watcher bigint) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
    w record;
begin
    delete from portal.ticket_watcher x where x.id = watcher returning x.account_id, x.ticket_id, x.email into w;
    if not found then return false; end if;
    insert into portal.audit_entry (
        actor_kind, actor_name, audience, account_id, function, action, object_kind, object_id, object_label)
    select 'customer', w.email, 'customer', t.account_id, 'ticket.view_company', 'watcher.left', 'ticket', t.uuid::text, t.number
    from portal.ticket t where t.account_id = w.account_id and t.id = w.ticket_id;
    return true;
end $$;
