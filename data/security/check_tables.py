"""What must be true of the tables themselves: guarded, owned, known to the models, and keyed by account."""

from __future__ import annotations

from data.security.catalog import Rule

#: Tables without a model, and so without policies; nobody but the owner is granted anything on them.
NO_MODEL = {"portal.alembic_version": "Alembic's own note of where the migrations stand"}

#: Unique across companies, and why that tells nobody anything. A unique violation is an answer, row security or not.
GLOBAL_UNIQUE = {
    "portal.ticket (number)": "numbers are ours (SPEC §6) and given by a trigger: no hat can propose one",
    "portal.invoice (issuer_id, number)": "numbers are the issuing entity's; no customer writes invoices",
    "portal.audit_entry (seal)": "given by the sealing alone, and read by no hat",
    "portal.saved_view (person_id, page, name)": "one's own: nobody writes a row under another's id",
    "portal.account (code)": "given by administrators, who see all accounts",
    "auth.link (token_hash)": "the hash of a secret, in a schema that no hat enters",
    "portal.remote_hands (ticket_id)": "written under the ticket's own policy, which is asked before the index",
    "portal.fault (ticket_id)": "written under the ticket's own policy, which is asked before the index",
    "portal.shipment (ticket_id)": "written under the ticket's own policy, which is asked before the index",
    "portal.site_visit (ticket_id)": "written under the ticket's own policy, which is asked before the index",
}

TABLE_RULES = (
    Rule(
        "row_security_off",
        "Without row security a grant shows every company's rows.",
        "select label from tables where not relrowsecurity and not label = any (:no_model)",
    ),
    Rule(
        "row_security_not_forced",
        "Unless forced, row security does not bind the owner, and so no migration and no definer function of theirs.",
        "select label from tables where not relforcerowsecurity and not label = any (:no_model)",
    ),
    Rule(
        "unknown_table",
        "A table that is no model has been forgotten: nobody has said who may see its rows.",
        "select label from ours where kind <> 'S' and not label = any (:models) and not label = any (:no_model)",
    ),
    Rule(
        "missing_table",
        "A model without its table: the database is not the one this code was written for.",
        "select m from unnest(cast(:models as text[])) m where not m in (select label from tables)",
    ),
    Rule(
        "wrong_owner",
        "Whoever owns an object may change it and is asked by no grant; objects have one of two owners without login.",
        """
        select label from ours where owner <> :owner
        union all
        select label from functions where owner <> case when schema = 'portal' then :owner else :authz end
        union all
        select nspname from pg_namespace where nspname = any (:schemas)
          and pg_get_userbyid(nspowner) <> case when nspname in ('portal', 'auth') then :owner else :authz end
        """,
    ),
    Rule(
        "view_runs_as_owner",
        "A view without security_invoker reads with its owner's rights, for whom all rows are visible.",
        """
        select label from ours where kind = 'v'
          and not coalesce(reloptions && '{security_invoker=true,security_invoker=on,security_invoker=1}', false)
        """,
    ),
    Rule(
        "copy_granted",
        "Materialised views and foreign tables know no row security: whoever may read them reads all of them.",
        "select label || ' ' || role from granted where kind in ('m', 'f') and role <> owner",
    ),
    Rule(
        "rewrite_rule",
        "A rule turns a statement into another one behind the back of policies and commands.",
        """
        select t.label || ' ' || w.rulename from pg_rewrite w join tables t on t.oid = w.ev_class
        """,
    ),
    Rule(
        "stranger_trigger",
        "A trigger sees every row that is written; only the functions of schema authz may.",
        """
        select t.label || ' ' || g.tgname from pg_trigger g join tables t on t.oid = g.tgrelid
        where not g.tgisinternal and not g.tgfoid in (select oid from functions where schema = 'authz')
        """,
    ),
    Rule(
        "trigger_off",
        "A disabled trigger lets the audit log be rewritten, or balances and tallies go astray.",
        """
        select t.label || ' ' || g.tgname from pg_trigger g join tables t on t.oid = g.tgrelid
        where g.tgenabled <> 'O'
        """,
    ),
    Rule(
        "key_without_account",
        "A foreign key between companies' tables must carry the account: else a row can hang on another company's row, "
        "and the key tells that it exists.",
        """
        select t.label || ' ' || k.conname from pg_constraint k
        join tenant t on t.oid = k.conrelid join tenant parent on parent.oid = k.confrelid
        where k.contype = 'f' and not exists (
            select from unnest(k.conkey, k.confkey) pair (own, theirs)
            where pair.own = t.account_id and pair.theirs = parent.account_id)
        """,
    ),
    Rule(
        "global_unique",
        "A unique index without the account answers whether another company has a row with this value.",
        """
        select said from (
            select t.label || ' (' || (
                       select string_agg(pg_get_indexdef(i.indexrelid, n, true), ', ' order by n)
                       from generate_series(1, i.indnkeyatts) n) || ')' as said
            from pg_index i join tenant t on t.oid = i.indrelid
            where i.indisunique and not t.account_id = any (i.indkey::int2[])
              -- what the database makes up itself (identity, random uuid) nobody can guess at or propose
              and not exists (
                  select from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
                  where a.attrelid = t.oid and i.indnkeyatts = 1 and a.attnum = any (i.indkey::int2[])
                    and (a.attidentity = 'a' or pg_get_expr(d.adbin, d.adrelid) = 'gen_random_uuid()')
                    and not exists (
                        select from granted g where g.oid = t.oid and g.role = any (:hats)
                          and g."column" in ('', a.attname) and g.privilege in ('insert', 'update')))) unique_index
        where not said = any (:global_unique)
        """,
    ),
)
