"""What staff see over many customers: an account manager theirs, the desk all tickets, the administrator the people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.customers import REPORT, CustomerOrder, CustomerPage, CustomersAsked, list_customers, stream_customers
from data.inventory import INVENTORY
from data.invoices import INVOICES
from data.listing import ListSpec, get_row, read_asked
from data.listing import page_of as list_page
from data.models import Person, StaffMember
from data.roster import PEOPLE
from data.summary import IN_USE
from data.tickets import TICKETS
from rules.errors import Forbidden, NotFound
from rules.principal import Principal
from tests.cluster import Database
from tests.door import settings_for
from tests.standing import add, page_of, set_the_stage, words_of
from ui import wall

SignIn = Callable[[str], Principal]
ACME = ["ACME", "ACME-OSAKA", "ACME-SEOUL"]


@pytest.fixture(scope="module", autouse=True)
def stage(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with database.as_owner() as connection:
        set_the_stage(connection)
    with settings_for(database, tmp_path_factory.mktemp("instance")):
        yield


@pytest.fixture
def count(database: Database, sign_in: SignIn) -> Callable[..., int]:
    """`count("mia", TICKETS, account="BOLT")` → how many rows that list has for her."""

    def counted(name: str, spec: ListSpec, **asked: str | tuple[str, ...]) -> int:
        wanted = {key: (value,) if isinstance(value, str) else value for key, value in asked.items()}
        return list_page(database.app, sign_in(name), spec, read_asked(spec, wanted)).count.n

    return counted


# --- customers


@pytest.fixture
def customers(database: Database, sign_in: SignIn) -> Callable[..., CustomerPage]:
    return lambda name, *asked: list_customers(database.app, sign_in(name), CustomersAsked(*asked))


def test_a_manager_sees_the_accounts_they_look_after_and_no_other(customers: Callable[..., CustomerPage]) -> None:
    found = customers("mia")
    assert sorted(row.code for row in found.rows) == ACME
    assert found.accounts == 3
    assert "BOLT" not in {one.code for one in found.attention}


def test_every_number_of_a_customer_is_what_their_lists_count(
    customers: Callable[..., CustomerPage], count: Callable[..., int]
) -> None:
    found = customers("mia")
    for row in found.rows:
        assert row.open_tickets == count("mia", TICKETS, account=row.code)
        assert sum(one.n for one in row.overdue) == count("mia", INVOICES, account=row.code, status="overdue")
        assert row.items == count("mia", INVENTORY, account=row.code, status=IN_USE)
    assert found.open_tickets == count("mia", TICKETS) == 7
    assert found.overdue_invoices == count("mia", INVOICES, status="overdue") == 3
    assert found.late_clocks == 2


def test_what_is_overdue_stays_apart_by_currency(customers: Callable[..., CustomerPage]) -> None:
    seoul = next(row for row in customers("mia").rows if row.code == "ACME-SEOUL")
    assert [(one.currency, one.n, one.amount) for one in seoul.overdue] == [
        ("JPY", 1, Decimal(1500)),
        ("KRW", 1, Decimal(1000)),
    ]


def test_the_last_activity_is_that_of_their_tickets(customers: Callable[..., CustomerPage]) -> None:
    rows = {row.code: row.last_activity for row in customers("mia").rows}
    assert sorted(rows, key=rows.__getitem__, reverse=True) == ["ACME-SEOUL", "ACME-OSAKA", "ACME"]


def test_whoever_needs_attention_comes_first(customers: Callable[..., CustomerPage]) -> None:
    assert [row.code for row in customers("mia").rows] == ["ACME-SEOUL", "ACME-OSAKA", "ACME"]
    assert [row.code for row in customers("mia", "", CustomerOrder.NAME).rows] == ["ACME", "ACME-OSAKA", "ACME-SEOUL"]
    assert [one.code for one in customers("mia").attention] == ["ACME-SEOUL", "ACME-OSAKA"]


@pytest.mark.parametrize(
    ("words", "found"), [("osaka", ["ACME-OSAKA"]), ("acme-s", ["ACME-SEOUL"]), ("bolt", []), ("%", []), ("_", [])]
)
def test_customers_are_found_by_name_and_code(
    words: str, found: list[str], customers: Callable[..., CustomerPage]
) -> None:
    page = customers("mia", words)
    assert [row.code for row in page.rows] == found
    assert page.accounts == len(found)


def test_finance_learns_of_no_ticket_on_the_way(customers: Callable[..., CustomerPage]) -> None:
    found = customers("fin")
    assert (found.open_tickets, found.late_clocks) == (0, 0)
    assert found.overdue_invoices == 4


@pytest.mark.parametrize("name", ["ana", "vic", "bea"])
def test_customers_themselves_have_no_list_of_customers(name: str, customers: Callable[..., CustomerPage]) -> None:
    with pytest.raises(Forbidden):
        customers(name)


def test_the_report_has_a_row_for_each_currency_and_none_of_bolt(database: Database, sign_in: SignIn) -> None:
    batches = stream_customers(database.app, sign_in("mia"), CustomersAsked(), time_zone="Asia/Seoul")
    rows = [dict(zip((column.key for column in REPORT), row, strict=True)) for batch in batches for row in batch]
    assert [(row["code"], row["currency"], row["amount"]) for row in rows] == [
        ("ACME-SEOUL", "JPY", Decimal(1500)),
        ("ACME-SEOUL", "KRW", Decimal(1000)),
        ("ACME-OSAKA", "JPY", Decimal(100)),
        ("ACME", None, None),
    ]
    assert all(row["last_activity"].tzinfo is None for row in rows)


def test_a_customers_dashboard_is_shown_to_their_manager(sign_in: SignIn) -> None:
    app = page_of(sign_in("mia"), "pages.staff.customers", customer="ACME-OSAKA")
    assert not app.exception
    words = words_of(app)
    assert "Acme Osaka" in words
    assert "Open tickets **1**" in words
    assert [button.label for button in app.button] == ["All customers"]


@pytest.mark.parametrize("code", ["BOLT", "NO-SUCH-ACCOUNT"])
def test_a_foreign_customer_is_as_unknown_as_one_that_never_was(code: str, sign_in: SignIn) -> None:
    app = page_of(sign_in("mia"), "pages.staff.customers", customer=code)
    assert words_of(app) == "It does not exist, or it is not available to you."
    assert not app.dataframe


def test_the_way_back_from_a_customer_takes_it_out_of_the_address(sign_in: SignIn) -> None:
    """As a link to the page itself it showed all of them, under the address of the one."""
    app = page_of(sign_in("mia"), "pages.staff.customers", customer="ACME-OSAKA", kind="fault")
    next(button for button in app.button if button.label == "All customers").click().run()
    assert app.title[0].value == "Customers"
    assert set(app.query_params) == {"kind"}


def test_the_page_lists_customers_and_never_bolt(sign_in: SignIn) -> None:
    app = page_of(sign_in("mia"), "pages.staff.customers")
    assert not app.exception
    assert [*app.dataframe[0].value["name"]] == ["Acme Seoul", "Acme Osaka", "Acme Group"]
    assert [*app.dataframe[0].value["overdue"]] == ["¥1,500 · ₩1,000", "¥100", ""]
    assert "Bolt" not in words_of(app)
    nobody = page_of(sign_in("mia"), "pages.staff.customers", q="bolt")
    assert "No customer has such a name or code." in words_of(nobody)
    assert not nobody.dataframe


def test_each_figure_of_customers_leads_to_what_it_counts_unless_some_are_looked_for(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A figure that leads nowhere has no icon, and would stand out among the others."""
    leads: list[bool] = []
    monkeypatch.setattr(wall, "figure", lambda *_said, link=None, **_looks: leads.append(link is not None))
    for words in ({}, {"q": "acme"}):
        page_of(sign_in("mia"), "pages.staff.customers", **words)
    assert leads == [True] * 4 + [False] * 4


