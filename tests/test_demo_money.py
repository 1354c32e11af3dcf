"""The demo's invoices, orders, items and news: sums that are exact, every state and age, and tallies that agree."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, text

from data.tallies import drift
from rules.inventory import ATTRIBUTES, ItemKind, ItemStatus
from rules.money import (
    BUCKET_DAYS,
    CURRENCIES,
    OPEN_STATES,
    InvoiceState,
    InvoiceType,
    PaymentStatus,
    ageing_bucket,
    payment_status,
)
from rules.orders import OrderStatus
from tests.cluster import Database
from tests.demo_rows import FEATURED, NO_DRIFT, NOW, rows


@pytest.fixture(scope="module")
def invoices(demo: Database) -> list[dict[str, Any]]:
    with demo.as_owner() as connection:
        return rows(
            connection,
            "select i.*, a.code as account, e.time_zone, e.currency as issued_in, "
            "(select sum(amount) from portal.invoice_line l where l.invoice_id = i.id) as line_amounts, "
            "(select sum(l.tax) from portal.invoice_line l where l.invoice_id = i.id) as line_taxes, "
            "(select coalesce(sum(amount), 0) from portal.payment p where p.invoice_id = i.id) as payments, "
            "(select coalesce(sum(amount), 0) from portal.credit_application c where c.invoice_id = i.id) as credits, "
            "(select coalesce(sum(amount), 0) from portal.credit_application c where c.credit_note_id = i.id) as used "
            "from portal.invoice i join portal.account a on a.id = i.account_id "
            "join portal.legal_entity e on e.id = i.issuer_id",
        )


def today_of(invoice: dict[str, Any]) -> date:
    return NOW.astimezone(ZoneInfo(invoice["time_zone"])).date()


def test_the_lines_of_an_invoice_sum_exactly(owner: Connection, invoices: list[dict[str, Any]]) -> None:
    for invoice in invoices:
        assert invoice["line_amounts"] == invoice["subtotal"], invoice["number"]
        assert invoice["line_taxes"] == invoice["tax"], invoice["number"]
        assert invoice["currency"] == invoice["issued_in"]
        assert (invoice["total"] % 1 == 0) or CURRENCIES[invoice["currency"]] > 0, invoice["number"]
    wrong = owner.scalar(
        text("select count(*) from portal.invoice_line where amount <> round(quantity * unit_price, 2)")
    )
    assert wrong == 0


def test_money_that_came_is_money_that_is_counted(invoices: list[dict[str, Any]]) -> None:
    for invoice in invoices:
        assert invoice["paid"] == invoice["payments"], invoice["number"]
        expected = invoice["used"] if invoice["type"] == "credit_note" else invoice["credits"]
        assert invoice["credited"] == expected, invoice["number"]
        assert invoice["balance"] >= 0, invoice["number"]


def test_the_state_is_what_the_balance_says(invoices: list[dict[str, Any]]) -> None:
    for invoice in invoices:
        settled = invoice["paid"] + invoice["credited"]
        expected = {
            InvoiceState.PAID: invoice["balance"] == 0 and invoice["written_off"] == 0,
            InvoiceState.PARTIALLY_PAID: invoice["balance"] > 0 and settled > 0,
            InvoiceState.ISSUED: invoice["balance"] > 0 and settled == 0,
            InvoiceState.WRITTEN_OFF: invoice["balance"] == 0 and invoice["written_off"] > 0,
        }
        assert expected.get(invoice["state"], settled == 0), invoice["number"]
        assert not invoice["disputed"] or invoice["state"] in OPEN_STATES, invoice["number"]


@pytest.mark.parametrize("account", FEATURED)
def test_a_featured_company_has_invoices_in_every_state_and_of_every_age(
    account: str, invoices: list[dict[str, Any]]
) -> None:
    everything = [invoice for invoice in invoices if invoice["account"] == account]
    theirs = [invoice for invoice in everything if invoice["type"] == InvoiceType.INVOICE]
    assert {invoice["state"] for invoice in theirs} == set(InvoiceState)
    unpaid = [invoice for invoice in theirs if invoice["state"] in OPEN_STATES]
    assert {ageing_bucket(invoice["due_date"], today_of(invoice)) for invoice in unpaid} == set(BUCKET_DAYS)
    said = {
        payment_status(InvoiceState(i["state"]), i["balance"], i["due_date"], today_of(i), InvoiceType(i["type"]))
        for i in everything
    }
    assert said == set(PaymentStatus)
    assert any(invoice["disputed"] for invoice in theirs)


def test_a_dispute_that_goes_on_marks_its_invoice_and_no_other(owner: Connection) -> None:
    wrong = owner.scalar(
        text("select count(*) from portal.invoice i where i.disputed <> exists (select from portal.dispute d "
             "where d.invoice_id = i.id and d.state in ('open', 'answered'))")
    )  # fmt: skip
    assert wrong == 0
    assert owner.scalar(text("select count(distinct state) from portal.dispute")) == 5


def test_numbers_of_invoices_rise_with_their_dates(invoices: list[dict[str, Any]]) -> None:
    series = defaultdict(list)
    for invoice in invoices:
        if invoice["type"] == "invoice":
            series[invoice["issuer_id"]].append((int(invoice["number"][-6:]), invoice["issue_date"]))
    assert len(series) == 5
    for numbered in series.values():
        dates = [issued for _number, issued in sorted(numbered)]
        assert dates == sorted(dates)


def test_the_last_thirty_days_have_orders_in_every_status(owner: Connection) -> None:
    for account in FEATURED:
        recent = owner.execute(
            text("select status, count(*) from portal.service_order o join portal.account a on a.id = o.account_id "
                 "where a.code = :account and (requested_at > :ago or installed_at > :ago) group by 1"),
            {"account": account, "ago": NOW - timedelta(days=30)},
        ).all()  # fmt: skip
        assert {status for status, _count in recent} == set(OrderStatus)
    wrong = owner.scalar(
        text("select count(*) from portal.service_order "
             "where (installed_at is not null) <> (status in ('installed', 'closed')) or installed_at < requested_at")
    )  # fmt: skip
    assert wrong == 0
    empty = owner.scalar(
        text("select count(*) from portal.service_order o "
             "where not exists (select from portal.order_line l where l.order_id = o.id)")
    )  # fmt: skip
    assert empty == 0


def test_an_item_has_the_attributes_of_its_kind_and_no_others(owner: Connection) -> None:
    items = rows(owner, "select kind, status, attributes, installed_on from portal.inventory_item")
    assert 3000 <= len(items) <= 6000
    for item in items:
        assert tuple(item["attributes"]) == tuple(sorted(ATTRIBUTES[item["kind"]], key=lambda name: (len(name), name)))
        not_yet = item["status"] in (ItemStatus.PLANNED, ItemStatus.RESERVED)
        assert (item["installed_on"] is None) == not_yet
    assert {item["kind"] for item in items} == set(ItemKind)


def test_acme_seoul_has_items_of_every_kind_and_status_at_its_two_sites(owner: Connection) -> None:
    theirs = rows(
        owner,
        "select i.kind, i.status, s.code as site from portal.inventory_item i "
        "join portal.account a on a.id = i.account_id join portal.site s on s.id = i.site_id "
        "where a.code = 'ACME-SEOUL'",
    )
    assert 110 <= len(theirs) <= 180
    assert {item["site"] for item in theirs} == {"SEL1", "ICN1"}
    assert {item["status"] for item in theirs} == set(ItemStatus)
    assert {item["kind"] for item in theirs} == set(ItemKind)


def test_there_is_news_for_everyone_for_some_and_for_one(owner: Connection) -> None:
    notices = rows(owner, "select * from portal.notice")
    assert {notice["category"] for notice in notices} == {
        "maintenance", "incident", "advisory", "billing", "ticket", "order",
    }  # fmt: skip
    assert any(n["category"] == "incident" and n["resolved_at"] is None and n["ends_at"] is None for n in notices)
    assert any(n["category"] == "maintenance" and n["starts_at"] <= NOW < n["ends_at"] for n in notices)
    assert any(n["category"] == "maintenance" and n["starts_at"] > NOW for n in notices)
    for notice in notices:
        named = owner.scalar(
            text("select count(*) from portal.notice_account where notice_id = :id"), {"id": notice["id"]}
        )
        assert notice["everyone"] == (named == 0)
    assert sum(notice["person_id"] is not None for notice in notices) == 1
    assert sum(notice["published_at"] is None for notice in notices) == 2, "one of the desk and one of the manager"
    assert any(update["texts"] for update in rows(owner, "select * from portal.notice_update"))


def test_ana_has_unread_messages_but_not_only(owner: Connection) -> None:
    threads = rows(
        owner,
        "select t.last_at, m.read_until from portal.thread_member m join portal.thread t on t.id = m.thread_id "
        "join portal.person p on p.id = m.person_id where p.email = 'paa@acme.example'",
    )
    unread = [thread for thread in threads if thread["read_until"] < thread["last_at"]]
    assert 0 < len(unread) < len(threads)


def test_the_tallies_agree_with_the_rows(owner: Connection) -> None:
    assert drift(owner) == NO_DRIFT


def test_a_payment_after_loading_settles_its_invoice(owner: Connection) -> None:
    invoice = rows(owner, "select * from portal.invoice where state = 'issued' and type = 'invoice' limit 1")[0]
    owner.execute(
        text("insert into portal.payment (account_id, invoice_id, amount, currency, paid_on) "
             "values (:account_id, :id, :balance, :currency, :due_date)"),
        invoice,
    )  # fmt: skip
    after = owner.execute(text("select state, balance from portal.invoice where id = :id"), invoice).one()
    assert after == (InvoiceState.PAID, 0)
    assert drift(owner) == NO_DRIFT


def test_what_is_loaded_can_be_found_by_words(owner: Connection) -> None:
    query = text("select count(*) from portal.ticket where search @@ authz.words(:words)")
    assert owner.scalar(query, {"words": "캐비닛"}) > 10
    assert owner.scalar(query, {"words": "lorem ipsum"}) == 0
