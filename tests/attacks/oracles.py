"""Questions whose answer would give a foreign row away without showing it: errors, counts, plans, copies, search."""

# ruff: noqa: E501 - a statement of an attacker stands on one line

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import NotSupportedError

from data.database import engine_for
from data.models.rows import PEOPLE_HATS, Hat
from tests.attacks.stage import ACME, Stage, refused, rows
from tests.patience import PATIENCE

#: Filters that fail on Bolt's invoice (3000 PHP, 100 paid, 10 credited) or let it through; harmless on any other row.
TELLING = {
    "a division by zero": "1 / (balance - 2890) is not null",
    "a division in a case": "case when number = 'PH-BOLT' then 1 / (total - total) else 1 end > 0",
    "a cast": "case when number = 'PH-BOLT' then number else '1' end::integer > 0",
    "a date out of range": "due_date + case when total = 3000 then 2147483647 else 0 end is not null",
    "a bad pattern": "number ~ case when currency = 'PHP' then '(' else '.' end",
    "a bad JSON": "case when number like 'PH-%' then '{' else '{}' end::jsonb is not null",
    "an overflow": "(case when total = 3000 then 9223372036854775807 else 1 end) * (2 + invoice.id * 0) > 0",
    "a subquery": "(select 1 / (case when invoice.number = 'PH-BOLT' then 0 else 1 end)) > 0",
}
#: Other ways to read a table; each gives the numbers of invoices.
READINGS = {
    "a sample": "select number from portal.invoice tablesample system (100)",
    "a repeatable sample": "select number from portal.invoice tablesample bernoulli (100) repeatable (1)",
    "only": "select number from only portal.invoice",
    "table": "select number from (table portal.invoice) t",
    "an alias of columns": "select i.number from portal.invoice i where i.account_id = {seoul} or true",
    "a union": "select number from portal.invoice where false union select number from portal.invoice",
    "an outer join": "select i.number from portal.account a full join portal.invoice i on true where i.number is not null",
    "a cross join": "select b.number from portal.invoice a, portal.invoice b",
    "a semi join": "select number from portal.invoice i where exists (select from portal.invoice j where j.id = i.id)",
    "a window": "select max(number) over (partition by id) from portal.invoice",
    "distinct": "select distinct on (id) number from portal.invoice order by id",
    "a recursive CTE": "with recursive r (number) as (select number from portal.invoice union select number from r) select number from r",
    "grouping sets": "select number from portal.invoice group by grouping sets ((number))",
    "XML": "select unnest(xpath('//number/text()', query_to_xml('select number from portal.invoice', true, false, '')))::text",
    "XML of the table": "select unnest(xpath('//number/text()', table_to_xml('portal.invoice', true, false, '')))::text",
    "JSON": "select to_jsonb(i) ->> 'number' from portal.invoice i",
    "the whole row": "select (i).number from portal.invoice i",
    "a lateral of values": "select i.number from unnest(array[{seoul}, {bolt}]) a (id), lateral (select number from portal.invoice where account_id = a.id) i",
    "physical addresses": "select number from portal.invoice where ctid > '(0,0)'",
    "all ids": "select number from portal.invoice where id = any (array(select generate_series(1, 100)))",
}
MINE = {"PH-BOLT", "PH-BOLT-CREDIT"}
LOOK = {
    "ticket": ("RH-2025-00000", "Something"),
    "invoice": ("KR-", "Order"),
    "service_order": ("SEOUL", "GROUP-ORDER"),
    "inventory_item": ("SEOUL", "cabinet"),
}


