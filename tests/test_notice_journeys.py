"""An incident in a real browser: the desk publishes it, and whoever it concerns sees it on the page they have open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from data.models import InventoryItem
from rules.principal import Principal
from tests.cluster import Database
from tests.portal_server import PHONE, Portal, Tab, open_tab
from tests.standing import add
from tests.ticket_scene import Desk, desk_in


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: Callable[[str], Principal]) -> Desk:
    """Acme Seoul has a cabinet at Seoul 1, Bolt one in Biñan."""
    desk = desk_in(database, sign_in)
    with database.as_owner() as connection:
        for account, site, number in (("seoul", "SEL1", "C-1"), ("bolt", "BIN1", "C-2")):
            of = {"account_id": desk.accounts[account], "site_id": desk.sites[site]}
            add(connection, InventoryItem, **of, asset_number=number, label=number, kind="cabinet", status="active")
    return desk


@pytest.fixture
def tab_of(portal: Portal, browser: Browser, desk: Desk) -> Callable[..., Any]:
    @contextmanager
    def opened(who: str, **how: Any) -> Iterator[Tab]:
        with open_tab(portal, browser, token=desk.person(who).token, **how) as tab:
            yield tab
            assert tab.troubles == []

    return opened


def test_the_desk_publishes_an_incident_and_open_pages_show_it_without_a_click(tab_of: Callable[..., Any]) -> None:
    with tab_of("dee") as dee, tab_of("vic") as vic, tab_of("bea") as bea:
        for tab in (vic, bea):
            tab.go("/")
            expect(tab.page.get_by_role("heading", name="Dashboard")).to_be_visible()
            expect(tab.page.get_by_role("link", name=re.compile("Notices, 1 unread"))).to_have_count(0)
        _write(dee)
        drawer = dee.page.get_by_role("dialog")
        expect(drawer).to_contain_text("3 people of 1 account")
        expect(vic.page.get_by_text("Cooling fails")).to_have_count(0)
        drawer.get_by_role("button", name="Publish now").click()
        expect(drawer).to_contain_text("Send the update")
        for tab in (vic, bea):
            expect(tab.page.get_by_role("link", name=re.compile("Notices, 1 unread"))).to_be_visible()
        banner = vic.page.get_by_role("link", name=re.compile("Cooling fails"))
        expect(banner).to_be_visible()
        expect(bea.page.get_by_text("Cooling fails")).to_have_count(0)  # nothing of Bolt's is in Seoul
        drawer.get_by_role("textbox", name=re.compile("What became known")).fill("The reserve runs.")
        drawer.get_by_role("button", name="Send the update").click()
        expect(banner).to_contain_text("The reserve runs.")
        banner.click()
        expect(vic.page.get_by_role("dialog")).to_contain_text("The reserve runs.")
        expect(vic.page.get_by_role("dialog", name="Cooling fails")).to_be_visible()
        expect(vic.page.get_by_role("link", name=re.compile("unread"))).to_have_count(0)


def test_on_a_phone_filters_stand_beside_each_other_and_nothing_covers_the_buttons(tab_of: Callable[..., Any]) -> None:
    with tab_of("ana", viewport=PHONE) as ana:
        ana.go("/notices")
        words = ana.page.get_by_role("searchbox", name="Words in a notice")
        expect(words).to_be_visible()
        ana.settle()
        first, second = words.bounding_box(), ana.page.get_by_role("combobox", name="Site").bounding_box()
        assert first is not None and second is not None
        assert second["x"] > first["x"] + first["width"]
        assert abs(second["y"] + second["height"] - first["y"] - first["height"]) < 30, "in one line"
        expect(ana.page.get_by_test_id("stElementToolbar").filter(visible=True)).to_have_count(0)
        assert ana.page.evaluate("document.body.scrollWidth <= window.innerWidth")


def _write(tab: Tab) -> None:
    tab.go("/broadcast")
    tab.page.get_by_role("button", name="New notice").click()
    form = tab.page.get_by_role("dialog")
    form.get_by_role("radio", name="Incident").click()
    tab.settle()  # for whom it is stands below the category
    tab.choose(form.get_by_role("combobox", name=re.compile("Sites")), "Seoul 1")
    tab.page.keyboard.press("Escape")
    form.get_by_role("textbox", name=re.compile("^Title")).fill("Cooling fails")
    form.get_by_role("textbox", name=re.compile("^Description")).fill("On floor 3.")
    form.get_by_role("button", name="Save and look at it").click()
