-- Sessions in which something reads for somebody who is not there: a scheduled report, a calendar (docs/decisions/0030). Each is of one
-- person, narrowed to the functions it needs, over in a quarter of an hour, and reads only (authz.live_session, authz.in_person). Nobody
-- says whose it is to be: the worker names a report that is due, the web a calendar's token, and these functions look it up.

create or replace function authz.delegate(
    whose bigint, reader text, work_as text, wanted text[], new_token_hash bytea, from_address text) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    p portal.person; s auth.session;
begin
    select * into p from portal.person x where x.id = whose and x.disabled_at is null;
    if not found or (p.kind = 'staff') <> (work_as is not null) or (p.kind = 'staff' and not exists (
        select from portal.staff_member m where m.person_id = whose and m.role = work_as)) then return null; end if;
    insert into auth.session (token_hash, person_id, kind, role, functions, expires_at, address)
    values (new_token_hash, whose, reader, work_as, wanted, now() + interval '15 minutes', from_address) returning * into s;
    return signin.facts_of(p, s);
end $$;

-- What somebody may do, as one value that changes with it: a file that was written for other rights is not handed over.
create or replace function authz.rights_of(person bigint) returns text
language sql stable security definer set search_path = '' as $$
    select md5(jsonb_build_array(
        (select jsonb_agg(jsonb_build_array(a.id, a.is_paa) order by a.id) from signin.accounts_of(person, null) a),
        (select jsonb_agg(jsonb_build_array(g.account_id, g.function, g.site_ids) order by g.account_id, g.function, g.site_ids)
         from portal.access_grant g join portal.membership m on m.person_id = g.person_id and m.account_id = g.account_id
         where g.person_id = person and m.ended_at is null),
        (select jsonb_agg(m.role order by m.role) from portal.staff_member m where m.person_id = person),
        (select jsonb_agg(s.account_id order by s.account_id) from portal.assignment s where s.person_id = person))::text)
$$;

-- A line of the audit log about a scheduled report: in each account it covers, for who runs that; of staff, for the administrator. How
-- many rows of several accounts there are is for none of them to know.
create or replace function authz.note_report(r portal.scheduled_report, what text, covered bigint[], n bigint) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
    says jsonb := jsonb_build_object('query', r.query, 'every', r.every);
    guard text;
begin
    if n is not null and (r.role is not null or cardinality(covered) = 1) then says := says || jsonb_build_object('rows', n); end if;
    foreach guard in array r.functions loop
        if guard <> 'report.export' and (r.role is not null or cardinality(authz.held_among(r.person_id, covered, guard)) > 0) then exit; end if;
    end loop;
    insert into portal.audit_entry (
        actor_id, actor_kind, actor_name, audience, account_id, function, action, object_kind, object_label, after)
    select p.id, p.kind, p.name, p.kind, a.id, guard, what, 'list', r.page, says
    from portal.person p
    left join unnest(case when r.role is null then authz.held_among(r.person_id, covered, 'any') end) a (id) on true
    where p.id = r.person_id;
end $$;

-- A mail to whom a report is for. What stands in it is read when it is sent; `rights` are those it was written for.
create or replace function authz.mail_report(r portal.scheduled_report, key text, says jsonb, new_message_id text) returns bigint
language sql volatile security definer set search_path = '' as $$
    insert into portal.mail (dedupe_key, kind, person_id, context, message_id)
    values ('scheduled_report/' || r.id || '/' || key, 'scheduled_report', r.person_id, says || jsonb_build_object(
        'report', r.id, 'page', r.page, 'query', r.query, 'every', r.every, 'language', r.language, 'time_zone', r.time_zone,
        'rights', authz.rights_of(r.person_id)), new_message_id)
    returning id
$$;

-- It is written no more, and its reader hears why.
create or replace function authz.stop_report(r portal.scheduled_report, why text, new_message_id text) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
    update portal.scheduled_report x
    set stopped_at = now(), stopped_why = why, last_outcome = 'stopped', last_at = now(), last_rows = null, lease_until = null, lease_hash = null
    where x.id = r.id;
    perform authz.mail_report(r, 'stopped/' || extract(epoch from r.next_at), jsonb_build_object('outcome', 'stopped', 'why', why), new_message_id);
    insert into portal.audit_entry (actor_kind, audience, action, object_kind, object_id, object_label, after)
    select 'system', p.kind, 'report.stop', 'scheduled_report', r.uuid::text, r.page, jsonb_build_object('why', why)
    from portal.person p where p.id = r.person_id;