class Oracles:
    @pytest.mark.parametrize("what", TELLING)
    def test_a_filter_that_fails_on_a_row_does_not_fail_for_whoever_may_not_see_it(
        self, stage: Stage, what: str
    ) -> None:
        statement = f"select number from portal.invoice where {TELLING[what]}"
        for name in ("vic", "ana", "mia"):
            with stage.signed_in(name) as connection:
                assert "KR-SEOUL" in rows(connection, statement)
        with stage.signed_in("bea") as connection:
            refused(connection, statement, "division by zero|invalid|out of range|brackets|parentheses")

    @pytest.mark.parametrize("way", READINGS)
    def test_another_way_to_read_shows_the_same_rows(self, stage: Stage, way: str) -> None:
        statement = READINGS[way].format(seoul=stage.id_of("seoul"), bolt=stage.id_of("bolt"))
        with stage.signed_in("bea") as connection:
            if way.startswith("XML") and not _knows_xml(connection):
                refused(connection, statement, "unsupported XML feature")
            else:
                assert rows(connection, statement) == MINE

    def test_counts_and_maxima_are_about_ones_own(self, stage: Stage) -> None:
        facts = text(
            "select count(*), max(total), bool_or(number = 'KR-SEOUL'), "
            "exists (select from portal.invoice where account_id = :seoul), (select sum(n) from portal.invoice_tally), "
            "(select sum(total) from portal.invoice_tally where account_id = :seoul) from portal.invoice"
        )
        with stage.signed_in("bea") as connection:
            found = connection.execute(facts, {"seoul": stage.id_of("seoul")}).one()
        assert tuple(found) == (2, 3000, False, False, 2, None)

    @pytest.mark.parametrize("column", ["id", "uuid", "number"])
    def test_a_foreign_row_is_not_found_by_what_it_is_known_by(self, stage: Stage, column: str) -> None:
        with stage.database.as_owner() as owner:
            of = f"select {column}::text from portal.invoice where number = :number"
            theirs, ours = (owner.scalar(text(of), {"number": number}) for number in ("KR-SEOUL", "PH-BOLT"))
        with stage.signed_in("bea") as connection:
            for number, found in ((theirs, set()), (ours, {"PH-BOLT"})):
                assert (
                    rows(connection, f"select number from portal.invoice where {column}::text = :it", it=number)
                    == found
                )

    def test_rows_that_hang_on_a_foreign_row_are_not_found_by_its_id(self, stage: Stage) -> None:
        tickets = stage.scene.tickets
        for child in (
            "ticket_message",
            "attachment",
            "status_change",
            "ticket_clock",
            "ticket_contact",
            "remote_hands",
        ):
            statement = f"select ticket_id from portal.{child} where ticket_id = :ticket"
            with stage.signed_in("bea") as connection:
                for ticket in ("seoul: abel's hands", "group: ana's hands"):
                    assert rows(connection, statement, ticket=tickets[ticket]) == set()
                mine = tickets["bolt: bea's hands"]
                assert rows(connection, statement, ticket=mine) == {mine}

    def test_nobody_can_make_a_function_an_operator_or_a_place_for_one(self, stage: Stage) -> None:
        for hat in (*PEOPLE_HATS, None):
            with stage.signed_in("bea", hat) as connection:
                if hat is None:
                    connection.execute(text("reset role"))
                for statement in (
                    "create function portal.f(text) returns boolean language plpgsql cost 0.0001 as 'begin return true; end'",
                    "create function public.f(text) returns boolean language sql as 'select true'",
                    "create function pg_temp.f(text) returns boolean language sql as 'select true'",
                    "create temporary table t (n int)",
                    "create table public.t (n int)",
                    "create schema s",
                    "create operator public.### (leftarg = text, rightarg = text, function = texteq)",
                    "create view public.v as select * from portal.invoice",
                    "create materialized view public.v as select * from portal.invoice",
                ):
                    refused(connection, statement, "permission denied")

    def test_nobody_can_touch_the_policies(self, stage: Stage) -> None:
        for hat in PEOPLE_HATS:
            with stage.signed_in("bea", hat) as connection:
                for statement in (
                    "alter table portal.invoice disable row level security",
                    "alter table portal.invoice no force row level security",
                    "drop policy customer_see on portal.invoice",
                    "create policy mine on portal.invoice using (true)",
                    "alter policy customer_see on portal.invoice using (true)",
                    "alter table portal.invoice owner to portal_customer",
                    "drop table portal.invoice cascade",
                    "create rule r as on select to portal.invoice do instead select 1",
                    "alter function authz.account(text) security invoker",
                    "create or replace function authz.me() returns bigint language sql as 'select 1'",
                    "analyze portal.invoice; select 1 / 0",
                ):
                    refused(connection, statement, "must be owner|permission denied|division by zero")

    def test_an_anonymous_block_sees_what_its_caller_sees(self, stage: Stage) -> None:
        block = """do $$ begin perform set_config('portal.found', (select string_agg(number, ' ' order by number)
        from portal.invoice), true); end $$"""
        with stage.signed_in("bea") as connection:
            connection.execute(text(block))
            assert connection.scalar(text("select current_setting('portal.found')")) == "PH-BOLT PH-BOLT-CREDIT"

    def test_turning_row_security_off_is_an_error_and_no_way_round(self, stage: Stage) -> None:
        with stage.signed_in("bea") as connection:
            connection.execute(text("set local row_security = off"))
            refused(connection, "select number from portal.invoice", "would be affected by row-level security")
            connection.execute(text("set local row_security = on"))
            assert rows(connection, "select number from portal.invoice") == MINE

    def test_a_copy_holds_what_a_query_shows(self, stage: Stage) -> None:
        with stage.signed_in("bea") as connection:
            for what in ("portal.invoice (number)", "(select number from portal.invoice)"):
                assert _copied(connection, f"copy {what} to stdout") == MINE
            for statement in (
                "copy portal.invoice to '/tmp/stolen'",
                "copy portal.invoice to program 'cat'",
                "copy (select 1) to '/tmp/stolen'",
            ):
                refused(connection, statement, "permission denied|must be superuser")
            refused(connection, "copy portal.invoice (number) from stdin", "permission denied|not supported")

    def test_files_and_settings_of_the_server_are_out_of_reach(self, stage: Stage) -> None:
        with stage.signed_in("bea") as connection:
            for statement in (
                "select pg_read_file('/etc/passwd')",
                "select pg_ls_dir('.')",
                "select lo_export(1, '/tmp/stolen')",
                "select * from pg_authid",
                "select * from pg_statistic",
                "set session authorization postgres",
                "set session_replication_role = replica",
            ):
                refused(connection, statement, "permission denied")
            assert connection.scalar(text("select current_user")) == "portal_customer"

    def test_a_plan_counts_the_rows_that_were_shown(self, stage: Stage) -> None:
        """What a plan also tells, as on any server: how many rows a filter removed, and the planner's guesses; never what
        is in them. The portal shows nobody a plan."""
        explain = "explain (analyze, verbose, costs off, timing off, summary off) {}"
        with stage.signed_in("bea") as connection:
            plan = "\n".join(connection.scalars(text(explain.format("select number from portal.invoice"))))
            assert "rows=2" in plan.replace(".00", "").splitlines()[0]
            forged = f"select number, bill_to, total from portal.invoice where account_id = {stage.id_of('seoul')}"
            plan = "\n".join(connection.scalars(text(explain.format(forged))))
            assert "rows=0" in plan.replace(".00", "").splitlines()[0]
            assert "KR-SEOUL" not in plan

    def test_statistics_show_no_values_of_guarded_tables(self, stage: Stage) -> None:
        tables = ("ticket", "invoice", "inventory_item", "person", "account")
        with stage.database.as_owner() as connection:
            for table in tables:
                connection.execute(text(f"analyze portal.{table}"))
        statistics = (
            "select tablename from pg_stats where schemaname = 'portal' and tablename = any (array['ticket', 'invoice', 'inventory_item', "
            "'person', 'account'])"
        )
        for name in ("bea", "dee", "mia"):
            with stage.signed_in(name) as connection:
                assert rows(connection, statistics) == set()
                assert rows(connection, "select 1 from pg_stats_ext where schemaname = 'portal'") == set()
        with stage.database.as_owner() as connection:
            assert rows(
                connection,
                "select distinct c.relname from pg_class c where c.oid = 'portal.invoice'::regclass and reltuples > 0",
            )

    def test_words_of_others_are_in_no_statistic_of_the_search(self, stage: Stage) -> None:
        words = "select word from ts_stat('select search from portal.invoice')"
        with stage.signed_in("bea") as connection:
            found = rows(connection, words)
        assert f"@{stage.id_of('bolt')}" in found
        assert not found & {f"@{stage.id_of(account)}" for account in ACME}

    def test_other_peoples_statements_are_hidden(self, stage: Stage) -> None:
        secret = "select 'a secret of Seoul' where current_setting('portal.session', true) <> ''"
        with stage.signed_in("ana") as other:
            other.execute(text(secret))
            with stage.signed_in("bea") as connection:
                running = rows(connection, "select query from pg_stat_activity where datname = current_database()")
        assert running  # that there are others is seen, but not what they do
        assert not any("secret of Seoul" in query for query in running)

    def test_sequences_tell_nothing(self, stage: Stage) -> None:
        for hat in PEOPLE_HATS:
            with stage.signed_in("bea", hat) as connection:
                for statement in (
                    "select last_value from portal.ticket_id_seq",
                    "select nextval('portal.ticket_number_rh')",
                    "select setval('portal.ticket_number_rh', 1)",
                    "select currval('portal.invoice_id_seq')",
                ):
                    refused(connection, statement, "permission denied")
                known = "select last_value from pg_sequences where schemaname = 'portal' and last_value is not null"
                assert rows(connection, known) == set()

    def test_locking_a_row_needs_the_right_to_change_it(self, stage: Stage) -> None:
        with stage.signed_in("bea") as connection:
            refused(connection, "select number from portal.invoice for update", "permission denied")
            refused(connection, "lock table portal.invoice", "permission denied")
            locked = "select id from portal.person for update"
            assert rows(connection, locked) == {stage.scene.people["bea"]}
        with stage.signed_in("vic") as connection:
            assert rows(connection, "select id from portal.person for update") == {stage.scene.people["vic"]}
            refused(connection, "lock table portal.ticket in access exclusive mode", "permission denied")

    def test_a_cursor_that_is_held_shows_its_makers_rows_and_nothing_to_come(self, stage: Stage) -> None:
        """Bea leaves a cursor in a pooled connection; whoever comes next is not seen through it."""
        with stage.database.app.connect() as connection:
            with connection.begin():
                stage.put_on(connection, Hat.CUSTOMER, token=stage.token("bea"), account="bolt")
                connection.execute(text("declare left_behind cursor with hold for select number from portal.invoice"))
            with connection.begin():
                stage.put_on(connection, Hat.CUSTOMER, token=stage.token("vic"), account="seoul")
                assert "KR-SEOUL" in rows(connection, "select number from portal.invoice")
                assert rows(connection, "fetch all from left_behind") <= MINE
            connection.invalidate()

    def test_an_open_cursor_does_not_follow_to_another_account(self, stage: Stage) -> None:
        with stage.signed_in("bea") as connection:
            connection.execute(text("declare c cursor for select number from portal.invoice"))
            connection.execute(
                text("select set_config('portal.account', :seoul, true)"), {"seoul": str(stage.id_of("seoul"))}
            )
            assert rows(connection, "fetch all from c") <= MINE

    def test_a_prepared_statement_asks_anew_who_executes_it(self, stage: Stage) -> None:
        with stage.database.app.connect() as connection:
            with connection.begin():
                stage.put_on(connection, Hat.STAFF, token=stage.token("fin"))
                connection.execute(text("prepare numbers as select number from portal.invoice"))
                assert len(rows(connection, "execute numbers")) == 9
            with connection.begin():
                stage.put_on(connection, Hat.CUSTOMER, token=stage.token("bea"), account="bolt")
                assert rows(connection, "execute numbers") == MINE
                stage.put_on(connection, Hat.STAFF, token=stage.token("bea"))
                assert rows(connection, "execute numbers") == set()
            connection.invalidate()

    @pytest.mark.parametrize("table", LOOK)
    def test_search_finds_no_foreign_ids(self, stage: Stage, table: str) -> None:
        with stage.database.as_owner() as owner:
            of = dict(owner.execute(text(f"select id, account_id from portal.{table}")).all())
        for typed in LOOK[table]:
            for name, account in (
                ("bea", "bolt"),
                ("bea", "seoul"),
                ("vic", "bolt"),
                ("vic", "group"),
                ("mia", "bolt"),
            ):
                with stage.signed_in(name, account=account) as connection:
                    found = _found(connection, table, typed)
                    reach = {"bea": {"bolt"}, "vic": {"seoul"}, "mia": set(ACME)}[name]
                    assert {of[i] for i in found} <= {stage.id_of(a) for a in reach}, (typed, name, account)
            with stage.wearing(Hat.MANY, token=stage.token("bea"), accounts=("bolt", *ACME)) as connection:
                assert {of[i] for i in _found(connection, table, typed)} <= {stage.id_of("bolt")}
            with stage.signed_in("ana") as connection:
                assert len(_found(connection, table, typed)) > 0
                assert stage.id_of("bolt") not in {of[i] for i in _found(connection, table, typed)}

    def test_no_words_reach_out_of_ones_own_accounts(self, stage: Stage) -> None:
        """The account stands in the same index, as a word: operators, quotes and that very word are only looked for."""
        bolt = stage.id_of("bolt")
        with stage.database.as_owner() as owner:
            of = dict(owner.execute(text("select id, account_id from portal.ticket")).all())
        for typed in (
            f"@{bolt}", f"'@{bolt}'", f"x' | '@{bolt}", f"x | @{bolt}", f"!@{bolt}", "!x", "x | RH", "RH:* | FR:*", "@:*", "@", "%",
            f"RH & '@{bolt}'", f"\\' | ''@{bolt}''", "", " ", "RH') or true --", "x" * 10_000, "' " * 5_000,
        ):  # fmt: skip
            for name in ("ana", "abel", "vic", "mia"):
                with stage.signed_in(name) as connection:
                    assert bolt not in {of[i] for i in _found(connection, "ticket", typed)}, (name, typed)
            with stage.signed_in("ana") as connection:
                looked = connection.scalar(text("select authz.words(:typed)::text"), {"typed": typed})
                assert "'@" not in looked and "!" not in looked

    def test_what_is_common_elsewhere_changes_no_answer(self, stage: Stage) -> None:
        """Words of many rows are answered otherwise (NULL): by the reader's own rows, never by a stranger's."""
        with stage.signed_in("ana") as connection:
            before = _found(connection, "ticket", "flood")
        with stage.database.as_owner() as owner:
            flooded = owner.execute(
                text(
                    "insert into portal.ticket (account_id, number, kind, subject) select :bolt, 'FR-1999-' || n, 'fault', 'flood' "
                    "from generate_series(100000, 100299) n returning id"
                ),
                {"bolt": stage.id_of("bolt")},
            ).all()
        try:
            with stage.signed_in("bea") as connection:
                assert connection.scalar(text("select authz.find_ticket('flood', 100)")) is None
            for name in ("ana", "vic", "mia"):
                with stage.signed_in(name) as connection:
                    assert _found(connection, "ticket", "flood") == before == set(), name
        finally:
            with stage.database.as_owner() as owner:
                owner.execute(
                    text("delete from portal.ticket where id = any(:ids)"), {"ids": [row.id for row in flooded]}
                )

    def test_whether_words_are_common_is_asked_of_ones_own_rows_alone(self, stage: Stage) -> None:
        """Vic sees all of Seoul: for him they are. Gus sees one site of it, Abel what he asked for: nothing shows them that
        a colleague's rows elsewhere are full of a word."""
        with stage.database.as_owner() as owner:
            flooded = owner.execute(
                text(
                    "insert into portal.ticket (account_id, number, kind, subject, site_id) select :seoul, 'FR-1998-' || n, 'fault', "
                    "'deluge', :elsewhere from generate_series(100000, 100299) n returning id"
                ),
                {"seoul": stage.id_of("seoul"), "elsewhere": stage.scene.sites["ICN1"]},
            ).all()
        try:
            with stage.signed_in("vic") as connection:
                assert connection.scalar(text("select authz.find_ticket('deluge', 100)")) is None
            for name in ("gus", "abel", "bea", "fin", "ada"):
                for hat in PEOPLE_HATS:
                    with stage.signed_in(name, hat, account="bolt" if name == "bea" else "seoul") as connection:
                        told, untold = (
                            connection.scalar(text(f"select authz.find_ticket('{word}', 100)"))
                            for word in ("deluge", "nowhere")
                        )
                        assert told == untold, (name, hat)
        finally:
            with stage.database.as_owner() as owner:
                owner.execute(
                    text("delete from portal.ticket where id = any(:ids)"), {"ids": [row.id for row in flooded]}
                )

    def test_few_of_many_words_go_on_so_that_a_question_stays_cheap(self, stage: Stage) -> None:
        """Each word that goes on walks over whatever anybody has that begins so."""
        hostile = (
            " ".join(f"re{'placement'[:n]} ca{'binet'[:n]}" for n in range(9)), "ab " * 60, "abc/def " * 20, "123 " * 50,
            "\u3300 " * 90, "\ufdfa " * 90, "한국 " * 60, "x1-y2 " * 30,
        )  # fmt: skip
        with stage.signed_in("bea") as connection:
            for typed in hostile:
                looked = connection.scalar(text("select authz.words(:typed)::text"), {"typed": typed})
                assert looked.count(":*") <= 4, typed
            looked = connection.scalar(text("select authz.words('a long question that nobody has end')::text"))
            assert looked.endswith("'end':*"), "the word that is still being typed goes on"
            assert "'long':*" not in looked

    def test_search_finds_no_drafts_for_a_customer(self, stage: Stage) -> None:
        for name in ("ana", "vic", "mia"):
            with stage.signed_in(name) as connection:
                assert _found(connection, "invoice", "KR-SEOUL-DRAFT") == set(), name
                assert _found(connection, "invoice", "KR-SEOUL-PAID") == {stage.scene.invoices["KR-SEOUL-PAID"]}, name
        with stage.signed_in("fin") as connection:
            assert _found(connection, "invoice", "KR-SEOUL-DRAFT") == {stage.scene.invoices["KR-SEOUL-DRAFT"]}

    def test_search_keeps_to_what_each_role_and_grant_shows(self, stage: Stage) -> None:
        hands = stage.scene.tickets["seoul: abel's hands"]
        for name, table, typed, expected in (
            ("fin", "ticket", "RH-2025", set()),
            ("dee", "invoice", "KR-", set()),
            ("ada", "ticket", "RH-2025", set()),
            ("abel", "ticket", "RH-2025", {hands}),  # not in Incheon, not somewhere, not Ana's
            ("abel", "ticket", "FR-2025", set()),
            ("abel", "invoice", "KR-", set()),
            ("gus", "ticket", "RH-2025", {hands}),
            ("gus", "inventory_item", "SEOUL", {stage.scene.items["SEOUL-CABINET"]}),
            ("vic", "ticket", "internal_note", set()),
        ):
            with stage.signed_in(name) as connection:
                assert _found(connection, table, typed) == expected, (name, table)

    def test_search_of_several_accounts_with_limited_sites_is_left_to_the_policies(self, stage: Stage) -> None:
        with stage.wearing(Hat.MANY, token=stage.token("gus"), accounts=("seoul", "osaka")) as connection:
            assert connection.scalar(text("select authz.find_ticket('RH-2025', 100)")) is None
            assert rows(connection, "select subject from portal.ticket") == {
                "seoul: abel's hands", "seoul: vic's fault", "osaka: ana's visit", "osaka: ana's shipment",
            }  # fmt: skip
        with stage.wearing(Hat.MANY, token=stage.token("gus"), accounts=("osaka",)) as connection:
            assert _found(connection, "ticket", "SH-2025") == {stage.scene.tickets["osaka: ana's shipment"]}

    def test_the_key_team_is_that_of_ones_own_account(self, stage: Stage) -> None:
        team = "select name from authz.key_team()"
        for name, account, expected in (
            ("bea", "bolt", {"Bea Bolt"}),
            ("bea", "seoul", set()),
            ("vic", "seoul", {"Ana Acme", "Mia Manager"}),  # the PAA of a parent runs its descendants
            ("vic", "group", set()),
            ("mia", "group", {"Ana Acme", "Mia Manager"}),
            ("mia", "bolt", set()),
            ("fin", "bolt", set()),
        ):
            with stage.signed_in(name, account=account) as connection:
                assert rows(connection, team) == expected, (name, account)

    def test_news_of_a_change_carries_the_account_and_nothing_else(self, stage: Stage) -> None:
        with stage.database.as_owner() as connection:
            uuid = connection.scalar(text("select uuid from portal.account where code = 'BOLT'"))
        with _listening(stage) as driver:
            with stage.database.as_owner() as connection:
                connection.execute(text("update portal.ticket set subject = subject where number = 'RH-2025-000008'"))
            told = [note.payload for note in driver.notifies(timeout=PATIENCE, stop_after=1)]
        assert told == [f"T{uuid}"]

    def test_what_is_for_staff_is_told_by_its_own_letter_alone(self, stage: Stage) -> None:
        """Not by that of notices, at which every customer's badge is counted anew."""
        with stage.database.as_owner() as connection:
            uuid = connection.scalar(text("select uuid from portal.account where code = 'BOLT'"))
        touch = text("update portal.notice set title = title where for_staff and about_account_id = :bolt")
        with _listening(stage) as driver:
            with stage.database.as_owner() as connection:
                connection.execute(touch, {"bolt": stage.id_of("bolt")})
                connection.execute(text("select pg_notify('portal', 'the end')"))
            told = [note.payload for note in driver.notifies(timeout=PATIENCE, stop_after=2)]
        assert told == [f"W{uuid}", "the end"]

    def test_of_a_move_hear_those_whose_rights_it_touches(self, stage: Stage) -> None:
        """Who belongs to it, who runs the account above it, and who ran the one before; of money nobody."""
        above = "(select id from portal.account where code = '{}')"
        moved = "update portal.account set parent_id = {} where code = 'ACME-OSAKA'"
        with stage.database.as_owner() as connection:
            rows = connection.execute(text("select code, uuid from portal.account"))
            uuids = {row.code: row.uuid for row in rows}
        try:
            for change, hears in (
                (moved.format(above.format("BOLT")), {"ACME-OSAKA", "ACME", "BOLT"}),
                (moved.format(above.format("ACME")), {"ACME-OSAKA", "ACME", "BOLT"}),
                ("update portal.account set name = name || '.' where code = 'ACME-OSAKA'", {"ACME-OSAKA", "ACME"}),
                ("update portal.account set closed_at = now() where code = 'ACME-OSAKA'", {"ACME-OSAKA", "ACME"}),
                ("update portal.account set closed_at = null where code = 'ACME-OSAKA'", {"ACME-OSAKA", "ACME"}),
                ("update portal.account set currency = currency where code = 'ACME-OSAKA'", set()),
            ):
                told = _told(stage, change)
                assert told == sorted(f"G{uuids[code]}" for code in hears), change
        finally:
            with stage.database.as_owner() as connection:
                connection.execute(
                    text(
                        "update portal.account set name = rtrim(name, '.'), closed_at = null where code = 'ACME-OSAKA'"
                    )
                )


