"""How PostgreSQL answers a list: in the order of an index, from the index alone, whoever asks. Nothing is timed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest
from sqlalchemy import Select, func, select, text

from bench.stage import Data
from data.demo.bulk import MANAGER, generate
from data.listing import Amount, Choice, ListSpec, Period, Written, page_of, read_asked
from data.listing.kept import Kept
from data.listing.opened import Opened, opened
from data.listing.query import CAP, _order, _page_query, conditions_of, count_query
from data.lists import LISTS
from data.ticketing.waiting import WAITING
from rules.money import PaymentStatus
from tests.cluster import PASSWORDS, Cluster, Database

CUSTOMER, OWN = "paa@bulk-largest.example", "remote_hands_only@bulk-largest.example"
DESK, FINANCE = "desk@portal.example", "finance@portal.example"
READERS = {
    "tickets": (CUSTOMER, OWN, DESK, MANAGER),
    "orders": (CUSTOMER, MANAGER),
    "invoices": (CUSTOMER, FINANCE, MANAGER),
    "inventory": (CUSTOMER, DESK, MANAGER),
    "waiting": (CUSTOMER,),
    "disputes": (CUSTOMER, FINANCE, MANAGER),
}
SPECS = {**LISTS, WAITING.name: WAITING}
BOTH = [(name, email) for name, emails in READERS.items() for email in emails]
#: Who reads one account, or all: for several, and for one person's rows, the planner has a choice.
WHOLE = [(name, email) for name, email in BOTH if email in (CUSTOMER, DESK, FINANCE)]
SCANS = {"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"}

Plan = dict[str, Any]


@pytest.fixture(scope="module")
def data(cluster: Cluster) -> Iterator[Data]:
    """Enough rows that the planner has a choice, in accounts of very different size."""
    database = Database(cluster.new_database("with_cast"))
    rows = {"tickets": 12_000, "invoices": 6_000, "items": 6_000, "orders": 1_500}
    generate(database.owner_url, **rows, accounts=30, say=lambda _line: None)
    yield Data(database.owner_url, PASSWORDS)
    database.dispose()


def _plans(data: Data, email: str, query: str, *without: str) -> tuple[Plan, Plan]:
    """How the page and its count would be read, in this person's hat, where these ways are the last resort."""
    name, _, parameters = query.partition("?")
    spec = SPECS[name]
    asked = read_asked(spec, parse_qs(parameters))
    with opened(data.app, data.principal(email), spec) as its:
        for way in without:
            its.connection.execute(text(f"set local enable_{way} = off"))

        def plan(statement: Select[Any]) -> Plan:
            return _explained(Kept.of(statement), its)

        conditions = conditions_of(its.connection, spec, asked, its.scope)
        page = _page_query(spec, asked, its.scope, conditions, None, 26)
        return plan(page), plan(count_query(spec, its.scope, conditions, CAP))


def _explained(kept: Kept, its: Opened) -> Plan:
    ((explained,),) = replace(kept, sql=b"explain (format json) " + kept.sql).run(its.connection, its.scope)
    return explained[0]["Plan"]


def _within(plan: Plan, *, stop: str | None = None) -> Iterator[Plan]:
    """A node and all below it, as far as the first node of this kind."""
    yield plan
    for child in plan.get("Plans", ()):
        if child["Node Type"] != stop:
            yield from _within(child, stop=stop)


def _keys(plan: Plan, table: str) -> list[Plan]:
    """What stands below the limit that finds the keys of a page (in each account, where there are several)."""
    limits = [node for node in _within(plan) if node["Node Type"] == "Limit"]
    below = [list(_within(limit, stop="Limit")) for limit in limits]
    (found,) = [nodes for nodes in below if any(node.get("Relation Name") == table for node in nodes)]
    return found


def _scan(nodes: Iterator[Plan] | list[Plan], table: str) -> Plan:
    (scan,) = [n for n in nodes if n["Node Type"] in SCANS and n.get("Relation Name") == table]
    return scan


