"""Rows by the million, tried with a few thousand: the same each time, skewed, consistent; the tables stay whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from data.demo import bulk
from data.demo.bulk import LARGEST, MANAGER, MIDDLE, SMALL, generate
from data.tallies import drift
from rules.disputes import DISPUTABLE, GOING_ON, disputable
from rules.errors import Conflict
from rules.lifecycle import STATES, Category, category_of
from rules.money import BUCKET_DAYS, InvoiceState, ageing_bucket
from tests.cluster import Cluster, Database
from tests.demo_rows import NO_DRIFT, fingerprints, rows

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

#: All that bulk loading takes away for a while.
STRUCTURE = """
    select 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid::text from pg_index
    where indrelid in (select oid from pg_class where relnamespace = 'portal'::regnamespace)
    union all
    select 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid), convalidated::text
    from pg_constraint where connamespace = 'portal'::regnamespace
    union all
    select 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid), tgenabled::text from pg_trigger
    where not tgisinternal
"""


def structure(database: Database) -> set[tuple[Any, ...]]:
    with database.as_owner() as connection:
        return {tuple(row) for row in connection.execute(text(STRUCTURE))}


def fill(database: Database, *, rows: int = 6000, accounts: int = 30) -> None:
    generate(
        database.owner_url,
        tickets=rows,
        invoices=rows,
        items=rows // 2,
        orders=rows // 10,
        accounts=accounts,
        say=lambda _line: None,
        password_hash="a hash",
        today=NOW,
    )


@pytest.fixture(scope="module")
def filled(cluster: Cluster) -> Iterator[Database]:
    database = Database(cluster.new_database("empty"))
    fill(database)
    yield database
    database.dispose()


def test_the_same_seed_gives_the_same_rows(filled: Database, cluster: Cluster) -> None:
    again = Database(cluster.new_database("with_cast"))
    fill(again)
    first, second = fingerprints(filled), fingerprints(again)
    again.dispose()
    for table in (
        "ticket",
        "invoice",
        "invoice_line",
        "payment",
        "dispute",
        "bank_line",
        "inventory_item",
        "service_order",
        "ticket_clock",
    ):
        assert first[table]
        assert first[table] == second[table], table


def test_indexes_references_and_triggers_are_as_the_migrations_made_them(filled: Database, cluster: Cluster) -> None:
    untouched = Database(cluster.new_database("empty"))
    before, after = structure(untouched), structure(filled)
    untouched.dispose()
    assert after == before
    assert len(after) > 300
    assert {row[3] for row in after if row[0] == "trigger"} == {"O"}  # all of them fire


def test_a_failure_in_the_middle_leaves_nothing_and_breaks_nothing(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(cluster.new_database("with_cast"))
    before = structure(database)
    monkeypatch.setattr(bulk, "PAYMENTS", "insert into portal.payment (nowhere) values (1)")
    with pytest.raises(Exception, match="nowhere"):
        fill(database, rows=300)
    after = structure(database)
    with database.as_owner() as connection:
        left = [
            connection.scalar(text(f"select count(*) from portal.{t}")) for t in ("ticket", "invoice", "ticket_tally")
        ]
    database.dispose()
    assert after == before
    assert left == [0, 0, 0]


def test_a_second_time_is_refused(filled: Database) -> None:
    before = structure(filled)
    with pytest.raises(Conflict):
        fill(filled, rows=300)
    assert structure(filled) == before


def test_one_account_is_large_one_small_and_people_of_each_can_sign_in(filled: Database) -> None:
    with filled.as_owner() as connection:
        shares = dict(
            connection.execute(
                text("select a.code, count(*)::float / 6000 from portal.ticket t "
                     "join portal.account a on a.id = t.account_id group by 1")
            ).all()
        )  # fmt: skip
        people = set(
            connection.scalars(
                text("select p.email from portal.person p join auth.credential c on c.person_id = p.id "
                     "where c.password_hash = 'a hash'")
            )
        )  # fmt: skip
    assert 0.10 < shares[LARGEST] < 0.14
    assert shares[SMALL] * 6000 > 50  # a page of rows, even in a small database
    assert shares[SMALL] < shares[MIDDLE] < 0.05
    assert max(shares.values()) == shares[LARGEST]
    for code in (LARGEST, MIDDLE, SMALL):
        assert f"paa@{code.lower()}.example" in people
    assert {MANAGER, "desk@portal.example"} <= people


def test_three_in_a_hundred_are_open_and_deadlines_say_what_the_clocks_say(filled: Database) -> None:
    with filled.as_owner() as connection:
        tickets = rows(
            connection,
            "select t.*, (select min(c.deadline) from portal.ticket_clock c where c.ticket_id = t.id "
            "and c.stopped_at is null) as first_deadline from portal.ticket t",
        )
        requesters = rows(
            connection,
            "select distinct t.account_id, m.account_id as member_of from portal.ticket t "
            "join portal.membership m on m.person_id = t.requested_by",
        )
    going_on = [ticket for ticket in tickets if ticket["category"] != Category.DONE]
    assert 0.02 < len(going_on) / len(tickets) < 0.04
    for ticket in tickets:
        assert ticket["status"] in STATES
        assert ticket["category"] in {category_of(ticket["status"], customer_must_act=must) for must in (True, False)}
        assert ticket["next_deadline"] == ticket["first_deadline"], ticket["number"]
        assert (ticket["paused_since"] is not None) == (ticket["category"] == Category.PAUSED)
        assert (ticket["first_answered_at"] is None) == (ticket["status"] == "submitted")
        times = [ticket["opened_at"], ticket["first_answered_at"], ticket["resolved_at"], ticket["closed_at"], NOW]
        known = [time for time in times if time]
        assert known == sorted(known), ticket["number"]
        assert "%" not in ticket["subject"]
    assert all(row["account_id"] == row["member_of"] for row in requesters)


def test_bulk_invoices_sum_exactly_and_are_of_every_age(filled: Database) -> None:
    with filled.as_owner() as connection:
        invoices = rows(
            connection,
            "select i.*, (select sum(amount) from portal.invoice_line l where l.invoice_id = i.id) as line_amounts, "
            "(select sum(l.tax) from portal.invoice_line l where l.invoice_id = i.id) as line_taxes, "
            "(select coalesce(sum(amount), 0) from portal.payment p where p.invoice_id = i.id) as payments "
            "from portal.invoice i",
        )
    for invoice in invoices:
        assert (invoice["line_amounts"], invoice["line_taxes"]) == (invoice["subtotal"], invoice["tax"])
        assert invoice["payments"] == invoice["paid"]
        assert invoice["total"] % 1 == 0
    unpaid = [i for i in invoices if i["state"] in (InvoiceState.ISSUED, InvoiceState.PARTIALLY_PAID)]
    assert {ageing_bucket(invoice["due_date"], NOW.date()) for invoice in unpaid} == set(BUCKET_DAYS)
    assert len(unpaid) < len(invoices) / 5


def test_what_is_marked_as_disputed_is_and_finance_answered_what_is_not_open(filled: Database) -> None:
    with filled.as_owner() as connection:
        disputes = rows(
            connection,
            "select d.*, i.disputed, i.state as invoice, i.balance, i.paid, i.issue_date, "
            "(select count(*) from portal.dispute_message m where m.dispute_id = d.id and m.account_id = d.account_id "
            "and m.written_at between d.opened_at and d.updated_at) as said "
            "from portal.dispute d join portal.invoice i on i.id = d.invoice_id and i.account_id = d.account_id",
        )
        marked = connection.scalar(text("select count(*) from portal.invoice where disputed"))
    assert marked == sum(dispute["disputed"] for dispute in disputes) > 0
    for dispute in disputes:
        assert dispute["disputed"] == (dispute["state"] in GOING_ON)
        assert dispute["said"] == (1 if dispute["state"] == "open" else 2)
        assert dispute["invoice"] in DISPUTABLE
        assert dispute["amount"] == disputable(dispute["balance"], dispute["paid"])
        assert dispute["issue_date"] <= dispute["opened_at"].date()
        assert (dispute["closed_at"] is None) == (dispute["state"] != "closed")
    assert {dispute["state"] for dispute in disputes} > {*GOING_ON, "closed"}


def test_payments_use_up_the_banks_lines_they_came_by_and_few_wait(filled: Database) -> None:
    with filled.as_owner() as connection:
        lines = rows(
            connection,
            "select b.*, (select coalesce(sum(p.amount), 0) from portal.payment p where p.bank_line_id = b.id) as used "
            "from portal.bank_line b",
        )
    assert all(line["assigned"] == line["used"] for line in lines)
    waiting = [line for line in lines if line["rest"] and not line["set_aside_at"]]
    assert 0 < len(waiting) < len(lines) / 10
    assert max(line["booked_on"] for line in lines) == max(line["booked_on"] for line in waiting)
    assert any(line["set_aside_at"] for line in lines)


def test_tallies_search_and_sequences_are_ready(filled: Database) -> None:
    with filled.as_owner() as connection:
        assert drift(connection) == NO_DRIFT
        found = connection.scalar(text("select count(*) from portal.ticket where search @@ authz.words('power cycle')"))
        assert found > 50
        highest = connection.scalar(text("select max(right(number, 6)::int) from portal.ticket"))
        for sequence in ("rh", "fr", "sh", "sv"):
            assert connection.scalar(text(f"select nextval('portal.ticket_number_{sequence}')")) == highest + 1
        new = text(
            "insert into portal.inventory_item (account_id, asset_number, kind, label, status) "
            "select id, 'NEW', 'cage', 'One more', 'active' from portal.account limit 1 returning id"
        )
        assert connection.scalar(new) == connection.scalar(text("select max(id) from portal.inventory_item"))
        connection.rollback()


def test_bulk_rows_can_join_a_demo_that_is_there(cluster: Cluster) -> None:
    """Its tickets keep their numbers, the new ones follow."""
    database = Database(cluster.new_database("with_cast"))
    with database.as_owner() as connection:
        connection.execute(
            text("insert into portal.ticket (account_id, number, kind, subject) "
                 "select id, 'RH-2026-00000' || nextval('portal.ticket_number_rh'), 'remote_hands', 'First' "
                 "from portal.account limit 1")
        )  # fmt: skip
    fill(database, rows=300)
    with database.as_owner() as connection:
        first = rows(connection, "select subject from portal.ticket where number like 'RH-%-000001'")
        following = rows(connection, "select id from portal.ticket where number like '%-000002'")
        tallied = drift(connection)
    database.dispose()
    assert first == [{"subject": "First"}]
    assert len(following) == 1
    assert tallied == NO_DRIFT
