"""What must be true of roles, grants and functions: nobody has more power than the hats the portal puts on."""

from __future__ import annotations

from data.security.catalog import Rule

ROLE_RULES = (
    Rule(
        "missing_role",
        "Without all of its roles the portal's separation is not in place.",
        "select r from unnest(cast(:everybody as text[])) r where not exists (select from pg_roles where rolname = r)",
    ),
    Rule(
        "too_powerful",
        "A role that is superuser, bypasses row security, replicates, or makes roles or databases makes policies void.",
        """
        select rolname from pg_roles where rolname = any (:everybody)
          and (rolsuper or rolbypassrls or rolreplication or rolcreaterole or rolcreatedb)
        """,
    ),
    Rule(
        "owner_or_hat_logs_in",
        "Owners and hats are put on, never logged in with.",
        "select rolname from pg_roles where rolname = any (:powers_and_hats) and rolcanlogin",
    ),
    Rule(
        "login_inherits",
        "A login that inherits what a hat may do has it even when a hat was forgotten.",
        "select member || ' ' || role from memberships where member = any (:logins) and inherits",
    ),
    Rule(
        "login_reaches_owner",
        "A login that can become owner, helper or backup role sees all rows.",
        """
        select l.name || ' ' || p.name from login l, power p where pg_has_role(l.oid, p.oid, 'member')
        """,
    ),
    Rule(
        "login_wears_wrong_hat",
        "Each login puts on its own hats: pages never the worker's, sign-in none, the worker no person's.",
        """
        select l.name || ' ' || h.name from login l, hat h
        where pg_has_role(l.oid, h.oid, 'member') and not l.name || ' ' || h.name = any (:may_wear)
        """,
    ),
    Rule(
        "login_in_stranger_role",
        "A login belongs to its hats and to nothing else, such as pg_read_all_data.",
        """
        select member || ' ' || role from memberships
        where member = any (:logins) and not role = any (:powers_and_hats)
        """,
    ),
    Rule(
        "login_hands_out_hats",
        "With admin option a login could let others put on its hats.",
        "select member || ' ' || role from memberships where member = any (:logins) and admin_option",
    ),
    Rule(
        "hat_wears_hat",
        "What a hat or owner belongs to, everybody who puts it on has as well.",
        "select member || ' ' || role from memberships where member = any (:powers_and_hats)",
    ),
    Rule(
        "dangerous_default",
        "A role or a token that a login starts with is a context nobody chose.",
        """
        select coalesce(r.rolname, 'all') || ' ' || setting from pg_db_role_setting s
        left join pg_roles r on r.oid = s.setrole cross join unnest(s.setconfig) setting
        where (s.setrole = 0 or r.rolname = any (:everybody))
          and setting ~ '^(role|session_authorization|row_security|search_path|portal\\..*)='
        """,
    ),
)

