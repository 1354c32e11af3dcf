"""What people do, in a real browser: sign in, follow a link, narrow a list, open a row, take a report, leave."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from auth.sessions import end
from data.models import Account, Ticket
from pages import pages_for
from rules.principal import Principal
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import PASSWORD, Door
from tests.everywhere import go_on
from tests.portal_server import PHONE, Portal, Tab, open_tab
from tests.scene import Scene, set_the_scene

SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module")
def scene(database: Database) -> Scene:
    with database.as_owner() as connection:
        return set_the_scene(connection)


@pytest.fixture
def tab_of(scene: Scene, portal: Portal, browser: Browser, sign_in: SignIn) -> Iterator[Callable[..., Tab]]:
    """`tab_of("ana")` → a tab in which Ana is signed in; what went wrong in it fails the test."""
    opened = []
    managers = []

    def tab(name: str | None, **how: object) -> Tab:
        token = sign_in(name).token if name else None
        manager = open_tab(portal, browser, token=token, **how)
        managers.append(manager)
        opened.append(manager.__enter__())
        return opened[-1]

    yield tab
    troubles = [trouble for tab in opened for trouble in tab.troubles]
    for manager in managers:
        manager.__exit__(None, None, None)
    assert troubles == []


def _first_ticket(tab: Tab) -> None:
    """The rows are on the screen: a canvas, so its accessible table is asked."""
    expect(tab.page.get_by_test_id("stDataFrame").first).to_be_visible()


def test_a_link_survives_signing_in(database: Database, tab_of: Callable[..., Tab]) -> None:
    Door(database).give_password("ana")
    tab = tab_of(None)
    tab.go("/invoices?status=overdue")
    tab.page.get_by_label("E-mail").fill(CAST["ana"])
    tab.page.get_by_label("Password", exact=True).fill("wrong password")
    tab.page.get_by_role("button", name="Sign in").click()
    expect(tab.page.get_by_text("E-mail or password is not correct")).to_be_visible()
    tab.page.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.page.get_by_role("button", name="Sign in").click()
    expect(tab.page.get_by_role("heading", name="Invoices")).to_be_visible()
    expect(tab.page).to_have_url(re.compile("status=overdue"))
    cookie = next(c for c in tab.context.cookies() if c["name"] == "portal_session")
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"
    assert cookie["value"] not in tab.page.content()


def test_signing_out_ends_every_tab(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of("vic")
    tab.go("/tickets")
    other = tab.context.new_page()
    other.goto(f"{tab.portal.address}/orders")
    expect(other.get_by_role("heading", name="Orders")).to_be_visible()
    tab.page.get_by_role("button", name=re.compile("Vic Acme")).click()
    tab.page.get_by_text("Sign out", exact=True).click()
    expect(tab.page.get_by_label("Password", exact=True)).to_be_visible()
    expect(other.get_by_label("Password", exact=True)).to_be_visible()
    assert "Orders" not in other.locator("body").inner_text()


def test_who_signs_out_reads_so_though_the_tab_hears_of_it_first(
    database: Database, portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    vic, sent = sign_in("vic"), "**/live/leave"
    with open_tab(portal, browser, token=vic.token) as tab:
        tab.go("/tickets")
        tab.page.get_by_role("button", name=re.compile("Vic Acme")).click()
        tab.page.route(sent, lambda _form: None)  # holds it
        tab.page.get_by_text("Sign out", exact=True).click(no_wait_after=True)
        with tab.page.expect_response(re.compile("/live[?]")):
            end(database.auth, vic.token)
        tab.page.unroute(sent)  # and what it held goes on
        expect(tab.page.get_by_text("You are signed out.", exact=True)).to_be_visible()


def test_an_open_tab_of_a_revoked_session_goes_to_the_sign_in_page(
    database: Database, portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    bea = sign_in("bea")
    with open_tab(portal, browser, token=bea.token) as tab:
        tab.go("/invoices")
        expect(tab.page.get_by_role("heading", name="Invoices")).to_be_visible()
        end(database.auth, bea.token)
        expect(tab.page.get_by_label("Password", exact=True)).to_be_visible()
        expect(tab.page.get_by_role("heading", name="Invoices")).to_be_hidden()


def test_filters_and_the_address_say_the_same(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of("ana")
    tab.go("/tickets")
    _first_ticket(tab)
    assert "stage" not in tab.page.url
    tab.page.get_by_role("searchbox", name="Search").fill("RH-")
    tab.page.get_by_role("searchbox", name="Search").press("Enter")
    tab.page.wait_for_url(re.compile(r"q=RH-"))
    tab.settle()
    tab.go("/tickets?kind=fault&stage=any")
    expect(tab.page.get_by_test_id("stMultiSelect").filter(has_text="Fault report")).to_be_visible()
    expect(tab.page.get_by_test_id("stMultiSelect").filter(has_text="Paused")).to_be_hidden()


def test_nothing_found_says_so_and_offers_everything(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of("ana")
    tab.go("/tickets?q=no-such-thing")
    expect(tab.page.get_by_text("Nothing matches this choice.")).to_be_visible()
    tab.page.get_by_role("button", name="Show everything").click()
    _first_ticket(tab)
    expect(tab.page.get_by_text("Nothing matches this choice.")).to_be_hidden()


def test_a_link_opens_the_row_and_a_strangers_row_does_not_exist(
    database: Database, scene: Scene, tab_of: Callable[..., Tab]
) -> None:
    with database.as_owner() as connection:
        of_accounts = select(Ticket.number).join(Account, Account.id == Ticket.account_id)
        number = connection.scalars(of_accounts.where(Account.code == "ACME-SEOUL")).first()
    tab = tab_of("ana")
    tab.go(f"/tickets?ticket={number}")
    drawer = tab.page.get_by_role("dialog")
    expect(drawer).to_contain_text(number)
    drawer.get_by_role("button", name=re.compile("Close|Dismiss", re.IGNORECASE)).first.click()
    expect(drawer).to_be_hidden()
    expect(tab.page).not_to_have_url(re.compile("ticket="))
    stranger = tab_of("bea")
    stranger.go(f"/tickets?ticket={number}")
    expect(stranger.page.get_by_role("dialog")).to_contain_text("not available to you")
    expect(stranger.page.get_by_role("dialog")).not_to_contain_text("Acme")


def _cell(tab: Tab, row: int, column: int) -> str:
    """What a table says there: it is a canvas, with a table inside for screen readers."""
    grid = tab.page.get_by_test_id("stDataFrame").first
    cell = grid.locator(f"[role=row][aria-rowindex='{row + 1}'] [role=gridcell]").nth(column)
    expect(cell).to_be_attached()
    return (cell.text_content() or "").strip()


def test_the_number_in_the_table_opens_its_row(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of("ana")
    tab.go("/tickets?stage=any")
    _first_ticket(tab)
    expect(tab.page.get_by_test_id("stPlotlyChart").first).to_be_visible()  # what stands above has found its height
    tab.settle()
    first, second = _cell(tab, 1, 0), _cell(tab, 2, 0)
    header, row = 36, 36
    on_the_number = {"x": 40, "y": header + row * 1.5}  # in the second row
    tab.page.get_by_test_id("stDataFrame").first.click(position=on_the_number)
    drawer = tab.page.get_by_role("dialog")
    expect(drawer).to_contain_text(second)
    expect(drawer).not_to_contain_text(first)
    expect(tab.page).to_have_url(re.compile(f"ticket={second}"))


def test_a_click_on_a_bar_filters_the_list_and_stands_in_the_address(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of("ana")
    tab.go("/tickets?stage=any")
    _first_ticket(tab)
    chart = tab.page.get_by_test_id("stPlotlyChart").first
    expect(chart.locator(".barlayer .point path").first).to_be_attached()
    bars = [box for path in chart.locator(".barlayer .point path").all() if (box := path.bounding_box())]
    bar = max(bars, key=lambda box: box["height"])  # where a site has none of a kind, its bar has no height
    before = tab.page.get_by_text(re.compile(r"1–\d+ of \d+")).first.inner_text()
    tab.page.mouse.click(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
    expect(tab.page).to_have_url(re.compile(r"site=[A-Z0-9]+"))
    (code,) = re.findall(r"site=([A-Z0-9]+)", tab.page.url)
    names = {"SEL1": "Seoul 1", "ICN1": "Incheon 1", "OSA1": "Osaka 1"}
    chosen = tab.page.get_by_test_id("stMultiSelect")
    expect(chosen.filter(has_text=names.pop(code))).to_be_visible()
    expect(tab.page.get_by_text(before, exact=True)).to_be_hidden()
    for other in names.values():
        expect(chosen.filter(has_text=other)).to_be_hidden()


def test_the_report_is_a_workbook_of_what_is_filtered(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of("ana")
    tab.go("/tickets?stage=any&kind=remote_hands")
    _first_ticket(tab)
    link = tab.page.get_by_role("link", name="Generate report").get_attribute("href") or ""
    answer = tab.context.request.get(f"{tab.portal.address}{link}")
    assert answer.status == 200, answer.text()
    assert re.search(r"filename\*=UTF-8''Tickets%20\d{4}-\d\d-\d\d\.xlsx", answer.headers["content-disposition"])
    rows = list(load_workbook(BytesIO(answer.body())).worksheets[0].values)
    assert {row[rows[0].index("Type")] for row in rows[1:]} == {"Remote hands"}
    assert "Bolt" not in {row[rows[0].index("Account")] for row in rows[1:]}
    nobody = tab_of(None)
    away = nobody.context.request.get(f"{tab.portal.address}{link}", max_redirects=0)
    assert away.status == 303
    assert away.headers["location"].startswith("/tickets?")
    nobody.troubles.clear()


def test_the_language_is_chosen_and_kept(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of("ana")
    tab.go("/tickets")
    tab.page.get_by_role("button", name=re.compile("^EN|Language")).first.click()
    tab.page.get_by_text("한국어").click()
    expect(tab.page.get_by_role("heading", name="지원요청")).to_be_visible()
    assert tab.page.locator("html").get_attribute("lang") == "ko"
    tab.go("/invoices")
    expect(tab.page.get_by_role("heading", name="인보이스")).to_be_visible()
    expect(tab.page.get_by_role("heading", name="Invoices")).to_be_hidden()


#: On a phone: rows, then which chart, then the chart.
ROWS_FIRST = """() => {
  const tops = [
    "[class*=st-key-card-][class*=-rows]",
    "[class*='-chart ']:has(.stButtonGroup)",
    "[class*=st-key-card-summary-]",
  ].map((part) => document.querySelector(part)?.getBoundingClientRect().top).filter((top) => top !== undefined);
  return tops.every((top, at) => at === 0 || tops[at - 1] < top);
}"""


@pytest.mark.parametrize("name", CAST)
@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"language": "ko", "viewport": PHONE, "dark": True}, id="phone"),
        # each page is opened wide and in English in test_accessibility.py, though not for everybody
        pytest.param({}, id="wide", marks=pytest.mark.slow),
    ],
)
def test_every_page_of_everybody_is_whole(
    how: dict[str, Any], name: str, sign_in: SignIn, tab_of: Callable[..., Tab]
) -> None:
    """No error, no skeleton left, no request to another host: on a phone in Korean, wide in English."""
    tab = tab_of(name, **how)
    tab.go("/settings")
    for spec in pages_for(sign_in(name)):
        go_on(tab, f"/{spec.path}")
        assert urlsplit(tab.page.url).path == f"/{spec.path}" or not spec.path  # Home of staff is another page
        expect(tab.page.get_by_role("heading", level=1).first).to_be_visible()
        expect(tab.page.get_by_test_id("stSkeleton")).to_have_count(0)
        expect(tab.page.get_by_test_id("stAlertContentError")).to_have_count(0)
        assert tab.fits(), f"{spec.path} is too wide"
        if how:
            assert tab.comes_true(f"({ROWS_FIRST})()"), f"{spec.path} shows charts before rows"
    # Plotly ends drawing a map with an error of its own where its page is left before the shapes have come
    tab.troubles[:] = [trouble for trouble in tab.troubles if "_scrollZoom" not in trouble]
