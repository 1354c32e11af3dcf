"""In a real browser: an administrator opens a data center, and a customer finds it on a map that asks no other host."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Browser, expect

from rules.principal import Principal
from tests.portal_server import PHONE, Portal, Tab, open_tab

SignIn = Callable[[str], Principal]


def pick(tab: Tab, name: str, option: str) -> None:
    box = tab.page.get_by_role("dialog").get_by_role("combobox", name=re.compile(f"^{name}"))
    box.fill(option)
    expect(tab.page.get_by_role("option", name=option).first).to_be_visible()
    box.press("Enter")


def test_a_new_site_is_on_the_customers_map(portal: Portal, browser: Browser, sign_in: SignIn) -> None:
    with open_tab(portal, browser, token=sign_in("ada").token) as ada:
        ada.go("/sites")
        ada.page.get_by_role("button", name="New site").click()
        form = ada.page.get_by_role("dialog")
        form.get_by_label("Name", exact=True).fill("Sapporo 1")
        form.get_by_label("Code", exact=True).fill("CTS1")
        pick(ada, "Country", "Japan")
        form.get_by_label("City", exact=True).fill("Sapporo")
        pick(ada, "Time zone", "Asia/Tokyo")
        form.get_by_label(re.compile("^Latitude")).fill("43.0618")
        form.get_by_label(re.compile("^Longitude")).fill("141.3545")
        form.get_by_role("button", name="Create").click()
        drawer = ada.page.get_by_role("dialog")
        drawer.get_by_role("button", name="Add contact").click()
        drawer.get_by_role("radio", name="Security").click()
        drawer.get_by_label("Name", exact=True).fill("Gate Sapporo")
        drawer.get_by_label(re.compile("^Phone")).fill("+81 11 555 0100")
        drawer.get_by_role("button", name="Add", exact=True).click()
        expect(drawer.get_by_text("Saved.")).to_be_visible()
        drawer.get_by_role("button", name="Change").last.click()
        drawer.get_by_label(re.compile("^Hours")).fill("24×7")
        drawer.get_by_role("button", name="Save", exact=True).click()
        expect(drawer.get_by_text("+81 11 555 0100 · 24×7")).to_be_visible()
        assert ada.troubles == []
    with open_tab(portal, browser, token=sign_in("ana").token) as ana:
        with ana.page.expect_response(re.compile("/assets/1/map/world_50m.json")) as shapes:
            ana.go("/contact?country=JP")
        assert shapes.value.ok
        assert shapes.value.headers["content-encoding"] == "gzip"
        names = ana.page.locator(".scattergeo").nth(1)
        expect(names.get_by_text("Sapporo 1")).to_be_visible()
        expect(ana.page.locator(".js-plotly-plot .countries path").first).to_be_attached()
        link = ana.page.get_by_role("link", name="+81 11 555 0100")
        expect(link).to_have_attribute("href", "tel:+81115550100")
        point = ana.page.locator(".scattergeo").first.locator("path.point").last
        where = point.bounding_box()
        assert where is not None
        ana.page.mouse.click(where["x"] + where["width"] / 2, where["y"] + where["height"] / 2)
        expect(ana.page.get_by_role("button", name="Back to regional contacts")).to_be_visible()
        expect(ana.page).to_have_url(re.compile("site="))
        assert ana.troubles == []


def test_on_a_phone_in_the_dark_points_have_codes_and_the_clock_goes_on(
    portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    with open_tab(portal, browser, token=sign_in("abel").token, viewport=PHONE, dark=True, language="ko") as tab:
        tab.go("/contact")
        layers = tab.page.locator(".scattergeo")
        expect(layers.nth(2).get_by_text("TYO1")).to_be_visible()
        expect(layers.nth(1)).to_be_hidden()
        tab.page.evaluate("document.querySelectorAll('time.clock').forEach((clock) => { clock.textContent = '…' })")
        clock = tab.page.locator("time.clock[data-zone='Asia/Kolkata']").first
        expect(clock).to_have_text(re.compile(r"^. \d\d:\d\d$"))
        assert tab.fits()
        assert tab.troubles == []