@pytest.mark.parametrize(
    ("shown", "said"), [({}, "No line of the bank waits for a person."), ({"show": "aside"}, "Nothing was set aside.")]
)
def test_where_nothing_of_the_bank_waits_it_is_said_on_a_sheet(
    shown: dict[str, str], said: str, sign_in: SignIn
) -> None:
    """As on every other page; in the blue of a hint it looked like something to be done."""
    app = page_of(sign_in("fin"), "pages.staff.bank.page", **shown)
    assert said in words_of(app)
    assert not app.info


# --- tickets of all accounts, and people


def test_the_desk_has_the_tickets_of_all_accounts_and_no_invoice(count: Callable[..., int], sign_in: SignIn) -> None:
    app = page_of(sign_in("dee"), "pages.portal.tickets")
    assert {*app.dataframe[0].value["account"]} == {"Acme Seoul", "Acme Osaka", "Acme Group", "Bolt"}
    assert count("dee", TICKETS) == 9
    with pytest.raises(Forbidden):
        count("dee", INVOICES)


def roster(database: Database, principal: Principal, **asked: str) -> list[str]:
    wanted = read_asked(PEOPLE, {key: (value,) for key, value in asked.items()})
    return [*list_page(database.app, principal, PEOPLE, wanted).rows["name"]]