@pytest.mark.parametrize(("name", "email"), BOTH)
def test_every_order_is_that_of_an_index(name: str, email: str, data: Data) -> None:
    spec = SPECS[name]
    for sort in spec.sorts:
        for stage in ("", "&stage=any") if name == "tickets" else ("",):
            if (email, sort.key) == (OWN, "deadline"):
                continue  # one person's own tickets are few: they are sorted
            if (name, sort.key) == ("waiting", "closing"):
                continue  # what was resolved in the last days and is not confirmed is little
            query = f"{name}?sort={sort.key}{stage}"
            page, _count = _plans(data, email, query, "seqscan", "bitmapscan", "sort", "incremental_sort")
            kinds = {node["Node Type"] for node in _keys(page, spec.table.name)}
            assert not kinds & {"Sort", "Incremental Sort", "Seq Scan", "Bitmap Heap Scan"}, query


@pytest.mark.parametrize(("name", "email"), WHOLE)
def test_every_filter_is_counted_in_an_index_alone(name: str, email: str, data: Data) -> None:
    spec = SPECS[name]
    for query in _each_filter(spec):
        _page, count = _plans(data, email, f"{name}?{query}", "seqscan", "bitmapscan")
        assert _scan(_within(count), spec.table.name)["Node Type"] == "Index Only Scan", query


def _each_filter(spec: ListSpec) -> Iterator[str]:
    yield ""
    for wanted in spec.filters:
        if isinstance(wanted, Period):
            yield f"{wanted.key}_from=2026-01-01&{wanted.key}_to=2026-12-31"
        elif isinstance(wanted, Choice):
            yield from (f"{wanted.key}={value}" for value in wanted.values)
        elif isinstance(wanted, Amount):
            yield f"{wanted.key}_from=1000&{wanted.key}_to=2000000"
        elif isinstance(wanted, Written):
            yield f"{wanted.key}=PO-1"
        else:
            yield {"site": "site=TYO1", "issuer": "issuer=EX-JP"}[wanted.key]


#: What is asked → the index of the keys, and that of the count: each was slow at a million rows without it.
TAKEN = (
    (DESK, "tickets?kind=fault", "ix_ticket_all_going_on_kind", "ix_ticket_all_going_on_kind"),
    (DESK, "tickets?site=TYO1", "ix_ticket_all_going_on_site", "ix_ticket_all_going_on_site"),
    (DESK, "tickets?status=closed", "ix_ticket_all_going_on_status", "ix_ticket_all_going_on_status"),
    (DESK, "tickets?stage=any&severity=P1", "ix_ticket_all_severity", "ix_ticket_all_severity"),
    (CUSTOMER, "tickets?kind=fault", "ix_ticket_going_on_kind", "ix_ticket_going_on_kind"),
    (CUSTOMER, "tickets?stage=any&kind=fault", "ix_ticket_kind", "ix_ticket_kind"),
    (DESK, "inventory?sort=contract_end", "ix_inventory_item_all_contract_end", None),
    (DESK, "inventory?status=planned&sort=contract_end", "ix_inventory_item_all_status_end", None),
    (CUSTOMER, "inventory?status=planned&sort=contract_end", "ix_inventory_item_status_end", None),
    (FINANCE, "invoices?status=overdue", "ix_invoice_all_open", None),
    (FINANCE, "invoices?status=unpaid&sort=largest", "ix_invoice_all_open_total", None),
    (FINANCE, "invoices?status=credit&sort=due", "ix_invoice_all_credit", None),
    (CUSTOMER, "invoices?status=overdue", "ix_invoice_open", "ix_invoice_open"),
    (FINANCE, "invoices?disputed=yes", "ix_invoice_all_disputed", None),
    (CUSTOMER, "invoices?ageing=disputed", "ix_invoice_disputed", "ix_invoice_disputed"),
    (FINANCE, "invoices?due_in=next_7", "ix_invoice_all_due", None),
    (CUSTOMER, "invoices?ageing=over_90", "ix_invoice_open", "ix_invoice_open"),
    (CUSTOMER, "invoices?site=TYO1&sort=newest", "ix_invoice_issued", None),
    (CUSTOMER, "invoices?total_from=1&sort=largest", "ix_invoice_total", None),
    (FINANCE, "disputes", "ix_dispute_all_going_on", None),
    (CUSTOMER, "disputes?status=closed", "ix_dispute_opened", "ix_dispute_"),
    (FINANCE, "disputes?sort=largest", "ix_dispute_all_amount", None),
    (CUSTOMER, "orders?site=TYO1", "ix_service_order_site", "ix_service_order_site"),
)


