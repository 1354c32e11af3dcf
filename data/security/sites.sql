-- Where invoices are paid to. Whoever writes it can send customers' money elsewhere: no hat has the column, this function asks who is
-- behind the session, notes it without the values, and tells everybody in finance and every other administrator by mail.
-- 'done' | 'same' | 'changed' (somebody else was here meanwhile) | 'unknown'
create or replace function authz.write_bank_details(
    entity uuid, seen bigint, details text, like_message_id text, from_address text) returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
    me bigint := authz.me();
    e record;
    mail_domain text := rtrim(split_part(like_message_id, '@', 2), '>');
begin
    if not authz.staff('site.manage') then
        raise exception 'permission denied: not theirs to manage' using errcode = 'insufficient_privilege';
    end if;
    if not authz.proved() then
        raise exception 'permission denied: prove first that it is you' using errcode = 'insufficient_privilege';
    end if;
    details := nullif(btrim(details, E' \t\r\n'), '');
    if length(details) > {longest_bank_details} then
        raise exception 'permission denied: too long' using errcode = 'insufficient_privilege';
    end if;
    select x.id, x.uuid, x.name, x.bank_details, x.version into e
    from portal.legal_entity x where x.uuid = entity for update;
    if not found then return 'unknown'; end if;
    if e.version is distinct from seen then return 'changed'; end if;
    if e.bank_details is not distinct from details then return 'same'; end if;
    update portal.legal_entity x set bank_details = details, version = x.version + 1 where x.id = e.id;
    insert into portal.audit_entry (actor_id, actor_name, audience, function, action, object_kind, object_id, object_label, address)
    select p.id, p.name, 'staff', 'site.manage', 'entity.bank_details', 'entity', e.uuid::text, e.name, from_address
    from portal.person p where p.id = me;
    insert into portal.mail (dedupe_key, kind, person_id, context, message_id)
    select 'bank_details/' || e.uuid || '/' || (e.version + 1) || '/' || p.id, 'bank_details', p.id,
           jsonb_build_object('entity', e.name, 'by', (select x.name from portal.person x where x.id = me), 'at', now()),
           '<' || gen_random_uuid() || '@' || mail_domain || '>'
    from portal.person p
    where p.disabled_at is null and p.id <> me and exists (
        select from portal.staff_member s where s.person_id = p.id and s.role in ('finance', 'administrator'));
    return 'done';
end $$;
