-- Conversations between customers and us, what account managers write to several of them, and feedback. They are written by these
-- functions and by no hat: who may is asked here. Of us a role takes part, not a person: whoever looks after the account, finance,
-- or the service desk.

-- May this customer take part in what is written to that desk?
create or replace function authz.may_take_part(person bigint, account bigint, with_desk text) returns boolean
language sql stable security definer set search_path = '' as $$
    select exists (select from portal.person p where p.id = person and p.kind = 'customer' and p.disabled_at is null)
        and authz.holds(person, account, 'message.use')
        and case with_desk {asks_for} else true end
$$;

-- Does this member of staff answer there, in whatever role they work right now?
create or replace function authz.answers_there(person bigint, account bigint, with_desk text) returns boolean
language sql stable security definer set search_path = '' as $$
    select exists (
        select from portal.staff_member s join portal.person p on p.id = s.person_id and p.disabled_at is null
        where s.person_id = person and s.role = with_desk
          and (with_desk <> 'account_manager'
               or exists (select from portal.assignment a where a.person_id = person and a.account_id = account)))
$$;

-- For which side does whoever asks speak in this thread: 'customer', 'staff', or nobody.
create or replace function authz.side_in_thread(t portal.thread) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
    return case
        when t.account_id = authz.account('message.use') and authz.may_take_part(authz.me(), t.account_id, t.desk)
             and exists (select from portal.thread_member m
                         where m.account_id = t.account_id and m.thread_id = t.id and m.person_id = authz.me()) then 'customer'
        when t.desk = 'account_manager' and t.account_id = any (authz.managed('message.use')) then 'staff'
        when t.desk = 'finance' and authz.staff('message.use') and authz.staff('invoice.manage') then 'staff'
        when t.desk = 'service_desk' and authz.staff('message.use') and authz.staff('ticket.work') then 'staff' end;
end $$;

