"""Access rights in a browser: one is taken away while its holder has the page open, and given back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, expect

from rules.principal import Principal
from tests.cluster import Database
from tests.portal_server import PHONE, Portal, Tab, open_tab
from ui.text import Reader, _, reading_as, term

expect.set_options(timeout=30_000)
SignIn = Callable[[str], Principal]


def rights_of(tab: Tab, name: str) -> Locator:
    """The drawer of somebody, found as people find them."""
    tab.go("/access?account=ACME-SEOUL")
    tab.page.get_by_role("searchbox", name=_("Search")).fill(name)
    tab.page.get_by_role("searchbox", name=_("Search")).press("Enter")
    expect(tab.page.get_by_text(_("{first}–{last} of {n}", first=1, last=1, n=1))).to_be_visible()
    tab.page.get_by_test_id("stDataFrame").click(position={"x": 60, "y": 54})
    drawer = tab.page.get_by_role("dialog")
    expect(drawer.get_by_role("heading", name=name)).to_be_visible()
    return drawer


def save(drawer: Locator) -> None:
    drawer.get_by_role("button", name=_("Save")).click()
    expect(drawer.get_by_text(_("Saved. It holds from now on, also where they have the portal open."))).to_be_visible()


@pytest.mark.parametrize(("viewport", "language"), [(None, "en"), (PHONE, "ko")], ids=["wide", "phone"])
def test_a_right_that_is_taken_away_is_gone_from_the_open_page(
    viewport: dict[str, int] | None, language: str, portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    how = {"viewport": viewport, "language": language}
    with (
        open_tab(portal, browser, token=sign_in("ana").token, **how) as ana,
        open_tab(portal, browser, token=sign_in("vic").token) as vic,
        reading_as(Reader(language, "Asia/Seoul")),
    ):
        vic.go("/invoices")
        expect(vic.page.get_by_role("heading", name="Invoices")).to_be_visible()
        drawer = rights_of(ana, "Vic Acme")
        drawer.get_by_text(term("permission", "invoice.view"), exact=True).click()
        expect(drawer.get_by_text(_("What changes"))).to_be_visible()
        save(drawer)
        vic.page.get_by_role("link", name="Inventory").click()
        expect(vic.page.get_by_role("heading", name="Inventory")).to_be_visible()
        expect(vic.page.get_by_role("link", name="Invoices")).to_be_hidden()
        vic.go("/invoices")
        expect(vic.page.get_by_text("not available to you")).to_be_visible()
        drawer.get_by_role("radio", name=term("preset", "viewer")).click()
        save(drawer)
        vic.go("/invoices")
        expect(vic.page.get_by_role("heading", name="Invoices")).to_be_visible()
        assert ana.page.evaluate("document.body.scrollWidth <= window.innerWidth")
        assert ana.troubles == []


def account_menu(tab: Tab, path: str) -> list[str]:
    tab.go(path)
    header = tab.page.locator("#portal-header")
    header.locator("#portal-account").click()
    expect(header.get_by_role("menuitem", name="Sign out", exact=True)).to_be_visible()
    return header.get_by_role("menuitem").all_inner_texts()


def test_access_rights_stand_in_the_menu_at_the_top_right_of_whoever_has_them(
    portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    with open_tab(portal, browser, token=sign_in("bea").token) as bea:
        assert account_menu(bea, "/tickets")[:3] == ["Settings", "Access rights", "Audit log"]
        bea.page.get_by_role("menuitem", name="Access rights").click()
        expect(bea.page.get_by_role("heading", name="Access rights")).to_be_visible()
        assert bea.troubles == []
    for who, path in (("vic", "/tickets"), ("ada", "/people")):
        with open_tab(portal, browser, token=sign_in(who).token) as other:
            assert account_menu(other, path)[:2] == ["Settings", "Sign out"]


def test_nobody_is_offered_to_change_their_own_rights(
    portal: Portal, browser: Browser, sign_in: SignIn, database: Database
) -> None:
    with open_tab(portal, browser, token=sign_in("bea").token) as bea, reading_as(Reader("en", "Asia/Seoul")):
        drawer = rights_of(bea, "Bea Bolt")
        expect(drawer.get_by_text("Nobody changes their own rights.")).to_be_visible()
        for offered in ("Save", "End membership"):
            expect(drawer.get_by_role("button", name=offered)).to_be_hidden()
    with open_tab(portal, browser, token=sign_in("abel").token) as abel:
        abel.go("/access")
        expect(abel.page.get_by_text("not available to you")).to_be_visible()
