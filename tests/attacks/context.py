"""Forged context: an account that is not theirs, named before, in the middle of a statement, or between two helpers."""

# ruff: noqa: E501 - a statement of an attacker stands on one line

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, text

from data.models.rows import Hat
from tests.attacks.stage import ACME, Stage, refused, rows
from tests.scene import INVOICES

BOLTS = {"PH-BOLT", "PH-BOLT-CREDIT"}
SEOULS = {row[0] for row in INVOICES if row[1] == "seoul" and row[5] != "draft"}
NUMBERS = "select number from portal.invoice"
MOVE = "set_config('portal.account', :foreign, true)"

#: Ways to name another account while the statement already runs.
IN_THE_MIDDLE = {
    "a subquery": f"select number from portal.invoice where (select {MOVE}) is not null",
    "a filter": f"select number from portal.invoice where {MOVE} is not null",
    "the select list": f"select number from (select number, {MOVE} from portal.invoice offset 0) moved",
    "the order": f"select number from portal.invoice order by {MOVE}",
    "a CTE": f"with moved as materialized (select {MOVE} as m) select i.number from moved, portal.invoice i where m is not null",
    "a lateral": (
        f"select i.number from (select {MOVE} as m offset 0) moved "
        "cross join lateral (select number from portal.invoice where m is not null offset 0) i"
    ),
    "a union": f"select {MOVE} where false union all (select number from portal.invoice) union all select n from (select {MOVE}) m (n)"
    " where n is null",
    "a loop": (
        "select i.number from generate_series(1, 3) n cross join lateral ("
        "  select set_config('portal.account', case when n > 1 then :foreign else :own end, true) as m offset 0) moved "
        "cross join lateral (select number from portal.invoice where m is not null offset 0) i"
    ),
    "a join": f"select i.number from (select {MOVE} as m offset 0) moved join portal.invoice i on m is not null",
    "an aggregate": f"select unnest(array_agg(number)) from portal.invoice where {MOVE} is not null",
    "a row that was not there at first": (
        "select i.number from (values (-1::bigint), (:row)) wanted (id) "
        f"cross join lateral (select wanted.id + case when wanted.id > 0 then length({MOVE}) * 0 else 0 end as id offset 0) w "
        "join portal.invoice i on i.id = w.id"
    ),
}  # fmt: skip

#: Makes the planner look rows up one by one, so that helpers are asked as late as possible.
_ONE_BY_ONE = "select set_config(s, 'off', true) from unnest(array['enable_hashjoin', 'enable_mergejoin', 'enable_seqscan', 'enable_bitmapscan']) s"


