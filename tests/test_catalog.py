"""The catalog check: silent about a fresh database, and not silent about any of the mistakes that people make with one."""

# ruff: noqa: E501 - a mistake stands on one line

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, text

from data.migrate import bootstrap_engine
from data.models import Base
from data.security.check import RULES, violations
from tests.cluster import Database


class Mistake(NamedTuple):
    """Somebody's slip: the rule that must notice, what they did, and the object it must name."""

    rule: str
    planted: str
    named: str


_SEE = "create policy slip on portal.invoice for select to"

MISTAKES = (
    # tables
    Mistake("row_security_off", "alter table portal.invoice disable row level security", "portal.invoice"),
    Mistake("row_security_off", "alter table auth.session disable row level security", "auth.session"),
    Mistake("row_security_not_forced", "alter table portal.ticket no force row level security", "portal.ticket"),
    Mistake("unknown_table", "create table portal.forgotten (id bigint)", "portal.forgotten"),
    Mistake("unknown_table", "create view portal.v with (security_invoker) as select 1", "portal.v"),
    Mistake("missing_table", "drop table portal.feed_token", "portal.feed_token"),
    Mistake("wrong_owner", "alter table portal.site owner to portal_app", "portal.site"),
    Mistake("wrong_owner", "alter function authz.me() owner to portal_owner", "authz.me()"),
    Mistake("wrong_owner", "alter schema signin owner to portal_auth", "signin"),
    Mistake("view_runs_as_owner", "create view portal.v as select * from portal.invoice", "portal.v"),
    Mistake("copy_granted", "create materialized view portal.m as select 1; grant select on portal.m to portal_staff", "portal.m"),
    Mistake("rewrite_rule", "create rule r as on delete to portal.site do instead nothing", "portal.site r"),
    Mistake(
        "stranger_trigger",
        "create function portal.copy() returns trigger language plpgsql as 'begin return new; end'; "
        "create trigger copy after insert on portal.ticket for each row execute function portal.copy()",
        "portal.ticket copy",
    ),
    Mistake("trigger_off", "alter table portal.audit_entry disable trigger append_only", "portal.audit_entry append_only"),
    Mistake(
        "key_without_account",
        "alter table portal.attachment add constraint slip foreign key (message_id) references portal.ticket_message (id)",
        "portal.attachment slip",
    ),
    Mistake("global_unique", "create unique index on portal.service_order (number)", "portal.service_order (number)"),
    Mistake(
        "global_unique",
        "create unique index on portal.inventory_item (lower(asset_number))",
        "portal.inventory_item (lower(asset_number))",
    ),
    Mistake("global_unique", "grant insert (uuid) on portal.ticket to portal_customer", "portal.ticket (uuid)"),
    # policies
    Mistake("grant_without_policy", "grant delete on portal.ticket to portal_customer", "portal.ticket portal_customer delete"),
    Mistake("grant_without_policy", "grant select on auth.session to portal_staff", "auth.session portal_staff select"),
    Mistake("policy_for_everyone", "create policy slip on portal.payment for select using (account_id = 1)", "portal.payment slip"),
    Mistake("policy_lets_all_through", f"{_SEE} portal_customer_own using (true)", "portal.invoice slip"),
    Mistake("policy_lets_all_through", "alter policy customer_insert on portal.ticket with check (true)", "customer_insert"),
    Mistake(
        "policy_lets_all_through",
        "alter policy customer_insert on portal.draft with check (true and (select authz.in_person()))",
        "portal.draft customer_insert",
    ),
    Mistake(
        "policy_asks_nobody",
        "alter policy customer_insert on portal.draft with check (person_id = 1 and (select authz.in_person()))",
        "portal.draft customer_insert",
    ),
    Mistake(
        "policy_lets_a_job_write",
        "alter policy customer_insert on portal.ticket with check (account_id = (select authz.account('any')))",
        "portal.ticket customer_insert",
    ),
    Mistake(
        "policy_lets_a_job_write",
        "alter policy staff_delete on portal.draft using (person_id = (select authz.me()))",
        "portal.draft staff_delete",
    ),
    Mistake(
        "policy_lets_a_job_write",
        "alter policy staff_update on portal.draft using (person_id = (select authz.me()))",
        "portal.draft staff_update",
    ),
    Mistake("policy_asks_nobody", "alter policy staff_see on portal.invoice using (state <> 'draft')", "staff_see"),
    Mistake("policy_asks_nobody", "alter policy customer_see on portal.invoice using (account_id = 1)", "customer_see"),
    Mistake(
        "policy_ignores_account",
        "alter policy customer_see on portal.invoice using ((select authz.account('invoice.view')) is not null)",
        "portal.invoice customer_see",
    ),
    Mistake(
        "policy_ignores_account",
        "alter policy customer_insert on portal.mail with check ((select authz.me()) is not null)",
        "portal.mail customer_insert",
    ),
    Mistake(
        "policy_shows_what_is_for_staff",
        "alter policy customer_own_see on portal.notice using (everyone and (select authz.account('notice.view')) is not null)",
        "portal.notice customer_own_see",
    ),
    Mistake(
        "policy_shows_what_is_for_staff",
        "create policy slip on portal.notice for insert to portal_customer with check ((select authz.me()) is not null)",
        "portal.notice slip",
    ),
    Mistake(
        "policy_asks_wrong_helper",
        "alter policy customer_see on portal.invoice using (account_id = (select authz.account('any')) or (select authz.staff('any')))",
        "portal.invoice customer_see",
    ),
    Mistake(
        "policy_reads_setting",
        "alter policy customer_see on portal.invoice using (account_id = nullif(current_setting('portal.account', true), '')::bigint "
        "and (select authz.account('invoice.view')) is not null)",
        "portal.invoice customer_see",
    ),
    Mistake(
        "policy_asks_for_each_row",
        "alter policy customer_see on portal.invoice using (account_id = authz.account('invoice.view'))",
        "portal.invoice customer_see",
    ),
    Mistake(
        "policy_asks_for_each_row",
        "alter policy customer_see on portal.invoice using (account_id = (select authz.account(state)))",
        "portal.invoice customer_see",
    ),
    Mistake(
        "policy_calls_stranger",
        "create function public.theirs() returns bigint language sql as 'select 1'; "
        "alter policy customer_see on portal.invoice using (account_id = (select public.theirs()) and (select authz.me()) > 0)",
        "portal.invoice customer_see public.theirs()",
    ),
    Mistake(
        "policies_overlap",
        f"{_SEE} portal_customer using (account_id = (select authz.account('any')))",
        "portal.invoice portal_customer r",
    ),
    Mistake(
        "policies_overlap",
        "create policy slip on portal.ticket to portal_customer using (account_id = (select authz.account('any')))",
        "portal.ticket portal_customer a",
    ),
    Mistake(
        "policy_column_leaks",
        "alter policy staff_see on portal.invoice using (balance > 0 and (select authz.staff('invoice.view')))",
        "portal.invoice staff_see balance",
    ),
    Mistake(
        "policy_column_leaks",
        "create type portal.colour as enum ('red'); alter table portal.site add colour portal.colour; "
        "alter policy staff_see on portal.site using (colour = 'red' and (select authz.me()) is not null)",
        "portal.site staff_see colour",
    ),
    # roles
    Mistake("missing_role", "alter role portal_customer_many rename to portal_customer_all", "portal_customer_many"),
    Mistake("too_powerful", "alter role portal_app superuser", "portal_app"),
    Mistake("too_powerful", "alter role portal_jobs bypassrls", "portal_jobs"),
    Mistake("too_powerful", "alter role portal_auth createrole", "portal_auth"),
    Mistake("too_powerful", "alter role portal_app createdb", "portal_app"),
    Mistake("too_powerful", "alter role portal_backup replication", "portal_backup"),
    Mistake("owner_or_hat_logs_in", "alter role portal_owner login", "portal_owner"),
    Mistake("owner_or_hat_logs_in", "alter role portal_staff login", "portal_staff"),
    Mistake("login_inherits", "alter role portal_app inherit; grant portal_staff to portal_app {inheriting}", "portal_app portal_staff"),
    Mistake("login_reaches_owner", "grant portal_owner to portal_app", "portal_app portal_owner"),
    Mistake("login_reaches_owner", "grant portal_authz to portal_staff", "portal_app portal_authz"),
    Mistake("login_reaches_owner", "grant portal_backup to portal_jobs", "portal_jobs portal_backup"),
    Mistake("login_wears_wrong_hat", "grant portal_worker to portal_app", "portal_app portal_worker"),
    Mistake("login_wears_wrong_hat", "grant portal_customer to portal_auth", "portal_auth portal_customer"),
    Mistake("login_wears_wrong_hat", "grant portal_staff to portal_jobs", "portal_jobs portal_staff"),
    Mistake("login_in_stranger_role", "grant pg_read_all_data to portal_app", "portal_app pg_read_all_data"),
    Mistake("login_hands_out_hats", "grant portal_staff to portal_app with admin option", "portal_app portal_staff"),
    Mistake("hat_wears_hat", "grant portal_staff to portal_customer", "portal_customer portal_staff"),
    Mistake("hat_wears_hat", "grant pg_read_all_data to portal_staff", "portal_staff pg_read_all_data"),
    Mistake("dangerous_default", "alter role portal_app set role = 'portal_staff'", "portal_app role=portal_staff"),
    Mistake("dangerous_default", "alter role portal_app set portal.session = 'token'", "portal_app portal.session=token"),
    # grants
    Mistake("direct_grant", "grant select on portal.ticket to portal_app", "portal.ticket portal_app"),
    Mistake("direct_grant", "grant select (id) on portal.ticket to public", "portal.ticket public"),
    Mistake("dangerous_privilege", "grant truncate on portal.ticket to portal_staff", "portal.ticket portal_staff truncate"),
    Mistake("dangerous_privilege", "grant references (id) on portal.ticket to portal_customer", "portal.ticket portal_customer references"),
    Mistake("dangerous_privilege", "grant trigger on portal.invoice to portal_authz", "portal.invoice portal_authz trigger"),
    Mistake("backup_writes", "grant update on portal.invoice to portal_backup", "portal.invoice update"),
    Mistake("stranger_granted", "create role guest; grant select on portal.site to guest", "portal.site guest"),
    Mistake("sequence_granted", "grant usage on sequence portal.ticket_number_rh to portal_customer", "portal.ticket_number_rh portal_customer usage"),
    Mistake("schema_open", "grant usage on schema portal to public", "portal USAGE"),
    Mistake("schema_open", "grant create on schema public to public", "public CREATE"),
    Mistake("schema_entered", "grant usage on schema auth to portal_staff", "portal_staff auth"),
    Mistake("schema_entered", "grant usage on schema portal to portal_app", "portal_app portal"),
    Mistake("schema_entered", "grant usage on schema signin to portal_customer", "portal_customer signin"),
    Mistake("may_create", "grant create on schema portal to portal_staff", "portal_staff portal"),
    Mistake("may_create", "grant create on schema public to portal_app", "portal_app public"),
    Mistake("may_create", "do $$ begin execute format('grant create on database %I to portal_app', current_database()); end $$", "portal_app database"),
    Mistake(
        "temporary_tables",
        "do $$ begin execute format('grant temporary on database %I to public', current_database()); end $$",
        "portal_customer",
    ),
    Mistake(
        "granted_beforehand",
        "alter default privileges for role portal_owner in schema portal grant select on tables to portal_staff",
        "portal_owner r portal_staff",
    ),
    Mistake(
        "functions_public_beforehand",
        "alter default privileges for role portal_authz grant execute on functions to public",
        "portal_authz",
    ),
    Mistake("undeclared_grant", "grant select on portal.invoice_tally to portal_customer_own", "portal.invoice_tally portal_customer_own select"),
    Mistake("undeclared_grant", "grant update (number) on portal.ticket to portal_staff", "portal.ticket portal_staff update number"),
    # functions
    Mistake("function_public", "grant execute on function authz.live_session() to public", "authz.live_session()"),
    Mistake("function_public", "create function signin.slip() returns int language sql as 'select 1'", "signin.slip()"),
    Mistake("function_called", "grant execute on function authz.holds(bigint, bigint, text) to portal_customer", "portal_customer"),
    Mistake("function_called", "grant execute on function signin.who(bytea, boolean, boolean) to portal_app", "portal_app"),
    Mistake(
        "function_called", "grant execute on function authz.forget_signing_in() to portal_staff", "authz.forget_signing_in() portal_staff"
    ),
    Mistake("function_called", "grant execute on function authz.me() to portal_auth", "authz.me() portal_auth"),
    Mistake("definer_of_another", "alter function authz.account(text) owner to postgres", "authz.account(text)"),
    Mistake("definer_search_path", "alter function authz.account(text) reset search_path", "authz.account(text)"),
    Mistake("definer_search_path", "alter function authz.account(text) set search_path = portal, public", "authz.account(text)"),
    Mistake(
        "definer_runs_text",
        "create function authz.run(sql text) returns void language plpgsql security definer set search_path = '' "
        "as 'begin execute sql; end'",
        "authz.run(text)",
    ),
    Mistake("function_leakproof", "alter function portal.spaced(text) leakproof", "portal.spaced(text)"),
)  # fmt: skip