def test_the_administrator_sees_everybody_by_name(database: Database, sign_in: SignIn) -> None:
    names = roster(database, sign_in("ada"))
    assert names == sorted(names)
    assert {"Abel Acme", "Bea Bolt", "Fin Finance", "Ada Admin"} <= {*names}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"kind": "staff"}, ["Ada Admin", "Dee Desk", "Fin Finance", "Mia Manager"]),
        ({"role": "paa"}, ["Ana Acme", "Bea Bolt"]),
        ({"role": "service_desk"}, ["Dee Desk"]),
        ({"q": "BOLT"}, ["Bea Bolt"]),
        ({"q": "hands@acme"}, ["Abel Acme"]),
        ({"q": "Acme Seoul"}, ["Abel Acme", "Gil Acme", "Vic Acme"]),
        ({"q": "%"}, []),
    ],
)
def test_people_are_found_by_name_address_account_and_role(
    asked: dict[str, str], found: list[str], database: Database, sign_in: SignIn
) -> None:
    assert roster(database, sign_in("ada"), **asked) == found


def test_somebody_with_two_roles_is_found_by_either(database: Database, sign_in: SignIn) -> None:
    with database.as_owner() as connection:
        both = add(connection, Person, kind="staff", email="both@portal.example", name="Both Roles")
        for role in ("finance", "service_desk"):
            add(connection, StaffMember, person_id=both, role=role)
        add(connection, Person, kind="customer", email="gone@acme.example", name="Gone", disabled_at=date(2026, 1, 1))
    ada = sign_in("ada")
    assert "Both Roles" in roster(database, ada, role="finance")
    assert "Both Roles" in roster(database, ada, role="service_desk")
    assert roster(database, ada, status="disabled") == ["Gone"]
    assert "Gone" not in roster(database, ada, status="active")


@pytest.mark.parametrize("name", ["ana", "mia", "fin", "dee"])
def test_people_are_the_administrators_alone(name: str, database: Database, sign_in: SignIn) -> None:
    with pytest.raises(Forbidden):
        roster(database, sign_in(name))


def test_a_person_opens_by_an_id_that_exists(database: Database, sign_in: SignIn) -> None:
    ada = sign_in("ada")
    row = get_row(database.app, ada, PEOPLE, str(sign_in("bea").person_uuid))
    assert (row["name"], row["role"], row["accounts"]) == ("Bea Bolt", "paa", "Bolt")
    assert not {"password", "password_hash", "token"} & {*row}
    with pytest.raises(NotFound):
        get_row(database.app, ada, PEOPLE, "00000000-0000-0000-0000-000000000000")


def test_the_page_of_people_has_rows_and_no_chart(sign_in: SignIn) -> None:
    app: AppTest = page_of(sign_in("ada"), "pages.staff.people.page", kind="staff")
    assert not app.exception
    frame: Any = app.dataframe[0].value
    assert "Dee Desk" in [*frame["name"]]
    assert "Bea Bolt" not in [*frame["name"]]
    assert not app.get("plotly_chart")