-- May this customer open what a conversation is to be about?
create or replace function authz.reads_about(person bigint, account bigint, kind text, about uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
declare
    
    places bigint[] := authz.sites_of(person, account, 'order.view');
begin
    if kind = 'ticket' then
        return exists (select from portal.ticket t where t.account_id = account and t.uuid = about
                       and authz.reads_ticket(person, account, t.site_id, t.requested_by));
    elsif kind = 'invoice' then
        return authz.holds(person, account, 'invoice.view')
            and exists (select from portal.invoice i where i.account_id = account and i.uuid = about and i.state <> 'draft');
    elsif kind = 'order' then
        return authz.holds(person, account, 'order.view')
            and exists (select from portal.service_order o where o.account_id = account and o.uuid = about
                        and (places is null or o.site_id = any (places)));
    end if;
    return false;
end $$;

-- Who of the account in view could take part beside me, and whether also where it is about money.
create or replace function authz.who_may_take_part() returns table (person uuid, name text, with_finance boolean)
language sql stable security definer set search_path = '' as $$
    select p.uuid, p.name, authz.may_take_part(p.id, wanted.id, 'finance')
    from (select authz.account('message.use')) wanted (id)
    join portal.person p on p.id in (
        select m.person_id from portal.membership m where m.account_id = wanted.id and m.ended_at is null
        union select r.person_id from authz.who_run(wanted.id) r)
    where p.id <> authz.me() and authz.may_take_part(p.id, wanted.id, 'account_manager')
    order by p.name, p.uuid
$$;

-- The customers who take part in a thread, for whoever reads it: those who still may.
create or replace function authz.who_takes_part(asked uuid) returns table (name text, is_me boolean)
language sql stable security definer set search_path = '' as $$
    select p.name, p.id = authz.me()
    from portal.thread t
    join portal.thread_member m on m.account_id = t.account_id and m.thread_id = t.id
    join portal.person p on p.id = m.person_id
    where t.uuid = asked and authz.side_in_thread(t) is not null and authz.may_take_part(p.id, t.account_id, t.desk)
    order by p.name, p.uuid
$$;

-- What a thread is about, for whoever reads it and may open that as well.
create or replace function authz.thread_is_about(asked uuid) returns table (kind text, uuid uuid, number text)
language sql stable security definer set search_path = '' as $$
    select t.about_kind, t.about_uuid, coalesce(
        (select x.number from portal.ticket x where x.account_id = t.account_id and x.uuid = t.about_uuid),
        (select x.number from portal.invoice x where x.account_id = t.account_id and x.uuid = t.about_uuid),
        (select x.number from portal.service_order x where x.account_id = t.account_id and x.uuid = t.about_uuid))
    from portal.thread t
    where t.uuid = asked and t.about_kind is not null
      and case authz.side_in_thread(t)
          when 'staff' then true
          when 'customer' then authz.reads_about(authz.me(), t.account_id, t.about_kind, t.about_uuid) else false end
$$;

-- Mail to the others about one message: to each once, until they have read on. Of a desk that many work at, only those who have
-- written there hear by mail; the others see it in the portal.
create or replace function authz.tell_of_message(t portal.thread, message bigint, new_message_id text)
returns void language sql volatile security definer set search_path = '' as $$
    insert into portal.mail (account_id, dedupe_key, kind, person_id, context, message_id)
    select t.account_id,
           'message_received/' || t.id || '/' || them.person_id || '/' || coalesce(extract(epoch from m.read_until)::text, '0'),
           'message_received', them.person_id, jsonb_build_object('thread', t.id, 'message', message), new_message_id
    from (
        select c.person_id from portal.thread_member c
        where c.account_id = t.account_id and c.thread_id = t.id and authz.may_take_part(c.person_id, t.account_id, t.desk)
        union
        select a.person_id from portal.assignment a
        where t.desk = 'account_manager' and t.last_side = 'customer' and a.account_id = t.account_id
        union
        select w.author_id from portal.thread_message w
        where t.last_side = 'customer' and w.account_id = t.account_id and w.thread_id = t.id and w.side = 'staff') them
    left join portal.thread_member m on m.account_id = t.account_id and m.thread_id = t.id and m.person_id = them.person_id
    where them.person_id <> authz.me()
      and (authz.may_take_part(them.person_id, t.account_id, t.desk) or authz.answers_there(them.person_id, t.account_id, t.desk))
    on conflict do nothing
$$;

-- One message, by whoever asks, under the name they have. Whoever holds the thread's row writes at a time of their own, so that
-- nobody has read up to a moment at which something is still being written.
create or replace function authz.write_in_thread(t portal.thread, new_side text, said text, new_message_id text)
returns bigint language plpgsql volatile security definer set search_path = '' as $$
declare
    moment timestamptz := clock_timestamp();
    written bigint;
begin
    insert into portal.thread_message (account_id, thread_id, side, author_id, author_name, body, written_at)
    select t.account_id, t.id, new_side, p.id, p.name, said, moment from portal.person p where p.id = authz.me()
    returning id into written;
    update portal.thread x set last_at = moment, last_side = new_side where x.account_id = t.account_id and x.id = t.id;
    t.last_side := new_side;
    insert into portal.thread_member (account_id, thread_id, person_id, read_until)
    values (t.account_id, t.id, authz.me(), moment)
    on conflict (account_id, thread_id, person_id) do update set read_until = excluded.read_until;
    perform authz.tell_of_message(t, written, new_message_id);
    return written;
end $$;

-- A customer begins a conversation with a desk, for the account in view, with colleagues who may take part. Nothing is answered where
-- they have begun too many.
create or replace function authz.start_thread(
    with_desk text, kind text, about uuid, title text, said text, colleagues uuid[], new_message_id text)
returns table (thread uuid, message bigint) language plpgsql volatile security definer set search_path = '' as $$
declare
    account bigint := authz.account('message.use');
    me bigint := authz.me();
    t portal.thread;
    invited bigint[];
begin
    if account is null or not coalesce(authz.may_take_part(me, account, with_desk), false)
       or coalesce(length(trim(said)), 0) = 0
       or kind is not null and not authz.reads_about(me, account, kind, about) then
        raise exception 'permission denied: not theirs to begin' using errcode = 'insufficient_privilege';
    end if;
    select coalesce(array_agg(p.id), '{}') into invited from portal.person p
    where p.uuid = any (colleagues) and authz.may_take_part(p.id, account, with_desk);
    if cardinality(invited) <> (select count(distinct one) from unnest(colleagues) one) then
        raise exception 'permission denied: somebody of them may not take part' using errcode = 'insufficient_privilege';
    end if;
    perform pg_advisory_xact_lock(7306, hashint8(me));
    if (select count(*) from portal.thread x where x.started_by = me and x.started_at > now() - interval '1 hour') >= {most_begun} then
        return;
    end if;
    insert into portal.thread (account_id, desk, subject, about_kind, about_uuid, started_by)
    values (account, with_desk, trim(title), kind, about, me) returning * into t;
    insert into portal.thread_member (account_id, thread_id, person_id)
    select account, t.id, one from unnest(invited || me) one on conflict do nothing;
    message := authz.write_in_thread(t, 'customer', said, new_message_id);
    thread := t.uuid;
    return next;
end $$;

-- Whoever takes part says something more.
create or replace function authz.say_in_thread(asked uuid, said text, new_message_id text) returns bigint
language plpgsql volatile security definer set search_path = '' as $$
declare
    t portal.thread;
    side text;
begin
    select x.* into t from portal.thread x where x.uuid = asked;
    side := authz.side_in_thread(t);
    if side is null or coalesce(length(trim(said)), 0) = 0 then
        raise exception 'permission denied: no thread of theirs to write in' using errcode = 'insufficient_privilege';
    end if;
    select x.* into t from portal.thread x where x.uuid = asked for no key update;
    return authz.write_in_thread(t, side, said, new_message_id);
end $$;

-- Who of the account could still be added to a thread by the customer who asks and takes part in it.
create or replace function authz.who_may_join(asked uuid) returns table (person uuid, name text)
language sql stable security definer set search_path = '' as $$
    select p.uuid, p.name
    from portal.thread t
    join portal.person p on p.id in (
        select m.person_id from portal.membership m where m.account_id = t.account_id and m.ended_at is null
        union select r.person_id from authz.who_run(t.account_id) r)
    where t.uuid = asked and authz.side_in_thread(t) = 'customer' and authz.may_take_part(p.id, t.account_id, t.desk)
      and not exists (select from portal.thread_member m
                      where m.account_id = t.account_id and m.thread_id = t.id and m.person_id = p.id)
    order by p.name, p.uuid
$$;

-- A customer who takes part lets colleagues of the account take part as well, who may: they read all of it, and hear of it once. Who is
-- in it already stays as they are. The names of those who came.
create or replace function authz.add_to_thread(asked uuid, colleagues uuid[], new_message_id text) returns table (name text)
language plpgsql volatile security definer set search_path = '' as $$
declare
    t portal.thread;
    invited bigint[];
begin
    select x.* into t from portal.thread x where x.uuid = asked;
    if authz.side_in_thread(t) is distinct from 'customer' then
        raise exception 'permission denied: no thread of theirs to share' using errcode = 'insufficient_privilege';
    end if;
    select coalesce(array_agg(p.id), '{}') into invited from portal.person p
    where p.uuid = any (colleagues) and authz.may_take_part(p.id, t.account_id, t.desk);
    if cardinality(invited) = 0 or cardinality(invited) <> (select count(distinct one) from unnest(colleagues) one) then
        raise exception 'permission denied: somebody of them may not take part' using errcode = 'insufficient_privilege';
    end if;
    return query
    with added as (
        insert into portal.thread_member (account_id, thread_id, person_id)
        select t.account_id, t.id, one from unnest(invited) one on conflict do nothing
        returning thread_member.person_id),
    told as (
        insert into portal.mail (account_id, dedupe_key, kind, person_id, context, message_id)
        select t.account_id, 'message_received/' || t.id || '/' || a.person_id || '/0', 'message_received', a.person_id,
               jsonb_build_object('thread', t.id, 'by', me.name, 'message', (
                   select max(m.id) from portal.thread_message m where m.account_id = t.account_id and m.thread_id = t.id)),
               new_message_id
        from added a join portal.person me on me.id = authz.me()
        on conflict do nothing)
    select p.name from added a join portal.person p on p.id = a.person_id order by p.name;
end $$;

-- Up to what was shown: what is written meanwhile stays unread. What was read once stays read.
create or replace function authz.read_thread(asked uuid, until timestamptz) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
    t portal.thread;
begin
    select x.* into t from portal.thread x where x.uuid = asked;
    if authz.side_in_thread(t) is null then
        raise exception 'permission denied: no thread of theirs to read' using errcode = 'insufficient_privilege';
    end if;
    insert into portal.thread_member as m (account_id, thread_id, person_id, read_until)
    values (t.account_id, t.id, authz.me(), least(until, t.last_at))
    on conflict (account_id, thread_id, person_id)
        do update set read_until = greatest(m.read_until, excluded.read_until);
end $$;

-- What one mail about a message says; nothing where its reader may not know it (any more), or has read it meanwhile.
create or replace function authz.letter_of_message(mail bigint)
returns table (uuid uuid, subject text, account text, desk text, said text, said_by text)
language sql stable security definer set search_path = '' as $$
    select t.uuid, t.subject, a.name, t.desk, m.body, m.author_name
    from portal.mail x
    join portal.thread t on t.account_id = x.account_id and t.id = (x.context ->> 'thread')::bigint
    join portal.thread_message m on m.account_id = t.account_id and m.thread_id = t.id and m.id = (x.context ->> 'message')::bigint
    join portal.account a on a.id = t.account_id
    left join portal.thread_member r on r.account_id = t.account_id and r.thread_id = t.id and r.person_id = x.person_id
    where x.id = mail and x.kind = 'message_received'
      and coalesce(r.read_until < m.written_at, true)
      and (r.person_id is not null and authz.may_take_part(x.person_id, t.account_id, t.desk)
           or authz.answers_there(x.person_id, t.account_id, t.desk))
$$;

-- Who of an account would get what its manager writes to several.
create or replace function authz.recipients_of(account bigint, wanted text) returns table (person_id bigint)
language sql stable security definer set search_path = '' as $$
    select distinct p.id from portal.person p
    where p.id in (
        select r.person_id from authz.who_run(account) r
        union select m.person_id from portal.membership m
        where wanted = 'everybody' and m.account_id = account and m.ended_at is null)
      and authz.may_take_part(p.id, account, 'account_manager')
$$;

-- The same counted, for accounts that whoever asks looks after.
create or replace function authz.count_recipients(accounts uuid[], wanted text) returns table (account uuid, people bigint)
language sql stable security definer set search_path = '' as $$
    select a.uuid, (select count(*) from authz.recipients_of(a.id, wanted))
    from portal.account a where a.uuid = any (accounts) and a.id = any (authz.managed('broadcast.send'))
$$;

-- One text for several accounts is written down before the first of them gets it, so that sending can be taken up again.
create or replace function authz.begin_broadcast(title text, said text, wanted text, accounts uuid[]) returns uuid
language plpgsql volatile security definer set search_path = '' as $$
declare
    mine bigint[] := authz.managed('broadcast.send');
    chosen bigint[];
    b portal.broadcast;
begin
    select coalesce(array_agg(a.id), '{}') into chosen from portal.account a
    where a.uuid = any (accounts) and a.closed_at is null and a.id = any (mine) and a.id = any (authz.managed('message.use'));
    if cardinality(chosen) = 0 or cardinality(chosen) > {most_accounts}
       or cardinality(chosen) <> (select count(distinct one) from unnest(accounts) one)
       or coalesce(length(trim(said)), 0) = 0 then
        raise exception 'permission denied: not their customers' using errcode = 'insufficient_privilege';
    end if;
    insert into portal.broadcast (author_id, subject, body, recipients) values (authz.me(), trim(title), said, wanted) returning * into b;
    insert into portal.broadcast_account (broadcast_id, account_id) select b.id, one from unnest(chosen) one;
    return b.uuid;
end $$;

-- To one of them: a conversation of its own, so that no customer sees who else got it. How many people got it; the same when asked
-- again, and nobody gets it twice.
create or replace function authz.send_broadcast_to(asked uuid, to_account uuid, new_message_id text) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
    b portal.broadcast;
    s portal.broadcast_account;
    t portal.thread;
    them bigint[];
    written bigint;
begin
    select x.* into b from portal.broadcast x where x.uuid = asked and x.author_id = authz.me();
    select x.* into s from portal.broadcast_account x join portal.account a on a.id = x.account_id
    where x.broadcast_id = b.id and a.uuid = to_account and a.id = any (authz.managed('broadcast.send')) for update of x;
    if s.account_id is null or not s.account_id = any (authz.managed('message.use')) then
        raise exception 'permission denied: not their customer' using errcode = 'insufficient_privilege';
    end if;
    if s.sent_at is not null then return s.people; end if;
    select coalesce(array_agg(r.person_id), '{}') into them from authz.recipients_of(s.account_id, b.recipients) r;
    if cardinality(them) > 0 then
        insert into portal.thread (account_id, desk, subject, started_by)
        values (s.account_id, 'account_manager', b.subject, authz.me()) returning * into t;
        insert into portal.thread_member (account_id, thread_id, person_id) select s.account_id, t.id, one from unnest(them) one;
        written := authz.write_in_thread(t, 'staff', b.body, new_message_id);
        insert into portal.thread_file (account_id, message_id, name, media_type, sha256, broadcast_file_id)
        select t.account_id, written, f.name, f.media_type, f.sha256, f.id
        from portal.broadcast_file f where f.broadcast_id = b.id order by f.id;
    end if;
    update portal.broadcast_account x set thread_id = t.id, people = cardinality(them), sent_at = now()
    where x.broadcast_id = b.id and x.account_id = s.account_id;
    return cardinality(them);
end $$;

-- What somebody thinks of a page. Null where they have said too much within the hour.
create or replace function authz.send_feedback(stars integer, said text, of_page text) returns uuid
language plpgsql volatile security definer set search_path = '' as $$
declare
    me bigint := authz.me();
    account bigint := authz.account('any');
    sent uuid;
begin
    if account is null then
        raise exception 'permission denied: customers only' using errcode = 'insufficient_privilege';
    end if;
    perform pg_advisory_xact_lock(7307, hashint8(me));
    if (select count(*) from portal.feedback f where f.person_id = me and f.written_at > now() - interval '1 hour') >= {most_feedback} then
        return null;
    end if;
    insert into portal.feedback (account_id, person_id, author_name, rating, body, page)
    select account, p.id, p.name, stars, trim(said), of_page from portal.person p where p.id = me
    returning uuid into sent;
    return sent;
end $$;
