"""Several accounts in a browser: what the switches do to a list and its report, and a parent with a hundred of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Locator, expect
from sqlalchemy import Connection, delete, insert, select

from data.models import Account, AccountChoice, Ticket
from rules.principal import Principal
from tests.cluster import Database
from tests.portal_server import PHONE, Portal, Tab, open_tab
from tests.scene import set_the_scene

SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module", autouse=True)
def scene(database: Database) -> None:
    with database.as_owner() as connection:
        set_the_scene(connection)
        _subsidiaries(connection, 100)


@pytest.fixture(autouse=True)
def nothing_chosen(database: Database) -> Iterator[None]:
    yield
    with database.as_owner() as connection:
        connection.execute(delete(AccountChoice))


def _subsidiaries(connection: Connection, n: int) -> None:
    """Of Bolt, which Bea runs."""
    bolt = connection.execute(select(Account.id).where(Account.code == "BOLT")).scalar_one()
    rows = [{"code": f"BOLT-{i:03}", "name": f"Bolt Branch {i:03}", "parent_id": bolt} for i in range(n)]
    connection.execute(insert(Account), rows)


def columns_in(tab: Tab) -> Locator:
    return tab.page.get_by_test_id("stDataFrame").get_by_role("columnheader", include_hidden=True)


def columns_of(tab: Tab) -> set[str]:
    """The titles of the table, as a screen reader hears them."""
    titles = columns_in(tab)
    expect(titles.first).to_be_attached()
    return {title.strip() for title in titles.all_text_contents()}


def test_ana_looks_at_seoul_and_osaka(portal: Portal, browser: Browser, sign_in: SignIn) -> None:
    """The list, its account column, its report and F5 all cover the two, and nothing of the group."""
    with open_tab(portal, browser, token=sign_in("ana").token) as tab:
        tab.go("/orders?accounts=ACME-SEOUL")
        expect(tab.page.get_by_text("1–3 of 3")).to_be_visible()
        assert "Account" not in columns_of(tab)
        tab.page.get_by_role("button", name="Accounts: Acme Seoul").click()
        tab.page.get_by_role("switch", name="Acme Osaka").click()
        expect(tab.page.get_by_role("button", name="Accounts: 2 of 3 accounts")).to_be_visible()
        expect(tab.page.get_by_text("1–4 of 4")).to_be_visible()
        expect(columns_in(tab).filter(has_text=re.compile(r"^\s*Account\s*$"))).to_be_attached()
        tab.page.keyboard.press("Escape")
        with tab.page.expect_download() as downloading:
            tab.page.get_by_role("link", name="Generate report").click()
        assert "ACME-OSAKA ACME-SEOUL" in downloading.value.suggested_filename
        header, *rows = load_workbook(BytesIO(downloading.value.path().read_bytes())).worksheets[0].values
        assert len(rows) == 4
        at = header.index("Account")
        assert {row[at] for row in rows} == {"Acme Seoul", "Acme Osaka"}
        tab.page.reload()
        expect(tab.page.get_by_text("1–4 of 4")).to_be_visible()
        expect(tab.page.get_by_role("button", name="Accounts: 2 of 3 accounts")).to_be_visible()
        tab.page.get_by_role("link", name="Invoices").first.click()
        expect(tab.page.get_by_role("heading", name="Invoices", level=1)).to_be_visible()
        expect(tab.page.get_by_text("1–4 of 4")).to_be_visible()
        tab.page.go_back()
        expect(tab.page.get_by_role("heading", name="Orders", level=1)).to_be_visible()
        expect(tab.page).to_have_url(re.compile("/orders.accounts=ACME-OSAKA,ACME-SEOUL"))
        assert tab.troubles == []


def test_a_mails_link_opens_a_ticket_of_an_account_that_is_not_in_view(
    database: Database, portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    with database.as_owner() as connection:
        osakas = connection.scalar(select(Ticket.number).where(Ticket.subject == "osaka: ana's visit"))
        bolts = connection.scalar(select(Ticket.number).where(Ticket.subject == "bolt: bea's hands"))
    with open_tab(portal, browser, token=sign_in("ana").token) as tab:
        tab.go(f"/tickets?accounts=ACME-SEOUL&ticket={osakas}")
        expect(tab.page.get_by_role("dialog").get_by_role("heading", name="osaka: ana's visit")).to_be_visible()
        expect(tab.page.get_by_role("button", name="Accounts: Acme Seoul")).to_be_attached()
        tab.go(f"/tickets?accounts=ACME-SEOUL,BOLT&ticket={bolts}")
        expect(tab.page.get_by_role("dialog")).to_be_visible()
        expect(tab.page.get_by_text("bolt: bea's hands")).to_have_count(0)


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["wide", "phone"])
def test_one_of_a_hundred_accounts_is_found_by_its_name(
    viewport: dict[str, int] | None, portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    with open_tab(portal, browser, token=sign_in("bea").token, viewport=viewport) as tab:
        tab.go("/tickets")
        tab.page.get_by_role("button", name="Accounts: All accounts").click()
        search = tab.page.get_by_role("searchbox", name="Name or code")
        expect(search).to_be_focused()
        search.fill("nobody")
        expect(tab.page.get_by_text("No account has such a name or code.")).to_be_visible()
        search.fill("branch 04")
        switches = tab.page.get_by_role("switch")
        expect(switches).to_have_count(10)
        for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Enter"):
            tab.page.keyboard.press(key)
        expect(tab.page.get_by_role("button", name="Accounts: Bolt Branch 041")).to_be_visible()
        expect(tab.page).to_have_url(re.compile("accounts=BOLT-041$"))
        assert tab.fits()
        sheet = tab.page.locator("#portal-company-sheet").bounding_box()
        assert sheet and sheet["y"] + sheet["height"] <= tab.page.viewport_size["height"]


def test_the_customer_a_manager_looks_at_is_there_after_f5(portal: Portal, browser: Browser, sign_in: SignIn) -> None:
    with open_tab(portal, browser, token=sign_in("mia").token) as tab:
        tab.go("/customers?customer=ACME-OSAKA")
        expect(tab.page.get_by_role("heading", name="Acme Osaka", level=1)).to_be_visible()
        tab.page.reload()
        expect(tab.page.get_by_role("heading", name="Acme Osaka", level=1)).to_be_visible()
        tab.page.get_by_role("link", name=re.compile("^Open tickets")).click()
        expect(tab.page.get_by_role("heading", name="Tickets", level=1)).to_be_visible()
        expect(tab.page).to_have_url(re.compile("account=ACME-OSAKA"))
        tab.page.reload()
        expect(tab.page.get_by_role("button", name="More filters (1)")).to_be_visible()
        expect(tab.page).to_have_url(re.compile("account=ACME-OSAKA"))


def test_links_to_the_sub_accounts_stand_apart(
    portal: Portal, browser: Browser, sign_in: SignIn, database: Database
) -> None:
    """They look like chips, one below the other."""
    with database.as_owner() as connection:
        group = connection.execute(select(Account.uuid).where(Account.code == "ACME")).scalar_one()
    with open_tab(portal, browser, token=sign_in("mia").token) as tab:
        tab.go(f"/accounts?open={group}")
        links = tab.page.get_by_role("dialog").get_by_role("link", name=re.compile("ACME-"))
        expect(links).to_have_count(2)
        apart = "([upper, lower]) => lower.getBoundingClientRect().top - upper.getBoundingClientRect().bottom"
        assert 4 <= links.evaluate_all(apart) <= 16


def test_access_rights_of_a_hundred_accounts_begin_with_ten_of_them(
    portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    with open_tab(portal, browser, token=sign_in("bea").token) as tab:
        tab.go("/access")
        expect(tab.page.get_by_role("heading", name="Accounts", exact=True)).to_be_visible()
        expect(tab.page.get_by_role("navigation", name="Pagination")).to_be_visible()
        cells = tab.page.get_by_test_id("stDataFrame").first.get_by_role("gridcell", include_hidden=True)
        expect(cells.filter(has_text="BOLT-008")).to_have_count(1)
        expect(cells.filter(has_text="BOLT-009")).to_have_count(0)