@pytest.fixture(scope="module")
def administrator(empty_database: Database) -> Iterator[Connection]:
    engine = bootstrap_engine(empty_database.owner_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def operator(administrator: Connection) -> Iterator[Connection]:
    """The server's administrator, in a transaction of which nothing stays."""
    yield administrator
    administrator.rollback()


def test_a_fresh_database_has_no_violation(operator: Connection) -> None:
    assert [str(violation) for violation in violations(operator)] == []


def test_whoever_may_log_in_may_check(empty_database: Database) -> None:
    for engine in (empty_database.app, empty_database.auth, empty_database.jobs):
        with engine.connect() as connection:
            assert violations(connection) == []


@pytest.mark.parametrize("mistake", MISTAKES, ids=[f"{n} {m.rule}" for n, m in enumerate(MISTAKES, 1)])
def test_a_planted_mistake_is_named_by_the_rule_meant_for_it(operator: Connection, mistake: Mistake) -> None:
    version = int(str(operator.scalar(text("show server_version_num")))) // 10000
    inheriting = "with inherit true" if version >= 16 else ""
    operator.exec_driver_sql(mistake.planted.replace("{inheriting}", inheriting).replace("%", "%%"))
    meant = [rule for rule in RULES if rule.name == mistake.rule]
    found = [violation.object for violation in violations(operator, rules=meant)]
    assert any(mistake.named in named for named in found), found


def test_every_rule_has_a_mistake_and_says_why() -> None:
    caught = {mistake.rule for mistake in MISTAKES} | {"undeclared_table"}
    assert {rule.name for rule in RULES} == caught
    assert all(rule.why.endswith(".") for rule in RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_a_model_that_does_not_say_who_may_see_its_rows_is_named(operator: Connection) -> None:
    metadata = MetaData(schema="portal")
    for table in Base.metadata.sorted_tables:
        table.to_metadata(metadata)
    Table("undeclared", metadata, Column("id", Integer, primary_key=True))
    operator.execute(text("create table portal.undeclared (id int primary key)"))
    found = {(v.rule.name, v.object) for v in violations(operator, metadata)}
    assert ("undeclared_table", "portal.undeclared") in found
    assert not any(rule == "undeclared_table" and named != "portal.undeclared" for rule, named in found)


def test_the_check_changes_nothing(operator: Connection) -> None:
    before = operator.scalar(text("show search_path"))
    violations(operator)
    assert operator.scalar(text("show search_path")) == before