@pytest.mark.parametrize(("email", "query", "of_page", "of_count"), TAKEN)
def test_the_planner_takes_the_index_that_was_made_for_it(
    email: str, query: str, of_page: str, of_count: str | None, data: Data
) -> None:
    table = LISTS[query.partition("?")[0]].table.name
    page, count = _plans(data, email, query, "seqscan", "bitmapscan", "sort", "incremental_sort")
    assert _scan(_keys(page, table), table)["Index Name"] == of_page
    if of_count is not None:  # to count them, one order of the same rows is as good as another
        assert _scan(_within(count), table)["Index Name"].startswith(of_count)


def test_a_period_of_one_day_bounds_the_other(data: Data) -> None:
    page, _count = _plans(data, FINANCE, "invoices?due_to=2026-01-31&sort=newest", "seqscan", "bitmapscan", "sort")
    assert "issue_date <=" in _scan(_keys(page, "invoice"), "invoice")["Index Cond"]
    page, _count = _plans(data, FINANCE, "invoices?issued_from=2026-01-01&sort=due", "seqscan", "bitmapscan", "sort")
    assert "due_date >=" in _scan(_keys(page, "invoice"), "invoice")["Index Cond"]
    page, _count = _plans(data, FINANCE, "invoices?due_from=2026-01-01&sort=newest", "seqscan", "bitmapscan", "sort")
    assert "Index Cond" not in _scan(_keys(page, "invoice"), "invoice"), "an early day of issue may be due late"


def test_a_period_shows_the_same_rows_as_without_its_other_bound(data: Data) -> None:
    with data.as_owner() as connection:
        due = text("select count(*) from portal.invoice where due_date between :first and :last")
        n = connection.scalar(due, {"first": "2026-01-01", "last": "2026-01-31"})
    asked = read_asked(LISTS["invoices"], {"due_from": ["2026-01-01"], "due_to": ["2026-01-31"]})
    assert page_of(data.app, data.principal(FINANCE), LISTS["invoices"], asked).count.n == n > 0


@pytest.mark.parametrize("email", [CUSTOMER, DESK])
def test_common_words_are_looked_for_and_counted_in_the_order_of_the_list(email: str, data: Data) -> None:
    spec, reader = LISTS["tickets"], data.principal(email)
    asked = read_asked(spec, {"stage": ["any"], "q": ["po"]})
    with opened(data.app, reader, spec) as its:
        for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
            its.connection.execute(text(f"set local enable_{way} = off"))
        conditions = conditions_of(its.connection, spec, asked, its.scope)
        count = Kept.of(count_query(spec, its.scope, conditions, CAP, order=_order(spec, spec.sorts[0])))
        plan = _explained(count, its)
    kinds = {node["Node Type"]: node.get("Index Name", "") for node in _within(plan)}
    assert "Sort" not in kinds and "Bitmap Heap Scan" not in kinds
    assert {name for kind, name in kinds.items() if "Index" in kind} <= {"ix_ticket_opened", "ix_ticket_all_opened"}
    page = page_of(data.app, reader, spec, asked, size=100)
    assert page.count.n > 100
    assert page.values["opened_at"] == sorted(page.values["opened_at"], reverse=True)


