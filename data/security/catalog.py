"""The words of the catalog check: what PostgreSQL knows of our tables, policies, grants and functions, and a rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import MetaData

from data.models.rows import CUSTOMER_HATS, PEOPLE_HATS, Hat
from data.security.apply import FOR_HATS, FOR_WORKER, SEARCHABLE
from data.security.roles import APP, AUTH, AUTHZ, BACKUP, JOBS, LOGINS, MAY_WEAR, OWNER

#: Our schemas; nobody but the named reaches into them.
SCHEMAS = ("portal", "auth", "authz", "signin")
SCHEMAS_OF = {**{str(hat): ("portal", "authz") for hat in Hat}, APP: ("authz",), AUTH: ("signin",), JOBS: ()}


@dataclass(frozen=True)
class Rule:
    """Something that must not be found in the catalog; `finds` selects the objects that break it."""

    name: str
    why: str
    finds: str


#: Relations that each rule may read as if they were tables.
WORDS = """
with ours as (
    select c.oid, n.nspname as schema, c.relname as name, n.nspname || '.' || c.relname as label, c.relkind as kind,
           c.relacl, pg_get_userbyid(c.relowner) as owner, c.relrowsecurity, c.relforcerowsecurity, c.reloptions
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any (:schemas) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
), tables as (
    select * from ours where kind in ('r', 'p')
), tenant as (
    select t.*, a.attnum as account_id from tables t
    join pg_attribute a on a.attrelid = t.oid and a.attname = 'account_id' and not a.attisdropped
), policy as (
    select t.oid as "table", t.label, p.oid as policy, t.label || ' ' || p.polname as name, p.polcmd::text as command,
           p.polpermissive as permissive, coalesce(r.rolname, 'public')::text as role,
           pg_get_expr(p.polqual, p.polrelid) as sees, pg_get_expr(p.polwithcheck, p.polrelid) as checks,
           concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) as says
    from pg_policy p join tables t on t.oid = p.polrelid
    cross join unnest(p.polroles) as member (oid) left join pg_roles r on r.oid = member.oid
), granted as (
    select o.oid, o.label, o.kind, o.owner, '' as "column", coalesce(r.rolname, 'public')::text as role,
           lower(x.privilege_type) as privilege
    from ours o cross join aclexplode(o.relacl) x left join pg_roles r on r.oid = x.grantee
    union all
    select o.oid, o.label, o.kind, o.owner, a.attname, coalesce(r.rolname, 'public'), lower(x.privilege_type)
    from ours o join pg_attribute a on a.attrelid = o.oid cross join aclexplode(a.attacl) x
    left join pg_roles r on r.oid = x.grantee
), functions as (
    select p.oid, n.nspname as schema, p.proname as name, pg_get_userbyid(p.proowner) as owner, p.prosecdef as definer,
           p.proleakproof as leakproof, p.proconfig as settings, p.prosrc as source, p.proacl, p.proowner,
           n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')' as label
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = any (:schemas)
), callable as (
    select f.*, coalesce(r.rolname, 'public')::text as role
    from functions f cross join aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) x
    left join pg_roles r on r.oid = x.grantee
), memberships as (
    select pg_get_userbyid(m.member)::text as member, pg_get_userbyid(m.roleid)::text as role, m.admin_option,
           coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, b.rolinherit) as inherits
    from pg_auth_members m join pg_roles b on b.oid = m.member
), login as (
    select oid, rolname as name from pg_roles where rolname = any (:logins) and not rolsuper
), hat as (
    select oid, rolname as name from pg_roles where rolname = any (:hats)
), power as (
    select oid, rolname as name from pg_roles where rolname = any (:powers)
), wearer as (
    select * from login union all select * from hat
)
"""


def bindings(metadata: MetaData) -> dict[str, Any]:
    """The lists that rules compare with, by the name they are bound to."""
    for_hats = [f"authz.{name}" for name in (*FOR_HATS, *(f"find_{s.table}(text, integer)" for s in SEARCHABLE))]
    hats, powers = [str(hat) for hat in Hat], [OWNER, AUTHZ, BACKUP]
    everybody = [*powers, *LOGINS, *hats]
    return {
        "schemas": list(SCHEMAS),
        "schemas_and_public": [*SCHEMAS, "public"],
        "models": [f"{table.schema}.{table.name}" for table in metadata.sorted_tables],
        "hats": hats,
        "people": [str(hat) for hat in PEOPLE_HATS],
        "account_hats": [*map(str, CUSTOMER_HATS), str(Hat.MANAGER)],
        "customer_hats": [str(hat) for hat in CUSTOMER_HATS],
        "staff": str(Hat.STAFF),
        "manager": str(Hat.MANAGER),
        "many": str(Hat.MANY),
        "logins": list(LOGINS),
        "logins_and_hats": [*LOGINS, *hats],
        "logins_and_public": [*LOGINS, "public"],
        "app": APP,
        "auth": AUTH,
        "owner": OWNER,
        "authz": AUTHZ,
        "backup": BACKUP,
        "powers": powers,
        "powers_and_hats": [*powers, *hats],
        "everybody": everybody,
        "everybody_and_public": [*everybody, "public"],
        "may_wear": [f"{login} {hat}" for login, hats in MAY_WEAR.items() for hat in hats],
        "may_enter": [f"{role} {schema}" for role, schemas in SCHEMAS_OF.items() for schema in schemas],
        "for_hats": for_hats,
        "worker": str(Hat.WORKER),
        "for_worker": [f"authz.{name}" for name in FOR_WORKER],
    }
