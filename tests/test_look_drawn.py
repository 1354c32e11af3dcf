"""What ui/look.css does to the page, drawn by a real browser: filters on a phone, pictures in the dark."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
import streamlit as st
from playwright.sync_api import Browser, Page

from tests.portal_server import PHONE, WIDE
from ui import lines, look
from ui.lines import Said
from ui.text import Reader, _, money_text, reading_as

#: A filter as Streamlit 1.67 draws it, with more chosen than has room beside each other.
CHIPS = """<div class="st-key-filters-tickets" style="display: flex">
  <div style="width: 174px"><div data-testid="stMultiSelect">
  <div role="group" style="display: flex; height: 35px; max-height: 35px; width: 174px">
    <div data-testid="stMultiSelectTagsContainer" style="display: flex; overflow-x: auto; width: 120px">
      <span style="display: contents"><span data-tag style="flex: none; width: 70px"><button>×</button></span>
      <span data-tag style="flex: none; width: 90px"><button>×</button></span></span></div>
    <button>clear</button></div></div></div></div>"""
#: A filter with its label above it, and beside it what has none: a button, and the search of parcels.
UNLABELLED = """<div class="st-key-filters-parcels" style="display: flex; flex-wrap: wrap">
  <div style="height: 67px">label and field</div>
  <div><div class="stPopover" style="height: 35px"><button>More filters</button></div></div>
  <div style="height: 67px">label and field</div>
  <div class="st-key-q"><div class="stTextInput" style="height: 35px"></div></div></div>"""
LOWEST = """() => [...document.querySelector(".st-key-filters-parcels").children].map(
  (each) => Math.round(each.getBoundingClientRect().bottom))"""
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


def test_on_a_phone_what_is_chosen_takes_the_room_there_is(page: Page) -> None:
    page.set_viewport_size(PHONE)
    streamlits = "<style>span { max-width: calc(100% - 14px); overflow: hidden }</style>"
    _drawn(page, streamlits + CHIPS.replace("width: 70px", "width: 200px"))
    most = [tag.evaluate("tag => getComputedStyle(tag).maxWidth") for tag in page.locator("[data-tag]").all()]
    assert most == ["100%"] * 2


def test_on_a_phone_a_line_that_leads_on_is_read_to_its_end(page: Page) -> None:
    page.set_viewport_size(PHONE)
    words = "80.1% of what we promised this month was kept. 31 were not kept."
    line = f"<p><span>{words}</span></p>"
    streamlits = "<style>p, span { white-space: nowrap; overflow: hidden } div { width: 300px }</style>"
    _drawn(page, f'{streamlits}<div class="st-key-cards">{line}</div><div class="elsewhere">{line}</div>')
    is_cut = "p => p.scrollWidth > p.clientWidth"
    assert not page.locator(".st-key-cards p").evaluate(is_cut)
    assert page.locator(".elsewhere p").evaluate(is_cut)


def test_on_a_phone_what_has_no_label_stands_beside_the_fields(page: Page) -> None:
    page.set_viewport_size(PHONE)
    _drawn(page, UNLABELLED)
    filter_, button, below, search = page.evaluate(LOWEST)
    assert (button, search) == (filter_, below), "beside a label, not beside the field"
    assert filter_ < below, "two beside each other"


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


LANGUAGES = ("en", "ko", "ja", "zh_Hans", "id")
MUCH = Decimal(98765432109)
#: What of the cells that are shown does not stand whole in them, and what stands outside of the drawer's 326 pixels.
CUT_OFF = """() => [...document.querySelectorAll('table.lines :is(th, td)')].filter((cell) => cell.offsetParent && (
  cell.scrollWidth > cell.clientWidth + 1 || cell.getBoundingClientRect().right > 327)).map((cell) => cell.innerText)"""
ENDS = """() => [...document.querySelectorAll('table.lines .number:not(.beside)')].map((cell) => {
  const words = document.createRange();
  words.selectNodeContents(cell);
  return Math.round(words.getBoundingClientRect().right);
})"""


def _lines(monkeypatch: pytest.MonkeyPatch, language: str, currency: str) -> str:
    drawn: list[str] = []
    monkeypatch.setattr(st, "html", drawn.append)
    with reading_as(Reader(language)):
        lines.show(
            (
                Said(_("Description"), ["Smart hands package, 10 hours <b>", "Cabinet"], is_beside=False),
                Said(_("Quantity"), ["1", "1.5"], is_number=True),
                Said(_("Amount"), [money_text(MUCH, currency), money_text(Decimal(1), currency)], True, False),
                Said(_("Tax"), [money_text(MUCH, currency), ""], is_number=True),
                Said(_("Site"), [None, None]),
            ),
            label=_("Lines"),
        )
    return drawn[0]


@pytest.mark.parametrize("currency", ["KRW", "JPY", "IDR"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_phone_every_amount_of_a_line_is_whole_and_nothing_is_left_out(
    page: Page, monkeypatch: pytest.MonkeyPatch, language: str, currency: str
) -> None:
    page.set_viewport_size(PHONE)
    drawer = _lines(monkeypatch, language, currency)
    _drawn(page, f'<div style="width: 326px; position: absolute; left: 0">{drawer}</div>')
    assert page.evaluate(CUT_OFF) == []
    first, second = (row.inner_text() for row in page.locator("tbody tr").all())
    with reading_as(Reader(language)):
        assert first.count(money_text(MUCH, currency)) == 2, "the amount and, in small letters, the tax"
        assert f"{_('Quantity')} 1.5" in second
        assert _("Tax") not in second, "there is none"
    assert page.locator("b").count() == 0, "what somebody wrote is text"


def test_heads_of_amounts_stand_above_their_numbers(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    page.set_viewport_size(WIDE)
    _drawn(page, _lines(monkeypatch, "en", "KRW"))
    assert page.get_by_role("columnheader").all_inner_texts() == ["Description", "Quantity", "Amount", "Tax"]
    assert len(set(page.evaluate(ENDS))) == 1
    assert page.locator("small").first.is_hidden()