@pytest.mark.parametrize("email", [CUSTOMER, OWN, DESK, MANAGER])
def test_words_find_the_same_rows_however_they_are_looked_for(email: str, data: Data) -> None:
    """By the index where they are rare to the reader, in the list's order where they are common."""
    spec, reader = LISTS["tickets"], data.principal(email)
    for words in ("po", "cycle", "2026", "rack unplug", "12"):
        asked = read_asked(spec, {"stage": ["any"], "q": [words]})
        with opened(data.app, reader, spec) as its:
            theirs = [
                *its.scope.condition(spec.table),
                *conditions_of(its.connection, spec, replace(asked, words=""), its.scope),
            ]
            said = spec.table.c.search.op("@@")(func.authz.words(words))
            n = its.connection.scalar(select(func.count()).select_from(spec.table).where(*theirs, said))
        count = page_of(data.app, reader, spec, asked).count
        assert count.n == min(n, CAP), words


@pytest.mark.parametrize("email", [CUSTOMER, FINANCE, MANAGER])
def test_words_in_disputes_are_looked_for_without_looking_up_an_invoice_for_each(email: str, data: Data) -> None:
    """Look-ups of invoices, by the search and by policies, took most of the time among a million."""
    spec, reader = LISTS["disputes"], data.principal(email)
    asked = read_asked(spec, {"q": ["cross connects"], "status": ["any"]})
    scans = text("select relname, seq_scan + coalesce(idx_scan, 0) from pg_stat_xact_user_tables")
    with opened(data.app, reader, spec) as its:
        before = dict(map(tuple, its.connection.execute(scans)))
        (condition,) = conditions_of(its.connection, spec, replace(asked, choices=()), its.scope)
        after = dict(map(tuple, its.connection.execute(scans)))
        found = its.connection.scalar(select(func.count()).select_from(spec.table).where(condition))
    read = {table: after[table] - before.get(table, 0) for table in ("invoice", "dispute", "dispute_message")}
    assert read["invoice"] == 0
    assert 0 < read["dispute"] + read["dispute_message"] <= 4, read
    assert found > 5
    assert page_of(data.app, reader, spec, asked).count.n == found


def test_a_count_stops_at_the_cap_and_knows_at_least_what_is_seen(data: Data) -> None:
    spec, reader = LISTS["tickets"], data.principal(DESK)
    everything = {"stage": ["any"]}
    page = page_of(data.app, reader, spec, read_asked(spec, everything), size=700)
    assert (page.count.n, page.count.capped) == (CAP, True)
    page = page_of(data.app, reader, spec, read_asked(spec, everything | {"at": [page.next or ""]}), size=700)
    assert (page.count.n, page.count.capped, page.first) == (1_400, True, 701)
    few = page_of(data.app, reader, spec, read_asked(spec, everything | {"severity": ["P1"]}))
    assert few.count.n < CAP
    assert not few.count.capped


@pytest.mark.parametrize("status", ["overdue", "due_soon", "unpaid"])
def test_what_is_to_be_paid_comes_by_its_due_date(status: str, data: Data) -> None:
    spec, reader = LISTS["invoices"], data.principal(FINANCE)
    asked = read_asked(spec, {"status": [status]})
    page = page_of(data.app, reader, spec, asked, size=200)
    assert page.values["due_date"] == sorted(page.values["due_date"])
    assert "sort" not in asked.query(spec), "the usual order needs no word in the address"
    newest = read_asked(spec, parse_qs(f"status={status}&sort=newest"))
    assert "sort=newest" in newest.query(spec)
    issued = page_of(data.app, reader, spec, newest, size=200).values["issue_date"]
    assert issued == sorted(issued, reverse=True)


def test_all_invoices_and_paid_ones_come_newest_first(data: Data) -> None:
    spec, reader = LISTS["invoices"], data.principal(FINANCE)
    for statuses in ([], ["paid"], [PaymentStatus.PAID, PaymentStatus.OVERDUE]):
        page = page_of(data.app, reader, spec, read_asked(spec, {"status": statuses}), size=200)
        assert page.values["issue_date"] == sorted(page.values["issue_date"], reverse=True)
