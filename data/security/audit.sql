-- The audit log: who is named in an entry, that none is rewritten, and the chain that seals them.

-- Of a person an entry says what they are, whatever it was given; where nobody is named it is the system, unless somebody who may
-- says otherwise (the operator, or a try to sign in).
create or replace function authz.name_actor() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
    if new.actor_id is not null then
        new.actor_kind := (select p.kind from portal.person p where p.id = new.actor_id);
    end if;
    new.actor_kind := coalesce(new.actor_kind, 'system');
    return new;
end $$;

create or replace function authz.refuse_rewriting() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
    -- what the seal sets, and what the table computes by itself
    own constant text[] := array['hash', 'previous_hash', 'seal', 'search'];
begin
    if tg_op = 'UPDATE' then
        if old.hash is null and old.seal is null and new.hash is not null and new.seal is not null
           and to_jsonb(new) - own = to_jsonb(old) - own then
            return new;  -- an entry is sealed once
        end if;
    end if;
    raise exception 'the audit log can be added to, never changed' using errcode = 'insufficient_privilege';
end $$;

-- Something that happened to somebody, where all who run an account of theirs can read it; what concerns staff is for staff.
create or replace function authz.note_person(
    whom bigint, what text, by_kind text, from_address text, was jsonb, becomes jsonb) returns void
language sql security definer set search_path = '' as $$
    insert into portal.audit_entry (actor_id, actor_kind, actor_name, audience, account_id, function, action, object_kind,
                                    object_id, object_label, address, before, after)
    select case when by_kind is null then p.id end, coalesce(by_kind, p.kind), case when by_kind is null then p.name end,
           p.kind, m.account_id, case when m.account_id is not null then 'user.manage' end, what, 'person',
           p.uuid::text, p.name, nullif(from_address, ''), was, becomes
    from portal.person p
    left join portal.membership m on m.person_id = p.id and m.ended_at is null and p.kind = 'customer'
    where p.id = whom
$$;

-- Seals what waits, in the order of ids as far as it is committed: an entry that is committed later, though its id is lower, comes
-- later in the chain. One sealer at a time: the second finds the chain taken and seals nothing. Returns how many were sealed.
create or replace function authz.seal_audit(most integer) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
    chain portal.audit_chain;
    e portal.audit_entry;
    n integer := 0;
begin
    select c.* into chain from portal.audit_chain c where c.id = 1 for update skip locked;
    if not found then return 0; end if;
    for e in select x.* from portal.audit_entry x where x.hash is null order by x.id limit most loop
        chain.sealed := chain.sealed + 1;
        e.seal := chain.sealed;
        e.previous_hash := chain.hash;
        chain.hash := sha256(convert_to({canonical}, 'UTF8'));
        update portal.audit_entry x set seal = e.seal, previous_hash = e.previous_hash, hash = chain.hash where x.id = e.id;
        n := n + 1;
    end loop;
    update portal.audit_chain c set sealed = chain.sealed, hash = chain.hash where c.id = 1 and n > 0;
    return n;
end $$;
