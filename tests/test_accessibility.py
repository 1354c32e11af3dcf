"""No page, drawer or form breaks a rule of WCAG 2.2 A or AA; the keyboard is enough; longer words find room."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import pytest
from playwright.sync_api import Browser, expect

from auth.invitation_links import INVITATION
from auth.password_links import FORGOTTEN, SET_PASSWORD
from tests.axe import faults_of
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import PASSWORD, Door
from tests.everywhere import come_in, opened_by_clicks, walk
from tests.portal_server import PHONE, WIDE, Portal, Tab, open_tab, running_portal

PLANTED = """<div style="position: fixed; inset: 0; z-index: 10000000; background: #aaa">
  <p style="color: #999">faint</p><img src="/favicon.ico"><button></button><input></div>"""
#: Between them they open every page there is.
EACH_ROLE = ("ana", "dee", "fin", "ada", "mia")


@pytest.fixture(scope="module")
def portal(demo: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Over the demo, in which every list has rows and every page something to say."""
    with running_portal(demo, tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.mark.parametrize(
    ("dark", "viewport"),
    [
        pytest.param(False, WIDE, id="light"),
        pytest.param(True, WIDE, id="dark", marks=pytest.mark.slow),
        pytest.param(True, PHONE, id="dark phone", marks=pytest.mark.slow),
        pytest.param(False, PHONE, id="phone", marks=pytest.mark.slow),
    ],
)
def test_no_place_breaks_a_rule(
    dark: bool, viewport: dict[str, int], demo: Database, portal: Portal, browser: Browser
) -> None:
    faults: dict[str, list[str]] = {}
    seen: set[tuple[str, str]] = set()
    for name in EACH_ROLE:
        principal = come_in(demo, name)
        with open_tab(portal, browser, token=principal.token, dark=dark, viewport=viewport) as tab:
            places = walk(tab, demo.app, principal, seen)
            for address in chain(places, opened_by_clicks(tab) if name == "fin" else ()):
                for fault in faults_of(tab.page):
                    faults.setdefault(str(fault), []).append(f"{name} /{address}")
            # Plotly ends drawing a map with an error of its own where its page is left before the shapes have come
            assert [trouble for trouble in tab.troubles if "_scrollZoom" not in trouble] == []
    assert len(seen) > 60
    assert faults == {}


@pytest.mark.parametrize("address", ["", FORGOTTEN, f"{SET_PASSWORD}?link=unknown", f"{INVITATION}?link=unknown"])
def test_no_part_of_the_way_in_breaks_a_rule(address: str, portal: Portal, browser: Browser) -> None:
    with open_tab(portal, browser) as tab:
        tab.go(address)
        expect(tab.page.get_by_role("navigation", name="Language")).to_be_visible()
        assert list(map(str, faults_of(tab.page))) == []


def test_what_breaks_a_rule_is_found(portal: Portal, browser: Browser) -> None:
    with open_tab(portal, browser) as tab:
        tab.go("/")
        tab.page.evaluate("(html) => document.body.insertAdjacentHTML('afterbegin', html)", PLANTED)
        rules = {fault.rule for fault in faults_of(tab.page)}
        assert {"color-contrast", "image-alt", "button-name", "label"} <= rules


FOCUSED = """() => {
  const it = document.activeElement;
  return [it.getAttribute("aria-label") ?? it.labels?.[0]?.innerText ?? it.innerText, !!it.closest("[role=dialog]")];
}"""


def _reach(tab: Tab, name: str, *, inside: bool = False) -> None:
    """By Tab alone, to what is called so. `inside` a dialog the focus never leaves it for the page behind."""
    for _ in range(80):
        tab.page.keyboard.press("Tab")
        said, is_inside = tab.page.evaluate(FOCUSED)
        assert is_inside or not inside, f"out of the dialog, to {said}"
        if said.strip().rpartition("\n")[2].startswith(name):  # an icon stands before its words
            return
    raise AssertionError(f"Tab never came to {name}")


def test_a_request_is_sent_by_the_keyboard_alone(demo: Database, portal: Portal, browser: Browser) -> None:
    Door(demo).give_password("abel")
    with open_tab(portal, browser) as tab:
        keys, form = tab.page.keyboard, tab.page.get_by_role("dialog")
        tab.go("/tickets")
        _reach(tab, "E-mail")
        keys.type(CAST["abel"])
        _reach(tab, "Password")
        keys.type(PASSWORD)
        keys.press("Enter")
        expect(tab.page.get_by_role("heading", name="Tickets")).to_be_visible()
        expect(tab.page.get_by_role("button", name="Language")).to_be_visible()
        tab.settle()
        _reach(tab, "Language")
        keys.press("ArrowDown")
        expect(tab.page.get_by_role("menuitemradio", name="English")).to_be_focused()
        keys.press("Escape")
        expect(tab.page.get_by_role("button", name="Language")).to_be_focused()
        expect(tab.page.get_by_role("menuitemradio", name="English")).to_be_hidden()
        _reach(tab, "Request remote hands")
        keys.press("Enter")
        expect(form).to_be_visible()
        tab.settle()
        keys.press("Escape")
        expect(form).to_be_hidden()
        tab.settle()
        _reach(tab, "Request remote hands")
        keys.press("Enter")
        expect(form.get_by_role("textbox", name="Subject")).to_be_visible()
        tab.settle()
        _reach(tab, "Subject", inside=True)
        keys.type("Without a mouse")
        _reach(tab, "Description", inside=True)
        keys.type("Every key found its way.")
        _reach(tab, "Submit", inside=True)
        keys.press("Enter")
        expect(form).to_be_hidden()
        expect(tab.page.get_by_test_id("stDataFrame").first).to_contain_text("Without a mouse")
        assert tab.troubles == []


#: What runs over the edge of the window, or of a button that does not wrap.
CLIPPED = """() => {
  const wide = document.documentElement.scrollWidth > innerWidth ? ["the page"] : [];
  const cut = [...document.querySelectorAll("button, a, h1, h2, h3, label")].filter((one) =>
    one.checkVisibility() && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 2
    && getComputedStyle(one).overflowX === "hidden"
    && getComputedStyle(one).textOverflow !== "ellipsis");
  return [...wide, ...cut.map((one) => one.outerHTML.slice(0, 200))];
}"""


@pytest.mark.slow
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_longer_words_find_room(
    viewport: dict[str, int], demo: Database, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    clipped: dict[str, list[str]] = {}
    seen: set[tuple[str, str]] = set()
    with running_portal(demo, tmp_path_factory.mktemp("pseudo"), app="tests.pseudo_portal:app") as portal:
        for name in EACH_ROLE:
            principal = come_in(demo, name)
            with open_tab(portal, browser, token=principal.token, viewport=viewport) as tab:
                for address in walk(tab, demo.app, principal, seen):
                    for cut in tab.page.evaluate(CLIPPED):
                        clipped.setdefault(cut, []).append(f"{name} /{address}")
    assert len(seen) > 40
    assert clipped == {}