def _told(stage: Stage, change: str) -> list[str]:
    """What is told of one change, and nothing of what comes after it."""
    with _listening(stage) as driver:
        with stage.database.as_owner() as connection:
            connection.execute(text(change))
        with stage.database.as_owner() as connection:
            connection.execute(text("select pg_notify('portal', 'the end')"))
        heard = []
        for note in driver.notifies(timeout=PATIENCE):
            if note.payload == "the end":
                return sorted(heard)
            heard.append(note.payload)
    raise AssertionError("the end was not heard")


@contextmanager
def _listening(stage: Stage) -> Iterator[Any]:
    """A connection of the portal's own login that hears what changes."""
    connection = engine_for(stage.database.login("portal_app")).raw_connection()
    try:
        driver: Any = connection.driver_connection
        driver.execute("listen portal")
        driver.commit()
        yield driver
    finally:
        connection.invalidate()


def _found(connection: Connection, table: str, typed: str) -> set[int]:
    return set(connection.scalar(text(f"select authz.find_{table}(:typed, 100)"), {"typed": typed}))


def _knows_xml(connection: Connection) -> bool:
    """Not every build of PostgreSQL was made with it."""
    savepoint = connection.begin_nested()
    try:
        connection.execute(text("select '<a/>'::xml"))
    except NotSupportedError:
        savepoint.rollback()
        return False
    return True


def _copied(connection: Connection, statement: str) -> set[str]:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        return {bytes(line).decode().strip() for line in copy}
