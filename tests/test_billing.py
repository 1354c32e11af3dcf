"""Billing: what all customers owe by age, by customer and by month, each number what the list below it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from data.billing import BILLING, AccountAgeing, Billing, billing_of
from data.listing import page_of as list_page
from data.listing import read_asked, stream_of, summary_of
from pages.staff.billing import _called
from rules.errors import Forbidden
from rules.money import AgeingBucket
from rules.principal import Principal
from tests.cluster import Database
from tests.door import settings_for
from tests.standing import page_of, set_the_stage, today_at, words_of

SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module", autouse=True)
def stage(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with database.as_owner() as connection:
        set_the_stage(connection)
    with settings_for(database, tmp_path_factory.mktemp("instance")):
        yield


@pytest.fixture
def billing(database: Database, sign_in: SignIn) -> Callable[..., Billing]:
    return lambda name, currency=None: billing_of(database.app, sign_in(name), currency)


def test_every_age_is_what_the_list_shows_when_it_is_clicked(
    billing: Callable[..., Billing], database: Database, sign_in: SignIn
) -> None:
    fin = sign_in("fin")
    found = billing("fin")
    assert [one.currency for one in found.currencies] == ["JPY", "KRW", "PHP"]
    for one in found.currencies:
        unpaid = read_asked(BILLING, {"currency": (one.currency,)})
        assert list_page(database.app, fin, BILLING, unpaid).count.n == one.n
        for bucket in AgeingBucket:
            asked = unpaid.choosing("ageing", bucket)
            rows = [row for batch in stream_of(database.app, fin, BILLING, asked, BILLING.columns, time_zone="UTC")
                    for row in batch]  # fmt: skip
            balances = [dict(zip((c.key for c in BILLING.columns), row, strict=True))["balance"] for row in rows]
            assert len(rows) == one.counts.get(bucket, 0), (one.currency, bucket)
            assert sum(balances) == one.amounts.get(bucket, 0)


def test_totals_leave_out_what_is_paid_void_or_a_draft(billing: Callable[..., Billing]) -> None:
    amounts = {one.currency: (one.n, one.amount, one.overdue, one.overdue_amount) for one in billing("fin").currencies}
    assert amounts == {
        "JPY": (3, Decimal(4600), 2, Decimal(1600)),
        "KRW": (2, Decimal(1500), 1, Decimal(1000)),
        "PHP": (2, Decimal(4800), 1, Decimal(4000)),
    }


def test_who_owes_most_of_what_is_overdue_comes_first(billing: Callable[..., Billing]) -> None:
    accounts = billing("fin", "JPY").accounts
    assert [(one.code, one.amount) for one in accounts] == [
        ("ACME-SEOUL", Decimal(1500)),
        ("ACME-OSAKA", Decimal(3100)),
    ]
    assert accounts[1].amounts[AgeingBucket.OVER_90] == 100
    assert [one.code for one in billing("fin", "PHP").accounts] == ["BOLT"]


def test_the_calendar_adds_up_to_what_is_owed(billing: Callable[..., Billing]) -> None:
    for currency in ("JPY", "KRW", "PHP"):
        found = billing("fin", currency)
        assert found.chosen is not None
        assert sum(month.amount for month in found.months) == found.chosen.amount
        assert all(month.month.day == 1 for month in found.months)


@pytest.mark.parametrize("name", ["dee", "mia", "ada", "ana"])
def test_billing_is_for_finance_alone(name: str, billing: Callable[..., Billing]) -> None:
    with pytest.raises(Forbidden):
        billing(name)


def test_finance_reads_no_ticket_on_the_billing_page(sign_in: SignIn) -> None:
    app = page_of(sign_in("fin"), "pages.staff.billing")
    assert not app.exception
    matrix, rows = (frame.value for frame in app.dataframe)
    assert [*matrix["name"]] == ["JPY (3)", "KRW (2)", "PHP (2)"]
    assert [*rows["number"]] == ["JP-3", "KR-1", "JP-1", "PH-1", "PH-2", "KR-2", "JP-2"]
    everything = words_of(app) + matrix.to_string() + rows.to_string()
    for ticket in ("RH-2026", "FR-2026", "late hands"):
        assert ticket not in everything


def test_the_billing_page_follows_its_address(sign_in: SignIn) -> None:
    due = (today_at("EX-KR") - timedelta(days=40)).isoformat()
    app = page_of(
        sign_in("fin"), "pages.staff.billing", currency="KRW", due_from=due, due_to=due, by="customer", chart="month"
    )
    assert not app.exception
    matrix, rows = (frame.value for frame in app.dataframe)
    assert [*matrix["name"]] == ["Acme Seoul"]
    assert [*rows["number"]] == ["KR-1"]


def test_days_of_ones_own_stand_beside_the_usual_periods(sign_in: SignIn) -> None:
    """They come when they are wanted, and go with a usual period, and with them what they asked for."""
    due = today_at("EX-KR") - timedelta(days=40)
    app = page_of(sign_in("fin"), "pages.staff.billing")
    period = next(box for box in app.selectbox if box.label == "Due")
    assert not app.date_input
    period.select("own_days").run()
    first, last = app.date_input
    assert [first.label, last.label] == ["Due date from", "Due date to"]
    first.set_value(due).run()
    app.date_input[1].set_value(due).run()
    assert not app.exception
    assert [*app.dataframe[-1].value["number"]] == ["KR-1"]
    assert app.query_params["due_to"] == due.isoformat()
    next(box for box in app.selectbox if box.label == "Due").select("next_7").run()
    assert not app.date_input
    assert "due_to" not in app.query_params
    assert app.query_params["due_in"] == "next_7"


def test_a_list_without_charts_counts_nothing_for_them(database: Database, sign_in: SignIn) -> None:
    found = summary_of(database.app, sign_in("fin"), BILLING, read_asked(BILLING, {}))
    assert not found.charts  # type: ignore[union-attr]
    assert [*found.totals["currency"]] == ["JPY", "KRW", "PHP"]  # type: ignore[union-attr]


def test_balances_of_accounts_are_of_one_currency_that_is_chosen_there(sign_in: SignIn) -> None:
    app = page_of(sign_in("fin"), "pages.staff.billing", by="customer", page="2")
    currency = next(box for box in app.selectbox if box.label == "Balances in")
    assert [*currency.options] == ["JPY", "KRW", "PHP"]
    assert currency.value == "JPY", "of which most is open"
    currency.select("PHP").run()
    assert not app.exception
    assert "page" not in app.query_params
    matrix, rows = (frame.value for frame in app.dataframe)
    assert dict(zip(matrix["name"], matrix["total"], strict=True)) == {"Bolt": "4,800.00"}
    assert {*rows["currency"]} == {"PHP"}


def test_two_who_are_called_the_same_are_told_apart_by_their_codes() -> None:
    one, two, other = (
        AccountAgeing(code, name, {}, Decimal(0)) for code, name in (("A", "Same"), ("B", "Same"), ("C", "Other"))
    )
    assert _called([one, two, other]) == ["Same (A)", "Same (B)", "Other"]