GRANT_RULES = (
    Rule(
        "direct_grant",
        "Tables are granted to hats; a grant to a login or to PUBLIC works without one.",
        "select distinct label || ' ' || role from granted where role = any (:logins_and_public)",
    ),
    Rule(
        "dangerous_privilege",
        "TRUNCATE, REFERENCES, TRIGGER and MAINTAIN ask no policy.",
        """
        select distinct label || ' ' || role || ' ' || privilege from granted
        where role <> owner and privilege in ('truncate', 'references', 'trigger', 'maintain')
        """,
    ),
    Rule(
        "backup_writes",
        "The backup role sees all rows, so it may do nothing but read.",
        "select distinct label || ' ' || privilege from granted where role = :backup and privilege <> 'select'",
    ),
    Rule(
        "stranger_granted",
        "A role that is not one of ours has been let in.",
        """
        select distinct label || ' ' || role from granted
        where role <> owner and not role = any (:everybody_and_public)
        """,
    ),
    Rule(
        "sequence_granted",
        "A sequence tells how much all companies together do, and can be set back.",
        """
        select distinct label || ' ' || role || ' ' || privilege from granted where kind = 'S' and role <> owner
          and not (role = :backup and privilege = 'select') and not (role = :authz and privilege = 'usage')
        """,
    ),
    Rule(
        "schema_open",
        "What PUBLIC may enter, every login on the server may enter.",
        """
        select n.nspname || ' ' || x.privilege_type from pg_namespace n cross join aclexplode(n.nspacl) x
        where x.grantee = 0 and n.nspname = any (:schemas_and_public)
        """,
    ),
    Rule(
        "schema_entered",
        "Hats enter portal and authz, sign-in enters signin, pages without a hat may ask who it is; none enters auth.",
        """
        select w.name || ' ' || n.nspname from wearer w, pg_namespace n
        where n.nspname = any (:schemas) and has_schema_privilege(w.oid, n.oid, 'usage')
          and not w.name || ' ' || n.nspname = any (:may_enter)
        """,
    ),
    Rule(
        "may_create",
        "Whoever can create a function or an operator can make a filter that tells what it is asked about.",
        """
        select w.name || ' ' || n.nspname from wearer w, pg_namespace n
        where n.nspname !~ '^pg_' and has_schema_privilege(w.oid, n.oid, 'create')
        union all
        select w.name || ' database' from wearer w where has_database_privilege(w.oid, current_database(), 'create')
        """,
    ),
    Rule(
        "temporary_tables",
        "In a temporary schema functions and operators can be made, and rows kept beyond the transaction.",
        "select name from wearer w where has_database_privilege(w.oid, current_database(), 'temporary')",
    ),
    Rule(
        "granted_beforehand",
        "Default privileges give the next table away before anybody has said who may see it.",
        """
        select pg_get_userbyid(d.defaclrole) || ' ' || d.defaclobjtype::text || ' ' || coalesce(r.rolname, 'public')
        from pg_default_acl d cross join aclexplode(d.defaclacl) x left join pg_roles r on r.oid = x.grantee
        where (x.grantee = 0 or r.rolname = any (:logins_and_hats))
          and (pg_get_userbyid(d.defaclrole) in (:owner, :authz)
               or d.defaclnamespace in (select oid from pg_namespace where nspname = any (:schemas)))
        """,
    ),
    Rule(
        "functions_public_beforehand",
        "Unless revoked beforehand, each new function can be called by everybody.",
        """
        select r from unnest(array[:owner, :authz]) r where not exists (
            select from pg_default_acl d where pg_get_userbyid(d.defaclrole) = r and d.defaclobjtype = 'f'
              and d.defaclnamespace = 0 and not exists (select from aclexplode(d.defaclacl) x where x.grantee = 0))
        """,
    ),
)

FUNCTION_RULES = (
    Rule(
        "function_public",
        "A function that PUBLIC may execute is called by whoever connects.",
        "select label from callable where role = 'public'",
    ),
    Rule(
        "function_called",
        "Hats call the helpers on the list, sign-in its own functions; the others answer for anybody one names.",
        """
        select label || ' ' || role from callable
        where role = any (:logins_and_hats) and not (
            (schema = 'authz' and role = any (:hats) and label = any (:for_hats))
            or (role = :worker and label = any (:for_worker))
            or (schema = 'portal' and role = any (:hats) and not definer)
            or (schema = 'signin' and role = :auth)
            -- in the statement that puts a hat on: is the session alive at all?
            or (label = 'authz.me()' and role = :app))
        """,
    ),
    Rule(
        "definer_of_another",
        "A SECURITY DEFINER function has its owner's rights; portal_authz has just those that helpers need.",
        "select label from functions where definer and owner <> :authz",
    ),
    Rule(
        "definer_search_path",
        "Without an empty search_path the caller decides which tables and operators a definer function uses.",
        "select label from functions where definer and not coalesce('search_path=\"\"' = any (settings), false)",
    ),
    Rule(
        "definer_runs_text",
        "A definer function that executes text can be talked into executing something else.",
        r"select label from functions where definer and source ~* '\mexecute\M(?! function)'",
    ),
    Rule(
        "function_leakproof",
        "PostgreSQL runs a leakproof function before the policies, on rows of everybody.",
        "select label from functions where leakproof",
    ),
)

ACCESS_RULES = (*ROLE_RULES, *GRANT_RULES, *FUNCTION_RULES)
