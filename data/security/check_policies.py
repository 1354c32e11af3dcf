"""What must be true of the policies: one for each hat, table and command, which asks the helpers once a statement."""

from __future__ import annotations

from data.security.catalog import Rule

#: A company's tables whose rows belong to one person instead: these policies name the person and need no account.
PERSONAL = {
    "portal.saved_view": "a person's own filters",
    "portal.scheduled_report": "a person's own reports",
    "portal.feedback": "what a person wrote",
}

#: A helper call in brackets with a constant is computed once a statement; with a column it would run for each row.
_ONCE = r"SELECT authz\.\w+\((''[^'']*''::text)?\)"

POLICY_RULES = (
    Rule(
        "grant_without_policy",
        "A grant without a policy for its command shows that somebody's intention is missing.",
        """
        select distinct g.label || ' ' || g.role || ' ' || g.privilege from granted g
        where g.role = any (:hats) and g.kind in ('r', 'p') and g.privilege in ('select', 'insert', 'update', 'delete')
          and not exists (
              select from policy p where p."table" = g.oid and p.role = g.role
                and p.command in ('*', case g.privilege when 'select' then 'r' when 'insert' then 'a'
                                       when 'update' then 'w' else 'd' end))
        """,
    ),
    Rule(
        "policy_for_everyone",
        "A policy for PUBLIC also speaks for hats that have one of their own, and the two are OR'ed.",
        "select name from policy where role = 'public'",
    ),
    Rule(
        "policy_lets_all_through",
        "`true` for a hat that people wear is no policy.",
        r"select name from policy where role = any (:people) and ('true' in (sees, checks) or says ~ '\(true AND')",
    ),
    Rule(
        "policy_asks_nobody",
        "Only the helpers know whether the session is alive: a policy that asks none of them, and follows no "
        "table that does, answers to anybody.",
        r"""
        select name from policy cross join lateral (
            select replace(sees, 'authz.in_person(', ''), replace(checks, 'authz.in_person(', '')) said (sees, checks)
        where role = any (:people) and (
            (said.sees is not null and said.sees !~ 'authz\.\w+\(' and said.sees !~ 'EXISTS \( SELECT\s+FROM portal\.')
            or (said.checks is not null and said.checks !~ 'authz\.\w+\('
                and said.checks !~ 'EXISTS \( SELECT\s+FROM portal\.'))
        """,
    ),
    Rule(
        "policy_ignores_account",
        "On a company's table the policies of customers and managers are about the account.",
        """
        select distinct p.name from policy p join tenant t on t.oid = p."table"
        where p.role = any (:account_hats) and not t.label = any (:personal)
          and (p.sees !~ 'account_id' or p.checks !~ 'account_id')
        """,
    ),
    Rule(
        "policy_shows_what_is_for_staff",
        "Whatever else a customer's policy says of a row that can be for staff alone: it says that this one is not.",
        """
        select p.name from policy p join pg_attribute a on a.attrelid = p."table" and a.attname = 'for_staff'
        where p.role = any (:customer_hats) and (p.sees !~ 'NOT for_staff' or p.checks !~ 'NOT for_staff')
        """,
    ),
    Rule(
        "policy_asks_wrong_helper",
        "Each helper answers for one kind of hat; another one's answer means nothing there.",
        r"""
        select name from policy p where p.role = any (:people) and exists (
            select from regexp_matches(p.says, 'authz\.(\w+)\(', 'g') m (found)
            where not m.found[1] = any (case
                when p.role = :staff then array['me', 'in_person', 'staff', 'guards', 'proved']
                when p.role = :manager then array['me', 'in_person', 'managed', 'guards']
                when p.role = :many
                then array['me', 'in_person', 'accounts', 'everywhere', 'places', 'guards', 'place_guards']
                else array['me', 'in_person', 'account', 'everywhere', 'places', 'guards', 'place_guards', 'proved',
                           'has_factor'] end))
        """,
    ),
    Rule(
        "policy_lets_a_job_write",
        "What is delegated to a job or a feed reads: each policy for a change asks whether its person is there.",
        """
        select name from policy p
        where p.role = any (:people) and p.command in ('*', 'a', 'w', 'd') and (
            p.checks is null and p.sees !~ 'SELECT authz.in_person' or p.checks !~ 'SELECT authz.in_person'
            or p.command in ('*', 'w', 'd') and p.sees !~ 'SELECT authz.in_person')
        """,
    ),
    Rule(
        "policy_reads_setting",
        "A policy that reads current_setting itself is led to another company by set_config inside the same statement.",
        "select name from policy where says ~ 'current_setting'",
    ),
    Rule(
        "policy_asks_for_each_row",
        "A helper that is not in a bracket of its own, `(select authz.…('…'))`, runs for every row.",
        rf"""
        select name from policy
        where (select count(*) from regexp_matches(says, 'authz\.\w+\(', 'g'))
           <> (select count(*) from regexp_matches(says, '{_ONCE}', 'g'))
        """,
    ),
    Rule(
        "policy_calls_stranger",
        "Policies call the helper functions and nothing else of ours: a function somewhere else is nobody's promise.",
        """
        select distinct p.name || ' ' || d.refobjid::regprocedure from policy p
        join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.policy
         and d.refclassid = 'pg_proc'::regclass
        where not d.refobjid in (select oid from functions where schema = 'authz' and definer)
        """,
    ),
    Rule(
        "policies_overlap",
        "Two permissive policies for one hat, table and command are OR'ed: the looser one wins.",
        """
        select p.label || ' ' || p.role || ' ' || wanted.command
        from (values ('r'), ('a'), ('w'), ('d')) wanted (command)
        join policy p on p.permissive and p.command in ('*', wanted.command)
        group by p.label, p.role, wanted.command having count(*) > 1
        """,
    ),
    Rule(
        "policy_column_leaks",
        "An operator that is not leakproof (enum, numeric, jsonb, array) uses no index below a policy: none has one.",
        """
        select distinct p.name || ' ' || a.attname from policy p
        join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.policy
         and d.refclassid = 'pg_class'::regclass
        join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
        -- a policy for inserting looks at the one new row, and uses no index
        where p.role = any (:people) and p.command <> 'a' and d.refobjsubid > 0 and not exists (
            select from pg_opclass c join pg_am m on m.oid = c.opcmethod and m.amname = 'btree'
            join pg_amop o on o.amopfamily = c.opcfamily and o.amopstrategy = 3
             and o.amoplefttype = c.opcintype and o.amoprighttype = c.opcintype
            join pg_operator e on e.oid = o.amopopr join pg_proc f on f.oid = e.oprcode
            where c.opcdefault and c.opcintype = a.atttypid and f.proleakproof)
        """,
    ),
)
