-- Single sign-on of staff: what portal_auth may ask for once a provider's word was checked (auth/single_sign_on.py). The provider
-- says who somebody is, by issuer and subject; who may come in is for these functions to decide.

-- The roles that the provider says somebody has, and no others; what was begun in another one ends. Nobody could name an
-- administrator any more once the last one were none, so that one stays.
create or replace function authz.take_over_roles(person bigint, wanted text[], from_address text) returns void
language plpgsql security definer set search_path = '' as $$
declare
    before text[];
    others integer;
begin
    perform pg_advisory_xact_lock(hashtext('roles from single sign-on'));  -- two who lose it at once see each other go
    before := array(select m.role from portal.staff_member m where m.person_id = person order by m.role);
    select count(*) into others
    from portal.staff_member m join portal.person p on p.id = m.person_id
    where m.role = 'administrator' and m.person_id <> person and p.disabled_at is null;
    if others = 0 and 'administrator' = any (before) then wanted := wanted || 'administrator'::text; end if;
    wanted := array(select distinct w from unnest(wanted) w order by w);
    if wanted = before then return; end if;
    delete from portal.staff_member m where m.person_id = person and m.role <> all (wanted);
    insert into portal.staff_member (person_id, role) select person, w from unnest(wanted) w on conflict do nothing;
    perform signin.end_session(s.token_hash, from_address) from auth.session s
    where s.person_id = person and s.role is not null and s.role <> all (wanted) and s.revoked_at is null;
    perform authz.note_person(
        person, 'person.roles', 'system', from_address, jsonb_build_object('roles', before), jsonb_build_object('roles', wanted));
end $$;

-- Ties a subject to the one of the staff who has this e-mail, if the operator allows that and the provider has verified it: to
-- nobody who is tied to another subject of this issuer, for an address may have gone to somebody else since.
create or replace function authz.link_by_email(
    given_issuer text, given_subject text, proven_email text, from_address text) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
    whose bigint;
begin
    insert into auth.external_identity (issuer, subject, person_id)
    select given_issuer, given_subject, p.id from portal.person p
    where lower(p.email) = lower(proven_email) and p.kind = 'staff' and p.disabled_at is null
    on conflict do nothing
    returning person_id into whose;
    if whose is not null then
        perform authz.note_person(
            whose, 'person.link', 'system', from_address, null,
            jsonb_build_object('issuer', given_issuer, 'sign_on_subject', given_subject));
    end if;
    return whose;
end $$;

-- Somebody came back from the provider, who says that it is this subject. 'in': the code that was given opens one session, in this
-- browser, within 45 seconds. 'again': this way was gone before. 'stranger': nobody who may come in; the log says who it was.
-- `wanted_roles` is NULL where roles are the portal's own.
create or replace function signin.sign_on(
    given_issuer text, given_subject text, proven_email text, wanted_roles text[], new_code_hash bytea, bound_browser_hash bytea,
    then_to text, from_address text) returns text
language plpgsql security definer set search_path = '' as $$
declare
    p portal.person;
    linked bigint;
    work_as text;
begin
    if exists (select from auth.sign_in_code c where c.code_hash = new_code_hash) then return 'again'; end if;
    select q.* into p from auth.external_identity i join portal.person q on q.id = i.person_id
    where i.issuer = given_issuer and i.subject = given_subject;
    if p.id is null and proven_email is not null then
        linked := authz.link_by_email(given_issuer, given_subject, proven_email, from_address);
        select q.* into p from portal.person q where q.id = linked;
    end if;
    if p.kind = 'staff' and p.disabled_at is null then
        if wanted_roles is not null then perform authz.take_over_roles(p.id, wanted_roles, from_address); end if;
        select m.role into work_as from portal.staff_member m
        where m.person_id = p.id and (wanted_roles is null or m.role = any (wanted_roles)) order by m.role limit 1;
    end if;
    if work_as is null then
        insert into portal.audit_entry (actor_kind, audience, action, object_kind, object_id, object_label, address, after)
        values ('nobody', 'staff', 'session.refused', 'person', p.uuid::text, p.name, nullif(from_address, ''),
                jsonb_build_object('issuer', given_issuer, 'sign_on_subject', given_subject));
        return 'stranger';
    end if;
    insert into auth.sign_in_code (code_hash, person_id, browser_hash, role, next, expires_at, proved_by)
    values (new_code_hash, p.id, bound_browser_hash, work_as, then_to, now() + interval '45 seconds', 'oidc')
    on conflict do nothing;
    return case when found then 'in' else 'again' end;
end $$;
