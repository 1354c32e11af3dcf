"""What ui/look.css does to the page, drawn by a real browser: chips on a phone, pictures in the dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.portal_server import PHONE, WIDE
from ui import look

#: A filter as Streamlit 1.67 draws it, with more chosen than has room beside each other.
CHIPS = """<div class="st-key-filters-tickets" style="display: flex">
  <div style="width: 174px"><div data-testid="stMultiSelect">
  <div role="group" style="display: flex; height: 35px; max-height: 35px; width: 174px">
    <div data-testid="stMultiSelectTagsContainer" style="display: flex; overflow-x: auto; width: 120px">
      <span style="display: contents"><span data-tag style="flex: none; width: 70px"><button>×</button></span>
      <span data-tag style="flex: none; width: 90px"><button>×</button></span></span></div>
    <button>clear</button></div></div></div></div>"""
PICTURE = (
    '<article class="help-article"><figure><a href="#"><img width="1120" height="700" alt=""></a></figure></article>'
)
HIDDEN = """() => {
  const right = (element) => element.getBoundingClientRect().right;
  const end = right(document.querySelector("[data-testid=stMultiSelectTagsContainer]"));
  return [...document.querySelectorAll("[data-tag]")].filter((tag) => right(tag) > end).length;
}"""
GLASS = "() => getComputedStyle(document.querySelector('figure a'), '::after').backgroundColor"


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    page = browser.new_page(color_scheme=request.param)
    yield page
    page.close()


def _drawn(page: Page, body: str) -> None:
    page.set_content(f"<style>:root {{ color-scheme: light dark }} {look.css()}</style>{body}")


def test_on_a_phone_all_that_is_chosen_can_be_taken_away(page: Page) -> None:
    page.set_viewport_size(PHONE)
    _drawn(page, CHIPS)
    assert page.evaluate(HIDDEN) == 0
    page.set_viewport_size(WIDE)
    assert page.evaluate(HIDDEN) == 1, "elsewhere it is one line, which scrolls"


def test_in_the_dark_a_light_picture_is_dimmed_until_it_is_looked_at(page: Page) -> None:
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    _drawn(page, PICTURE)
    clear = "rgba(0, 0, 0, 0)"
    assert (page.evaluate(GLASS) != clear) == is_dark
    page.add_style_tag(content="* { transition: none !important }")
    page.locator("figure a").focus()
    page.keyboard.press("Shift")  # as whoever uses the keyboard: the focus is seen
    page.locator("figure a").hover()
    page.wait_for_function(f"({GLASS})() === '{clear}'")
