"""In a browser: from a figure to its tickets, and a parcel from the dock to its owner."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import text

from data.ticketing import RegisterParcel
from rules.principal import Principal
from rules.request_types import Carrier
from tests.cluster import Database
from tests.portal_server import PHONE, Portal, Tab, open_tab
from tests.ticket_scene import Desk, desk_in

SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: SignIn) -> Desk:
    desk = desk_in(database, sign_in)
    kept, late = (desk.opens("ana", "fault", severity="P1") for _ in range(2))
    desk.some_time_ago(late, timedelta(hours=3))
    for number in (kept, late):
        desk.moves("dee", number, "resolved")
    return desk


def _open_first(tab: Tab, column_px: int = 60) -> None:
    """Click the button in the first row: the table is a canvas."""
    tab.settle()
    table = tab.page.get_by_test_id("stDataFrame").first
    expect(table.locator("canvas").first).to_be_visible()
    table.click(position={"x": column_px, "y": 54})


def _in_table(tab: Tab) -> str:
    grid = tab.page.get_by_test_id("stDataFrame").first
    grid.scroll_into_view_if_needed()
    expect(grid.locator("[role=row]").nth(1)).to_be_attached()
    return " ".join(grid.locator("[role=row]").all_text_contents())


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("viewport", [None, PHONE], ids=["wide", "phone"])
def test_a_figure_leads_to_its_tickets_and_a_ticket_to_its_drawer(
    viewport: dict[str, int] | None, portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    with open_tab(portal, browser, token=sign_in("ana").token, viewport=viewport) as tab:
        tab.go("/service")
        tab.page.get_by_role("link", name=re.compile("Missed")).click()
        expect(tab.page).to_have_url(re.compile("outcome=breached"))
        expect(tab.page.get_by_text("2 promises")).to_be_visible()
        assert "Kept" not in _in_table(tab)
        tab.page.get_by_role("radio", name="By month").click()
        expect(tab.page.get_by_text("Promises by month").first).to_be_visible()
        _open_first(tab)
        expect(tab.page).to_have_url(re.compile(r"show=tickets&.*period=\d{4}-\d\d"))
        tab.settle()
        _open_first(tab)
        expect(tab.page.get_by_role("dialog")).to_contain_text("fault please")
        expect(tab.page).to_have_url(re.compile("/tickets[?]ticket=FR-"))
        assert tab.troubles == []


def test_who_may_not_see_it_is_told_so(portal: Portal, browser: Browser, sign_in: SignIn) -> None:
    for name, said in (("abel", "not available to you"), ("fin", "for another role")):
        with open_tab(portal, browser, token=sign_in(name).token) as tab:
            tab.go("/service")
            expect(tab.page.get_by_text(said)).to_be_visible()
            expect(tab.page.get_by_role("link", name="Service levels")).to_have_count(0)


def test_a_parcel_is_registered_and_goes_to_whom_the_desk_names(
    portal: Portal, browser: Browser, desk: Desk, sign_in: SignIn
) -> None:
    with open_tab(portal, browser, token=sign_in("dee").token) as tab:
        tab.go("/parcels")
        tab.page.get_by_role("button", name="Register a parcel").click()
        form = tab.page.get_by_role("dialog")
        _choose(tab, "Site", "Seoul 1 · Seoul")
        form.get_by_role("radio", name="DHL").click()
        form.get_by_label("Tracking number").fill("BROWSER 1")
        form.get_by_label("Addressee").fill("ACME, somebody")
        form.get_by_role("button", name="Register", exact=True).click()
        expect(form).to_have_count(0)
        expect(tab.page.get_by_text("The parcel is registered.")).to_be_visible()
        assert "BROWSER 1" in _in_table(tab)
        _open_first(tab)
        expect(form).to_contain_text("Whose parcel is it?")
        _choose(tab, "Account", "Acme Seoul · ACME-SEOUL")
        _choose(tab, "Who is told", "Ana Acme")
        form.get_by_role("button", name="Assign", exact=True).click()
        expect(form).to_have_count(0)
        expect(tab.page.get_by_text("No parcel waits for its owner.")).to_be_visible()
        assert tab.troubles == []
    found = desk.rows("select t.status from portal.ticket t join portal.tracking_number n on n.ticket_id = t.id "
                      "where n.number = 'BROWSER 1'")  # fmt: skip
    assert found == [("received",)]


def _choose(tab: Tab, label: str, option: str) -> None:
    tab.choose(tab.page.get_by_role("dialog").get_by_role("combobox", name=re.compile(label)), option)
    tab.settle()


def test_a_customer_claims_a_parcel_on_a_phone(portal: Portal, browser: Browser, desk: Desk, sign_in: SignIn) -> None:
    desk.does("dee", RegisterParcel(desk.sites["SEL1"], Carrier.UPS, "PHONE 1", "somebody"))
    with open_tab(portal, browser, token=sign_in("bea").token, viewport=PHONE) as tab:
        tab.go("/tickets")
        tab.page.get_by_role("button", name="Claim a parcel").click()
        form = tab.page.get_by_role("dialog")
        form.get_by_label("Tracking number").fill("PHONE 2")
        form.get_by_role("button", name="Claim it").click()
        expect(form).to_contain_text("No parcel with this tracking number waits for you.")
        form.get_by_label("Tracking number").fill("PHONE 1")
        form.get_by_role("button", name="Claim it").click()
        expect(form).to_contain_text("Parcel PHONE 1")
        expect(form).to_contain_text("We keep it for you until")
        assert tab.troubles == []
    with desk.database.as_owner() as connection:
        left = text("select count(*) from portal.parcel where tracking_number = 'PHONE 1' and ticket_id is null")
        assert connection.scalar(left) == 0