class Context:
    def test_naming_another_companys_account_gives_nothing(self, stage: Stage) -> None:
        token = stage.token("bea")
        with stage.wearing(Hat.CUSTOMER, token=token, account="bolt") as connection:
            assert rows(connection, NUMBERS) == BOLTS
        with stage.wearing(Hat.CUSTOMER, token=token, account="seoul") as connection:
            assert rows(connection, NUMBERS) == set()

    def test_a_general_user_gets_nothing_of_the_parent_account(self, stage: Stage) -> None:
        token = stage.token("vic")
        with stage.wearing(Hat.CUSTOMER, token=token, account="seoul") as connection:
            assert rows(connection, NUMBERS) == SEOULS
        with stage.wearing(Hat.CUSTOMER, token=token, account="group") as connection:
            assert rows(connection, NUMBERS) == set()

    def test_naming_other_companies_among_several_gives_ones_own(self, stage: Stage) -> None:
        with stage.wearing(Hat.MANY, token=stage.token("bea"), accounts=("bolt", *ACME)) as connection:
            assert rows(connection, NUMBERS) == BOLTS
        with stage.wearing(Hat.MANY, token=stage.token("bea"), accounts=ACME) as connection:
            assert rows(connection, NUMBERS) == set()

    def test_naming_no_account_gives_nothing(self, stage: Stage) -> None:
        for hat in (Hat.CUSTOMER, Hat.OWN, Hat.MANY):
            with stage.wearing(hat, token=stage.token("ana")) as connection:
                assert rows(connection, "select subject from portal.ticket") == set(), hat

    @pytest.mark.parametrize("account", ["0", "-1", "9223372036854775807"])
    def test_naming_an_account_that_does_not_exist_gives_nothing(self, stage: Stage, account: str) -> None:
        with stage.signed_in("bea") as connection:
            connection.execute(text("select set_config('portal.account', :account, true)"), {"account": account})
            assert rows(connection, NUMBERS) == set()

    @pytest.mark.parametrize("account", ["1 or true", "{1,2,3,4}", "null", "4; select 1"])
    def test_an_account_is_a_number_and_nothing_else(self, stage: Stage, account: str) -> None:
        with stage.signed_in("bea") as connection:
            connection.execute(text("select set_config('portal.account', :account, true)"), {"account": account})
            refused(connection, NUMBERS, because="invalid input syntax for type bigint")

    @pytest.mark.parametrize("way", IN_THE_MIDDLE)
    def test_naming_another_company_in_the_middle_of_a_statement_gives_none_of_it(self, stage: Stage, way: str) -> None:
        values = {"foreign": str(stage.id_of("seoul")), "own": str(stage.id_of("bolt"))}
        for mine, hat in ((BOLTS, Hat.CUSTOMER), (set(), Hat.OWN)):
            with stage.signed_in("bea", hat) as connection:
                connection.execute(text(_ONE_BY_ONE))
                row = stage.scene.invoices["KR-SEOUL"]
                found = _rows_or_refusal(connection, IN_THE_MIDDLE[way], **values, row=row)
                assert found <= mine
                assert hat is Hat.OWN or _moved(connection) == values["foreign"]  # it was tried

    @pytest.mark.parametrize("way", IN_THE_MIDDLE)
    def test_the_same_statements_work_for_somebody_who_may_see_both(self, stage: Stage, way: str) -> None:
        values = {"foreign": str(stage.id_of("osaka")), "own": str(stage.id_of("seoul"))}
        row = stage.scene.invoices["JP-OSAKA"]
        with stage.signed_in("ana", account="seoul") as connection:
            connection.execute(text(_ONE_BY_ONE))
            assert rows(connection, IN_THE_MIDDLE[way], **values, row=row) <= SEOULS | {"JP-OSAKA"}
            assert _moved(connection) == values["foreign"]
            assert rows(connection, NUMBERS) == {"JP-OSAKA"}

    def test_several_accounts_moved_in_the_middle_give_none_of_the_others(self, stage: Stage) -> None:
        move = f"set_config('portal.accounts', '{{{stage.id_of('seoul')},{stage.id_of('group')}}}', true)"
        for statement in (
            f"select number from portal.invoice where (select {move}) is not null",
            f"select i.number from (select {move} as m offset 0) moved join portal.invoice i on m is not null",
        ):
            with stage.wearing(Hat.MANY, token=stage.token("bea"), accounts=("bolt",)) as connection:
                assert rows(connection, statement) <= BOLTS
            with stage.wearing(Hat.MANY, token=stage.token("ana"), accounts=("osaka",)) as connection:
                assert rows(connection, statement) <= SEOULS | {"JP-OSAKA", "KR-GROUP"}

    @pytest.mark.parametrize("hat", [Hat.CUSTOMER, Hat.MANY])
    def test_sites_of_one_account_do_not_open_another(self, stage: Stage, hat: Hat) -> None:
        """Gus sees Seoul's tickets at Seoul 1 only, and all of Osaka's. The policy asks twice: for which account, and where.
        Between the two questions the statement moves him to Osaka, where the answer is: everywhere."""
        hidden = stage.scene.tickets["seoul: abel's hands in Incheon"]
        shown = stage.scene.tickets["seoul: vic's fault"]
        seoul, osaka = stage.id_of("seoul"), stage.id_of("osaka")
        one, before, after = (
            ("portal.account", str(seoul), str(osaka))
            if hat is Hat.CUSTOMER
            else ("portal.accounts", f"{{{seoul}}}", f"{{{osaka}}}")
        )
        statement = text(f"""
            select t.subject from (values (1, -1::bigint), (2, :row)) wanted (n, id)
            cross join lateral (
                select id + case when n > 1 then length(set_config('{one}', '{after}', true)) * 0 else 0 end as id offset 0) late
            cross join lateral (select * from portal.ticket where id = late.id and account_id = {seoul} offset 0) t""")
        for row, expected in ((shown, {"seoul: vic's fault"}), (hidden, set())):
            with stage.wearing(Hat(hat), token=stage.token("gus")) as connection:
                connection.execute(text(_ONE_BY_ONE))
                connection.execute(text(f"select set_config('{one}', '{before}', true)"))
                assert rows(connection, statement, row=row) <= expected
                connection.execute(text(f"select set_config('{one}', '{before}', true)"))
                plain = text("select subject from portal.ticket where id = :row")
                assert rows(connection, plain, row=row) == expected

    def test_sites_of_one_account_do_not_let_one_write_in_another(self, stage: Stage) -> None:
        """The same while writing: Gus may ask for hands anywhere in Osaka, in Seoul at Seoul 1 only."""
        statement = """
            insert into portal.ticket (account_id, kind, site_id, subject, requested_by)
            select :seoul, 'remote_hands', site, 'gus was here', :gus from unnest(cast(:sites as bigint[])) with ordinality s (site, n),
            lateral (select set_config('portal.account', case when n > 1 then :osaka else :seoul_text end, true) offset 0) moved"""
        values = {
            "seoul": stage.id_of("seoul"),
            "seoul_text": str(stage.id_of("seoul")),
            "osaka": str(stage.id_of("osaka")),
            "gus": stage.scene.people["gus"],
        }
        allowed, hidden = stage.scene.sites["SEL1"], stage.scene.sites["ICN1"]
        with stage.signed_in("gus") as connection:
            connection.execute(text(statement), {**values, "sites": [allowed]})
            refused(connection, statement, "violates row-level security policy", **values, sites=[allowed, hidden])
            refused(connection, statement, "violates row-level security policy", **values, sites=[hidden])

    def test_a_setting_that_outlives_the_transaction_is_overruled_by_the_next(self, stage: Stage) -> None:
        with stage.database.app.connect() as connection:
            with connection.begin():
                stage.put_on(connection, Hat.CUSTOMER, token=stage.token("ana"), account="seoul")
                for setting, value in (("session", stage.token("ana")), ("account", str(stage.id_of("seoul")))):
                    connection.execute(text(f"select set_config('portal.{setting}', :value, false)"), {"value": value})
            with connection.begin():
                stage.put_on(connection, Hat.CUSTOMER, token=stage.token("bea"), account="bolt")
                assert rows(connection, NUMBERS) == BOLTS
            connection.invalidate()


def _moved(connection: Connection) -> str:
    return str(connection.scalar(text("select current_setting('portal.account', true)")))


def _rows_or_refusal(connection: Connection, statement: str, **values: Any) -> set[Any]:
    """In the hat for one's own tickets there is no grant on invoices at all."""
    if connection.scalar(text("select current_user")) == Hat.OWN:
        refused(connection, statement, **values)
        return set()
    return rows(connection, statement, **values)