end $$;

-- The worker begins to write a report that is due, for the slot it is due in: one worker does, and a second one after a quarter of an
-- hour, if the first is gone without a word. Who it is for, as what they work and which functions it needs stand in its row. NULL: it is
-- not to be written now.
create or replace function authz.begin_report(wanted bigint, slot timestamptz, new_token_hash bytea, new_message_id text) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
    r portal.scheduled_report; facts jsonb;
begin
    select * into r from portal.scheduled_report x
    where x.id = wanted and x.next_at = slot and x.next_at <= now() and x.stopped_at is null
      and (x.lease_until is null or x.lease_until <= now()) for update skip locked;
    if not found then return null; end if;
    if r.failures >= {tries} then  -- whatever ended the worker each time was in it
        perform authz.stop_report(r, 'failed', new_message_id);
        return null;
    end if;
    facts := authz.delegate(r.person_id, 'job', r.role, r.functions, new_token_hash, null);
    if facts is null then
        perform authz.stop_report(r, 'rights', new_message_id);
        return null;
    end if;
    update portal.scheduled_report x
    set failures = r.failures + 1, lease_until = now() + interval '15 minutes', lease_hash = new_token_hash where x.id = r.id;
    return facts || jsonb_build_object('report', jsonb_build_object(
        'page', r.page, 'query', r.query, 'every', r.every, 'on_day', r.on_day, 'at_hour', r.at_hour,
        'time_zone', coalesce(facts ->> 'time_zone', r.time_zone), 'language', coalesce(facts ->> 'language', r.language),
        'delivery', r.delivery));
end $$;

-- The report that is being written in the session behind this token, if it still is.
create or replace function authz.report_under_way(wanted bigint, given_token_hash bytea) returns portal.scheduled_report
language plpgsql volatile security definer set search_path = '' as $$
declare
    r portal.scheduled_report;
begin
    select x.* into r from portal.scheduled_report x join auth.session s on s.token_hash = x.lease_hash
    where x.id = wanted and x.lease_hash = given_token_hash and x.stopped_at is null
      and s.kind = 'job' and s.person_id = x.person_id and s.revoked_at is null
    for update of x;
    return r;
end $$;

-- Before the first row is read: whose rows they will be stands in the log. False: it is not to be written any more.
create or replace function authz.note_reading(wanted bigint, given_token_hash bytea, covered bigint[]) returns boolean
language plpgsql volatile security definer set search_path = '' as $$
declare
    r portal.scheduled_report := authz.report_under_way(wanted, given_token_hash);
begin
    if r.id is null then return false; end if;
    perform authz.note_report(r, 'report.export', covered, null);
    return true;
end $$;

-- What came of it, all in one: session over, mail written, next time set, noted. 'sent' with a file, 'linked', 'large' (too large for a
-- mail) or 'empty'; 'rights': the list is not theirs any more; 'failed': again in a while, and after so many times no more; 'later': nothing
-- is wrong with the report, but the worker was asked to stop, or the database. False: somebody stopped it, or another worker has taken over, and nothing of this counts.
create or replace function authz.finish_report(
    wanted bigint, given_token_hash bytea, outcome text, n bigint, then_at timestamptz, covered bigint[], file_name text, file bytea,
    new_message_id text) returns boolean
language plpgsql volatile security definer set search_path = '' as $$
declare
    r portal.scheduled_report := authz.report_under_way(wanted, given_token_hash);
    letter bigint;
