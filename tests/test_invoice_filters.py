"""Filters of invoices: each shows exactly the rows it names, in the page, the totals and the report alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, text, update

from data.demo.cast import account_id, site_id
from data.invoices import INVOICES
from data.listing import Asked, Summary, everything, page_of, read_asked, stream_of, summary_of
from data.models import Account, Invoice, InvoiceLine, LegalEntity
from rules.errors import Invalid
from rules.money import AgeingBucket, DueIn, due_in
from rules.principal import Principal
from tests.cluster import Database
from tests.standing import today_at

SignIn = Callable[[str], Principal]
Find = Callable[..., set[str]]


@pytest.fixture(scope="module", autouse=True)
def invoices(database: Database) -> None:
    """Of Acme Seoul by the Korean entity, of Acme Osaka by the Japanese one, and one of Bolt."""
    with database.as_owner() as connection:
        korea, japan = today_at("EX-KR"), today_at("EX-JP")
        _add(connection, "late", "ACME-SEOUL", "EX-KR", korea - timedelta(days=1), "1000", sites=["SEL1", "ICN1"])
        _add(connection, "today", "ACME-SEOUL", "EX-KR", korea, "2000", sites=["SEL1"], purchase_order="PO-7_1")
        _add(connection, "week", "ACME-SEOUL", "EX-KR", korea + timedelta(days=7), "3000", purchase_order="PO-7x")
        _add(connection, "month", "ACME-SEOUL", "EX-KR", korea + timedelta(days=30), "4000", purchase_order="po-7")
        _add(connection, "later", "ACME-SEOUL", "EX-KR", korea + timedelta(days=31), "5000")
        _add(connection, "asked", "ACME-SEOUL", "EX-KR", korea - timedelta(days=40), "6000", disputed=True)
        _add(connection, "over", "ACME-SEOUL", "EX-KR", korea - timedelta(days=41), "7000", state="void", disputed=True)
        _add(connection, "cents", "ACME-OSAKA", "EX-JP", japan - timedelta(days=91), "1234.56", currency="USD")
        _add(connection, "bolt", "BOLT", "EX-KR", korea - timedelta(days=2), "1000", sites=["SEL1"], disputed=True)


def _add(connection: Connection, number: str, account: str, issuer: str, due: date, total: str, **more: Any) -> None:
    sites = more.pop("sites", [])
    values = {"currency": "KRW", "state": "issued"} | more
    made = insert(Invoice).values(
        account_id=account_id(connection, account),
        issuer_id=select(LegalEntity.id).where(LegalEntity.code == issuer).scalar_subquery(),
        number=number,
        issue_date=due - timedelta(days=30),
        due_date=due,
        subtotal=Decimal(total),
        tax=0,
        total=Decimal(total),
        **values,
    )
    (found,) = connection.execute(made.returning(Invoice.id)).one()
    for line, site in enumerate(sites, start=1):
        _line(connection, account, found, line, site)


def _line(connection: Connection, account: str, invoice: int, line: int, site: str) -> None:
    price = {"quantity": 1, "unit_price": 1, "charge": "recurring", "amount": 1, "description": "Power"}
    owner = account_id(connection, account)
    row = insert(InvoiceLine).values(
        account_id=owner, invoice_id=invoice, line=line, site_id=site_id(connection, site), **price
    )
    connection.execute(row)


@pytest.fixture
def find(database: Database, sign_in: SignIn) -> Find:
    """The numbers that page, report and count agree on."""

    def found(name: str, **parameters: Any) -> set[str]:
        asked = read_asked(INVOICES, {key: [value] if isinstance(value, str) else value
                                      for key, value in parameters.items()})  # fmt: skip
        who = sign_in(name)
        page = page_of(database.app, who, INVOICES, asked)
        columns = INVOICES.columns[:1]
        streamed = [
            row[0] for batch in stream_of(database.app, who, INVOICES, asked, columns, time_zone="UTC") for row in batch
        ]
        assert sorted(page.values["number"]) == sorted(streamed)
        summary = summary_of(database.app, who, INVOICES, asked)
        assert isinstance(summary, Summary) and summary.sums is not None
        assert page.count.n == len(streamed) == sum(row["n"] for row in summary.sums)
        return set(streamed)

    return found


def test_a_period_of_due_dates_begins_and_ends_with_its_last_day(find: Find) -> None:
    assert find("ana", due_in="next_7") == {"today", "week"}
    assert find("ana", due_in="next_30") == {"today", "week", "month"}
    assert find("ana", due_in="overdue") == {"late", "asked", "cents"}


def test_a_month_and_a_quarter_are_those_of_the_calendar(find: Find, database: Database) -> None:
    today = today_at("EX-KR")
    for period in (DueIn.THIS_MONTH, DueIn.LAST_QUARTER):
        first, last = due_in(period, today)
        with database.as_owner() as connection:
            due = select(Invoice.number).join(Account, Account.id == Invoice.account_id)
            due = due.where(Invoice.due_date.between(first, last), Account.code != "BOLT")
            assert find("ana", due_in=str(period)) == set(connection.scalars(due))


@pytest.mark.parametrize(
    ("asked", "order"),
    [({}, "newest"), ({"due_in": ["next_30"]}, "due"), ({"due_in": ["last_quarter"]}, "due_last"),
     ({"due_in": ["last_quarter"], "status": ["overdue"]}, "due"), ({"status": ["paid"]}, "newest")],
)  # fmt: skip
def test_what_is_to_be_paid_comes_first_and_what_fell_due_last(asked: dict[str, list[str]], order: str) -> None:
    assert INVOICES.usual_sort(read_asked(INVOICES, asked)).key == order


@given(today=st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_last_quarter_is_the_whole_one_before_this(today: date) -> None:
    first, last = due_in(DueIn.LAST_QUARTER, today)
    assert (first.day, first.month % 3) == (1, 1)
    assert last < today
    assert (last + timedelta(days=1)).month % 3 == 1
    assert 90 <= (last - first).days + 1 <= 92
    assert (today - last).days <= 92
    first, last = due_in(DueIn.THIS_MONTH, today)
    assert first <= today <= last
    assert (first.month, (last + timedelta(days=1)).day) == (last.month, 1)


def test_what_is_disputed_is_of_no_age(find: Find) -> None:
    assert find("ana", ageing="disputed") == {"asked"}
    assert find("ana", disputed="yes") == {"asked"}
    assert find("ana", ageing="31_60") == set()
    assert find("ana", ageing=["1_30", "over_90"]) == {"late", "cents"}
    assert find("ana", disputed="no", status="overdue") == {"late", "cents"}
    assert find("ana", ageing=[*AgeingBucket]) == find("ana", status="unpaid")


def test_a_site_is_one_that_a_line_names(find: Find, database: Database) -> None:
    assert find("ana", site="SEL1") == {"late", "today"}
    assert find("ana", site="ICN1") == {"late"}
    assert find("fin", site=["ICN1", "SEL1"]) == {"late", "today", "bolt"}
    assert find("ana", site="NOWHERE") == set()
    with database.as_owner() as connection, connection.begin_nested() as nested:
        week = connection.scalar(select(Invoice.id).where(Invoice.number == "week"))
        _line(connection, "ACME-SEOUL", week, 1, "TYO1")
        _line(connection, "ACME-SEOUL", week, 2, "SEL1")
        _line(connection, "ACME-SEOUL", week, 3, "SEL1")
        places = select(Invoice.site_ids).where(Invoice.id == week)
        both = sorted(site_id(connection, code) for code in ("TYO1", "SEL1"))
        assert connection.scalar(places) == both
        moved = update(InvoiceLine).where(InvoiceLine.invoice_id == week, InvoiceLine.line == 1)
        connection.execute(moved.values(site_id=None))
        assert connection.scalar(places) == [site_id(connection, "SEL1")]
        connection.execute(text("delete from portal.invoice_line where invoice_id = :id"), {"id": week})
        assert connection.scalar(places) == []
        nested.rollback()


def test_an_amount_is_exact_to_the_cent(find: Find) -> None:
    assert find("ana", total_from="1234.56", total_to="1234.56") == {"cents"}
    assert find("ana", total_from="1234.57", total_to="2000") == {"today"}
    assert find("ana", total_to="1234.55") == {"late"}


def test_a_purchase_order_is_found_by_how_it_begins_and_not_by_a_pattern(find: Find) -> None:
    assert find("ana", po="PO-7") == {"today", "week"}
    assert find("ana", po="PO-7_") == {"today"}
    assert find("ana", po="%") == set()
    assert find("ana", po="O-7") == set()


def test_issuer_and_account_narrow_and_lead_to_no_other_company(find: Find) -> None:
    assert find("ana", issuer="EX-JP") == {"cents"}
    assert find("fin", issuer="EX-KR", disputed="yes") == {"asked", "bolt"}
    assert find("fin", account="BOLT") == {"bolt"}
    assert find("ana", account="BOLT") == set()
    assert find("bea", disputed="yes") == {"bolt"}


def test_all_of_them_together(find: Find) -> None:
    everything_at_once = {"status": "overdue", "due_in": "overdue", "ageing": "1_30", "issuer": "EX-KR", "site": "SEL1",
                          "total_from": "900", "currency": "KRW", "disputed": "no", "q": "late"}  # fmt: skip
    assert find("ana", **everything_at_once) == {"late"}
    assert find("ana", **everything_at_once | {"site": "TYO1"}) == set()


@pytest.mark.parametrize(
    "parameters",
    [
        {"due_in": ["tomorrow"]}, {"ageing": ["0"]}, {"disputed": ["maybe"]}, {"total_from": ["1e3"]},
        {"total_from": ["-1"]}, {"total_to": ["1.234"]}, {"total_from": ["2"], "total_to": ["1"]},
        {"total_from": ["NaN"]}, {"po": ["x" * 101]}, {"issuer": ["a b"]}, {"site": ["'; --"]},
    ],
)  # fmt: skip
def test_what_no_filter_means_is_refused(parameters: dict[str, list[str]]) -> None:
    with pytest.raises(Invalid):
        read_asked(INVOICES, parameters)


def test_an_address_says_exactly_what_is_asked() -> None:
    said = {
        "status": ["paid", "void"], "due_in": ["next_7"], "ageing": ["1_30"], "issuer": ["EX-KR"], "site": ["SEL1"],
        "total_from": ["10.50"], "total_to": ["20"], "disputed": ["no"], "po": ["PO-1"], "currency": ["KRW"],
    }  # fmt: skip
    asked = read_asked(INVOICES, said)
    assert asked.parameters(INVOICES) == said
    assert everything(INVOICES) == read_asked(INVOICES, {})
    assert Asked().parameters(INVOICES) == {}
