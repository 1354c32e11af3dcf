"""What the keyboard does in tables, and where it goes on when what had the focus is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import text

from rules.principal import Principal
from tests.cluster import Database
from tests.portal_server import Portal, Tab, open_tab
from tests.scene import set_the_scene

TABLE = "canvas[data-testid=data-grid-canvas]"
IN_TABLE = ".stDataFrame :focus"
NUMBER = {"x": 90, "y": 54}  # of the first row, below the head; beside the ticks where there are any

SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module", autouse=True)
def scene(database: Database) -> None:
    with database.as_owner() as connection:
        set_the_scene(connection)


@pytest.fixture
def tab(database: Database, sign_in: SignIn, portal: Portal, browser: Browser) -> Iterator[Tab]:
    """Ana's; nothing may go wrong in it."""
    with open_tab(portal, browser, token=sign_in("ana").token) as opened:
        opened.is_told_nothing()
        yield opened
        assert opened.troubles == []
    with database.as_owner() as connection:
        connection.execute(text("delete from portal.saved_view"))


def test_what_is_done_with_a_view_ends_at_the_button_of_the_views(tab: Tab) -> None:
    tab.go("/orders?accounts=ACME-SEOUL&status=installed")
    views = tab.page.get_by_role("button", name="Views")
    views.click()
    tab.page.get_by_label("Keep what is chosen now as").fill("By hand")
    tab.page.get_by_role("button", name="Save view").click()
    saved = tab.page.get_by_test_id("stPopoverButton").filter(has_text="By hand")
    expect(saved).to_be_focused()
    expect(saved).to_have_attribute("aria-expanded", "false")
    tab.page.get_by_role("button", name="Leave this view").click()
    expect(views).to_be_focused()
    tab.page.keyboard.press("Enter")
    tab.page.get_by_role("button", name="By hand").click()
    expect(saved).to_be_focused()
    expect(tab.page.get_by_test_id("stPopoverButton").first).not_to_be_focused()  # "More filters"
    tab.page.get_by_role("link", name="Invoices").first.click()
    expect(tab.page.get_by_role("heading", name="Invoices", level=1)).to_be_visible()
    expect(tab.page.locator("[class*=st-key-filters-] :focus")).to_have_count(0)


@pytest.mark.parametrize(("who", "path"), [("ana", "/tickets?accounts=all&stage=any"), ("dee", "/queue?stage=any")])
def test_a_row_is_opened_by_keys(who: str, path: str, portal: Portal, browser: Browser, sign_in: SignIn) -> None:
    """Of the queue rows can be ticked as well."""
    with open_tab(portal, browser, token=sign_in(who).token) as tab:
        tab.go(path)
        tab.page.locator(TABLE).first.focus()
        number = tab.page.locator("td:focus")
        expect(number).to_have_attribute("aria-colindex", "1")
        said = number.inner_text()
        tab.page.keyboard.press("Enter")
        expect(tab.page.get_by_role("dialog").get_by_text(said).first).to_be_visible()
        assert tab.troubles == []


@pytest.mark.parametrize(("who", "path"), [("ana", "/tickets?accounts=all&stage=any"), ("dee", "/queue?stage=any")])
def test_who_closes_what_a_row_opened_goes_on_in_the_table(
    who: str, path: str, portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    with open_tab(portal, browser, token=sign_in(who).token) as tab:
        tab.is_told_nothing()
        tab.go(path)
        drawer = tab.page.get_by_role("dialog")
        for close in (lambda: tab.page.keyboard.press("Escape"), drawer.get_by_role("button", name="Close").last.click):
            expect(tab.page.locator(f"{TABLE} td").first).to_be_attached()
            tab.page.locator(".stDataFrame").first.click(position=NUMBER)
            expect(drawer).to_be_visible()
            tab.settle()
            close()
            expect(drawer).to_be_hidden()
            tab.settle()
            expect(tab.page.locator(IN_TABLE)).to_have_count(1)
        assert tab.troubles == []


def test_who_closes_what_a_button_opened_is_not_led_into_the_table(tab: Tab) -> None:
    tab.go("/tickets?accounts=all&stage=any")
    drawer, button = tab.page.get_by_role("dialog"), tab.page.get_by_role("button", name="Send regularly")
    tab.page.locator(".stDataFrame").first.click(position=NUMBER)
    expect(drawer).to_be_visible()
    tab.settle()
    tab.page.keyboard.press("Escape")
    expect(tab.page.locator(IN_TABLE)).to_have_count(1)
    button.click()
    expect(drawer).to_contain_text("First on")
    tab.settle()
    tab.page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    tab.settle()
    expect(tab.page.locator(IN_TABLE)).to_have_count(0)
    expect(button).to_be_focused()