begin
    update auth.session s set revoked_at = now() where s.token_hash = given_token_hash and s.kind = 'job' and s.revoked_at is null;
    if r.id is null then return false; end if;
    if outcome = 'later' then
        update portal.scheduled_report x set failures = r.failures - 1, lease_until = now() + interval '1 minute', lease_hash = null
        where x.id = r.id;
    elsif outcome = 'rights' or (outcome = 'failed' and r.failures >= {tries}) then
        perform authz.stop_report(r, outcome, new_message_id);
    elsif outcome = 'failed' then
        perform authz.note_report(r, 'report.broken', covered, n);
        update portal.scheduled_report x set lease_until = now() + interval '5 minutes' * r.failures * r.failures, lease_hash = null, last_outcome = outcome
        where x.id = r.id;
    else
        if then_at is null or then_at <= now() or then_at > now() + interval '32 days' then raise exception 'no next time: %', then_at; end if;
        letter := authz.mail_report(r, extract(epoch from r.next_at)::text, jsonb_build_object('outcome', outcome, 'rows', n), new_message_id);
        if outcome = 'sent' then
            insert into portal.mail_file (mail_id, name, media_type, content)
            values (letter, file_name, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', file);
        end if;
        perform authz.note_report(r, 'report.sent', covered, n);
        update portal.scheduled_report x
        set next_at = then_at, failures = 0, lease_until = null, lease_hash = null, last_at = now(), last_rows = n, last_outcome = outcome
        where x.id = r.id;
    end if;
    return true;
end $$;

-- By the link in its mail. Doing it again changes nothing; false where there is no such report.
create or replace function signin.stop_report(report bigint) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
    r portal.scheduled_report;
begin
    update portal.scheduled_report x set stopped_at = now(), stopped_why = 'reader', lease_until = null, lease_hash = null
    where x.id = report and x.stopped_at is null returning * into r;
    if not found then return exists (select from portal.scheduled_report x where x.id = report); end if;
    insert into portal.audit_entry (actor_id, actor_kind, actor_name, audience, action, object_kind, object_id, object_label, after)
    select p.id, p.kind, p.name, p.kind, 'report.stop', 'scheduled_report', r.uuid::text, r.page, jsonb_build_object('why', 'reader')
    from portal.person p where p.id = r.person_id;
    return true;
end $$;

-- So many times in this while, and not once more.
create or replace function signin.too_often(what bytea, most integer, every interval) returns boolean
language sql volatile security definer set search_path = '' as $$
    insert into auth.throttle as t (key, failures) values (what, 1)
    on conflict (key) do update set
        failures = case when t.since < now() - every then 1 else t.failures + 1 end,
        since = case when t.since < now() - every then now() else t.since end,
        last_at = now()
    returning t.failures > most
$$;

-- Whoever knows a calendar's address reads what its person may know of now. NULL for a token that is none, was taken back, or whose
-- person cannot sign in any more; 'too_often' instead of anything else, for tokens of every kind alike.
create or replace function signin.open_feed(given_token_hash bytea, new_token_hash bytea, address_key bytea, from_address text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
    f portal.feed_token; facts jsonb; often boolean;
begin
    if exists (select from auth.throttle t where t.key = address_key and t.failures > 300 and t.since > now() - interval '10 minutes')
    then return '{"too_often": true}'; end if;
    select * into f from portal.feed_token x where x.token_hash = given_token_hash and x.revoked_at is null;
    if found then
        if signin.too_often(given_token_hash, 60, interval '10 minutes') then return '{"too_often": true}'; end if;
        facts := authz.delegate(
            f.person_id, 'feed', f.role, array['notice.view', 'ticket.view_company', 'ticket.view_own'], new_token_hash, from_address);
    end if;
    if facts is null then
        often := signin.too_often(address_key, 300, interval '10 minutes');
        return null;
    end if;
    if f.last_used_at is null or f.last_used_at < now() - interval '1 day' then  -- once a day is enough for the log
        perform authz.note_person(f.person_id, 'calendar.read', null, from_address, null, null);
    end if;
    update portal.feed_token x set last_used_at = now() where x.id = f.id;
    return facts || jsonb_build_object(
        'language', coalesce(facts ->> 'language', f.language), 'time_zone', coalesce(facts ->> 'time_zone', f.time_zone));
end $$;

-- It was read. Nothing is kept of it.
create or replace function signin.close_feed(given_token_hash bytea) returns void
language sql volatile security definer set search_path = '' as $$
    delete from auth.session s where s.token_hash = given_token_hash and s.kind = 'feed'
$$;
