"""The dashboard and Home: every figure is what the list behind it counts, and what one may not see is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from sqlalchemy import delete, func, insert
from streamlit.testing.v1 import AppTest

from auth import visitor
from data.inventory import INVENTORY
from data.invoices import INVOICES
from data.listing import Asked, ListSpec, read_asked, summary_of
from data.listing import page_of as list_page
from data.models import Notice
from data.orders import ORDERS
from data.summary import Dashboard, DueAmount, Figure, dashboard_of, home_of
from data.tickets import TICKETS
from rules.errors import Forbidden
from rules.principal import Principal
from tests.cluster import Database
from tests.door import settings_for
from tests.sent import sent
from tests.standing import page_of, set_the_stage, sign_in_gil, words_of

SignIn = Callable[[str], Principal]
ZONE = "Asia/Seoul"
ENTRY = Path(__file__).parent.parent / "shell" / "main.py"


@pytest.fixture(scope="module", autouse=True)
def stage(database: Database) -> None:
    with database.as_owner() as connection:
        set_the_stage(connection)


@pytest.fixture(scope="module")
def enter(database: Database, sign_in: SignIn) -> SignIn:
    """As `sign_in`, and Gil too."""
    return lambda name: sign_in_gil(database) if name == "gil" else sign_in(name)


@pytest.fixture
def look(database: Database, enter: SignIn) -> Callable[..., tuple[Principal, Dashboard]]:
    """`look("ana", "ACME-SEOUL")` → who looks (at that account alone), and what their Home says."""

    def looked(name: str, code: str | None = None) -> tuple[Principal, Dashboard]:
        principal = enter(name)
        account = code if principal.is_staff else None
        if code is not None:
            principal = principal.looking_at(tuple(a.id for a in principal.accounts if a.code == code))
        return principal, home_of(database.app, principal, account=account, time_zone=ZONE)

    return looked


#: Everybody to whom Home shows figures, and what they look at.
LOOKS = [
    ("ana", None),
    ("ana", "ACME"),
    ("ana", "ACME-SEOUL"),
    ("ana", "ACME-OSAKA"),
    ("abel", None),
    ("vic", None),
    ("gil", None),
    ("bea", None),
    ("mia", "ACME-SEOUL"),
    ("mia", "ACME-OSAKA"),
]


def figures_of(board: Dashboard) -> Iterator[tuple[ListSpec, Figure]]:
    """All that leads to a list, the bars of the charts included."""
    if board.tickets:
        yield from ((TICKETS, figure) for figure in (board.tickets.going_on, board.tickets.paused, board.tickets.late))
    if board.orders:
        orders = board.orders
        yield from ((ORDERS, figure) for figure in (orders.recent, orders.requested, orders.installed))
        for one in board.orders.by_status:
            yield ORDERS, Figure(one.n, board.orders.recent.asked.choosing("status", one.status))
            yield ORDERS, Figure(one.requested, board.orders.requested.asked.choosing("status", one.status))
            yield ORDERS, Figure(one.installed, board.orders.installed.asked.choosing("status", one.status))
    if board.invoices:
        yield from ((INVOICES, figure) for figure in (board.invoices.overdue, board.invoices.due_soon))
        for due in board.invoices.amounts:
            yield INVOICES, Figure(due.overdue, board.invoices.overdue.asked.choosing("currency", due.currency))
            yield INVOICES, Figure(due.due_soon, board.invoices.due_soon.asked.choosing("currency", due.currency))
    if board.inventory:
        yield INVENTORY, board.inventory.items
        for item in board.inventory.counts:
            asked = board.inventory.items.asked.choosing("kind", item.kind)
            if item.site_code:
                yield INVENTORY, Figure(item.n, asked.choosing("site", item.site_code))


def through_the_address(spec: ListSpec, asked: Asked) -> Asked:
    return read_asked(spec, parse_qs(asked.query(spec)))


@pytest.mark.parametrize(("name", "code"), LOOKS)
def test_every_figure_is_what_the_list_behind_it_counts(
    name: str, code: str | None, database: Database, sign_in: SignIn, look: Callable[..., Any]
) -> None:
    principal, board = look(name, code)
    # staff come to the list with all their accounts; the address alone narrows it
    reader = sign_in(name) if principal.is_staff else principal
    found = list(figures_of(board))
    assert found, "nothing to compare would compare nothing"
    for spec, figure in found:
        page = list_page(database.app, reader, spec, through_the_address(spec, figure.asked), time_zone=ZONE)
        assert figure.n == page.count.n, (spec.name, figure.asked.query(spec))


def test_figures_are_those_of_the_accounts_in_view_and_of_nobody_else(look: Callable[..., Any]) -> None:
    _, ana = look("ana")
    assert (ana.tickets.going_on.n, ana.tickets.paused.n, ana.tickets.late.n) == (7, 1, 2)
    assert (ana.orders.recent.n, ana.orders.requested.n, ana.orders.installed.n) == (4, 3, 2)
    assert (ana.invoices.overdue.n, ana.invoices.due_soon.n) == (3, 1)
    assert ana.inventory.items.n == 6
    _, bea = look("bea")
    assert (bea.tickets.going_on.n, bea.tickets.late.n) == (2, 1)
    assert (bea.orders.requested.n, bea.orders.installed.n, bea.invoices.overdue.n) == (1, 0, 1)
    assert {item.kind for item in bea.inventory.counts} == {"cage", "cabinet"}


@pytest.mark.parametrize(
    ("clock", "subjects"),
    [
        (("late",), {"late hands", "late in Osaka"}),
        (("paused",), {"waiting for Seoul"}),
        (("running",), {"fault soon", "visit nowhere yet", "hands in Incheon", "group soon"}),
        (("late", "paused"), {"late hands", "late in Osaka", "waiting for Seoul"}),
    ],
)
def test_tickets_are_found_by_how_their_clock_stands(
    database: Database, sign_in: SignIn, clock: tuple[str, ...], subjects: set[str]
) -> None:
    asked = read_asked(TICKETS, {"clock": clock, "stage": ("any",)})
    page = list_page(database.app, sign_in("ana"), TICKETS, asked, time_zone=ZONE)
    assert set(page.values["subject"]) == subjects
    summary = summary_of(database.app, sign_in("ana"), TICKETS, asked, time_zone=ZONE)
    counted = sum(cell[-1] for cell in summary.charts[0].cells)
    assert counted == len(subjects), "no tally knows the clocks, so the rows are counted"


def test_looking_at_one_account_leaves_the_others_out(look: Callable[..., Any]) -> None:
    _, osaka = look("ana", "ACME-OSAKA")
    assert [*osaka.tickets.first.rows["subject"]] == ["late in Osaka"]
    assert {item.site_code for item in osaka.inventory.counts} == {"OSA1"}
    assert [due.currency for due in osaka.invoices.amounts] == ["JPY"]


def test_the_clock_that_runs_out_first_comes_first_and_what_waits_comes_last(look: Callable[..., Any]) -> None:
    _, board = look("ana")
    assert [*board.tickets.first.rows["subject"]] == [
        "late hands", "late in Osaka", "fault soon", "group soon", "visit nowhere yet", "hands in Incheon",
    ]  # fmt: skip
    _, seoul = look("ana", "ACME-SEOUL")
    assert [*seoul.tickets.first.rows["subject"]][-1] == "waiting for Seoul"
    assert "over and done" not in [*seoul.tickets.first.rows["subject"]]


def test_money_of_different_currencies_is_never_added_up(look: Callable[..., Any]) -> None:
    _, board = look("ana")
    assert board.invoices.amounts == (
        DueAmount("JPY", 2, Decimal(1600), 0, Decimal(0)),  # 1500 left of 2000, and 100
        DueAmount("KRW", 1, Decimal(1000), 1, Decimal(500)),  # what was paid or is a draft is not owed
    )


def test_what_a_person_may_not_see_has_no_part(look: Callable[..., Any]) -> None:
    _, abel = look("abel")
    assert (abel.orders, abel.invoices, abel.inventory) == (None, None, None)
    _, gil = look("gil")
    assert gil.invoices is None
    assert gil.notices is None
    _, vic = look("vic")
    assert vic.invoices is not None


def test_own_tickets_are_those_they_requested_at_their_site(look: Callable[..., Any]) -> None:
    _, abel = look("abel")
    assert [*abel.tickets.first.rows["subject"]] == ["late hands"]
    assert (abel.tickets.going_on.n, abel.tickets.paused.n, abel.tickets.late.n) == (1, 0, 1)


def test_a_grant_at_one_site_counts_that_site_only(look: Callable[..., Any]) -> None:
    _, gil = look("gil")
    assert {*gil.tickets.first.rows["subject"]} == {"late hands", "waiting for Seoul"}
    assert {item.site_code for item in gil.inventory.counts} == {"SEL1"}
    assert gil.inventory.items.n == 2
    assert (gil.orders.requested.n, gil.orders.installed.n) == (1, 0)


@pytest.mark.parametrize("name", ["abel", "fin", "dee", "ada"])
def test_who_has_no_dashboard_is_refused_one(name: str, database: Database, sign_in: SignIn) -> None:
    with pytest.raises(Forbidden):
        dashboard_of(database.app, sign_in(name))


def test_the_team_is_the_manager_and_who_runs_the_account(look: Callable[..., Any]) -> None:
    principal, board = look("ana")
    team = {(member.role, member.name): member.accounts for member in board.team}
    group = next(account.id for account in principal.accounts if account.code == "ACME")
    assert {*team[("account_manager", "Mia Manager")]} == {account.id for account in principal.accounts}
    assert group in team[("paa", "Ana Acme")]
    assert not any("Bolt" in name for _role, name in team)


def test_nobody_elses_team_is_shown(look: Callable[..., Any]) -> None:
    _, bea = look("bea")
    assert {member.name for member in bea.team} == {"Bea Bolt"}
    _, mia = look("mia", "ACME-OSAKA")
    assert "Mia Manager" in {member.name for member in mia.team}


def test_what_goes_on_is_told_and_what_is_over_is_not(database: Database, look: Callable[..., Any]) -> None:
    principal, ana = look("ana")
    assert [notice.row.title for notice in ana.notices] == ["cooling fails", "work in Seoul"]
    _, bea = look("bea")
    assert [notice.row.title for notice in bea.notices] == ["cooling fails", "UPS work for Bolt"]
    in_korean = home_of(database.app, principal, language="ko").notices
    assert in_korean is not None
    assert in_korean[0].row.title == "cooling fails (한국어)"


@pytest.mark.parametrize(
    ("name", "account", "told"),
    [
        ("ana", "ACME-SEOUL", ["cooling fails", "work in Seoul"]),
        ("ana", "ACME", ["cooling fails"]),
        ("ana", "ACME-OSAKA", []),  # nothing of theirs stands in Seoul
        ("mia", "ACME-SEOUL", ["cooling fails", "work in Seoul"]),
        ("mia", "ACME-OSAKA", []),
    ],
)
def test_what_goes_on_is_told_of_sites_where_the_chosen_company_is(
    name: str, account: str, told: list[str], database: Database, sign_in: SignIn
) -> None:
    principal = sign_in(name)
    of = principal.looking_at(tuple(each.id for each in principal.accounts if each.code == account))
    notices = dashboard_of(database.app, of).notices
    assert notices is not None
    assert [notice.row.title for notice in notices] == told


def test_what_is_about_no_site_concerns_everybody(database: Database, sign_in: SignIn) -> None:
    ana = sign_in("ana")
    osaka = ana.looking_at(tuple(each.id for each in ana.accounts if each.code == "ACME-OSAKA"))
    values = {"category": "incident", "title": "the portal is slow", "everyone": True, "published_at": func.now()}
    with database.as_owner() as connection:
        notice = connection.execute(insert(Notice).values(**values).returning(Notice.id)).scalar_one()
    notices = dashboard_of(database.app, osaka).notices
    with database.as_owner() as connection:
        connection.execute(delete(Notice).where(Notice.id == notice))
    assert notices is not None
    assert [notice.row.title for notice in notices] == ["the portal is slow"]


@pytest.mark.parametrize(("name", "most"), [("vic", 9), ("mia", 8), ("ana", 14)])
def test_a_dashboard_takes_few_statements(name: str, most: int, database: Database, sign_in: SignIn) -> None:
    """One puts on the hat, and each part is one; with several accounts in view the team takes two more for each."""
    principal = sign_in(name)
    principal = principal.looking_at((principal.accounts[0].id,)) if principal.is_staff else principal
    with sent() as told:
        dashboard_of(database.app, principal)
    assert 0 < len(told) <= most, told


# --- as a page


@pytest.fixture
def home(
    database: Database, enter: SignIn, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], AppTest]]:
    """`home("abel")` → Home as they see it."""

    with settings_for(database, tmp_path_factory.mktemp("instance")):
        yield lambda name: page_of(enter(name), "pages.portal.home")


def test_anas_dashboard_has_every_part(home: Callable[[str], AppTest]) -> None:
    app = home("ana")
    assert not app.exception
    words = words_of(app)
    for part in ("Open tickets **7**", "Late clocks **2**", "Orders of the last 30 days **4**",
                 "Overdue invoices **3**", "¥1,600 · ₩1,000",
                 "Due soon **1**", "Inventory **6**", "Key team members", "cooling fails"):  # fmt: skip
        assert part in words
    assert [*app.dataframe[0].value["number"]][:2] == ["RH-2026-000001", "FR-2026-000007"]
    assert len(app.get("plotly_chart")) == 2


def test_abels_home_shows_his_remote_hands_and_nothing_else(home: Callable[[str], AppTest]) -> None:
    app = home("abel")
    assert not app.exception
    words = words_of(app)
    assert "Welcome, Abel Acme" in words
    assert "Request remote hands :gray[· Seoul 1]" in words
    assert "Open tickets **1**" in words
    for hidden in ("invoice", "Invoice", "Orders", "Inventory", "Report faults", "₩", "Incheon"):
        assert hidden not in words
    assert [*app.dataframe[0].value["number"]] == ["RH-2026-000001"]
    assert not app.get("plotly_chart")


def test_vic_only_looks(home: Callable[[str], AppTest]) -> None:
    app = home("vic")
    assert not app.exception
    assert "Open tickets **5**" in words_of(app)
    assert not app.button, "a viewer is offered nothing to change"


def test_gil_reads_of_no_invoice(home: Callable[[str], AppTest]) -> None:
    words = words_of(home("gil"))
    assert "Open tickets **2**" in words
    assert "nvoice" not in words
    assert "Osaka" not in words


def test_every_figure_on_the_page_is_a_link_to_its_list(
    database: Database, look: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    principal, _board = look("ana")
    board = home_of(database.app, principal, time_zone="UTC")  # there is no browser here that would name another
    monkeypatch.setattr(visitor, "session_token", lambda: principal.token)
    with settings_for(database, tmp_path):
        app = AppTest.from_file(ENTRY, default_timeout=30).run()
    assert not app.exception
    links = {link.proto.label.split(" **")[0]: link.proto for link in app.get("page_link")}
    for label, spec, figure in (
        ("Open tickets", TICKETS, board.tickets.going_on),
        ("Late clocks", TICKETS, board.tickets.late),
        ("Orders of the last 30 days", ORDERS, board.orders.recent),
        ("Overdue invoices", INVOICES, board.invoices.overdue),
        ("Due soon", INVOICES, board.invoices.due_soon),
        ("Inventory", INVENTORY, board.inventory.items),
    ):
        assert f"**{figure.n}**" in links[label].label
        assert links[label].page == spec.name
        assert parse_qs(links[label].query_string) == parse_qs(figure.asked.query(spec))


def test_an_account_with_nothing_yet_has_a_dashboard_all_the_same(
    database: Database, sign_in: SignIn, home: Callable[[str], AppTest]
) -> None:
    with database.as_owner() as connection:
        for table in ("ticket", "service_order", "inventory_item"):
            connection.exec_driver_sql(f"delete from portal.{table} where account_id in "
                                       "(select id from portal.account where code = 'BOLT')")  # fmt: skip
    app = home("bea")
    assert not app.exception
    words = words_of(app)
    assert "Open tickets **0**" in words
    assert "No ticket is open." in words
    assert "No order was requested or installed." in words
    assert "There is no inventory yet." in words
    assert not app.dataframe
