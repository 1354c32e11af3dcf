"""Tables: what a click on a cell that leads somewhere opens and what a forged one does not, and what stands beside."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st
from playwright.sync_api import Browser, Locator
from sqlalchemy import literal

from data.listing import Column, Kind
from tests.portal_server import PHONE
from ui import look, table
from ui.list_view import table as rows_table
from ui.text import Reader


@pytest.mark.parametrize(("row", "opens"), [(0, [0]), (1, [1]), (2, []), (-1, []), (10**12, []), (None, [])])
def test_a_click_opens_a_row_that_is_there_and_no_other(
    row: int | None, opens: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The position comes from the browser, where anybody can say anything; -1 would be the last row of a list."""
    opened: list[int] = []
    clicks: dict[str, Any] = {}

    def button(_title: str, *, on_click: Any, **_looks: Any) -> None:
        clicks["do"] = on_click

    monkeypatch.setattr(st.column_config, "ButtonColumn", button)
    monkeypatch.setattr(st, "session_state", {"t.open": None if row is None else {"row": row}})
    table.link("Number", ["RH-1", "RH-2"], opened.append).config("t.open")
    clicks["do"]()
    assert opened == opens


#: As Streamlit draws them: a list with its rows and the button to the next page, and a short card beside a long one.
LIST = """<div class="st-key-card-tickets-rows" style="display: flex; flex-wrap: wrap">
<div>1–25 of 100</div><div class="st-key-tickets-chevron_left"><button>Previous</button></div>
<div class="st-key-tickets-chevron_right"><button>Next</button></div>
<div><div class="stDataFrame" style="height: 300px"></div></div></div>"""
CARDS = """<style>.stGridCell { height: 100% }</style>
<div class="st-key-cards-service" style="display: grid; grid-template-columns: 1fr 2fr">
<div class="stGridCell">chart</div><div class="stGridCell"><div style="height: 900px">rows</div></div></div>"""


def box(found: Locator) -> Any:
    return found.bounding_box()


def test_on_a_phone_the_page_is_turned_below_the_rows_onwards_at_the_right(browser: Browser) -> None:
    for viewport in (PHONE, {"width": 1200, "height": 800}):
        page = browser.new_page(viewport=viewport)
        page.set_content(f"<style>{look.css()}</style>{LIST}")
        rows, back, on = (box(page.locator(each)) for each in (".stDataFrame", "text=Previous", "text=Next"))
        is_below = on["y"] >= rows["y"] + rows["height"]
        assert is_below == (viewport is PHONE)
        assert back["x"] < on["x"]
        if is_below:
            assert back["y"] == on["y"]
            assert on["x"] + on["width"] > viewport["width"] * 0.9
        page.close()


def test_a_short_card_beside_a_long_table_ends_where_it_ends(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    page.set_content(f"<style>{look.css()}</style>{CARDS}")
    short, long = (box(page.locator(".stGridCell").nth(at)) for at in (0, 1))
    assert short["height"] < 100
    assert long["height"] >= 900
    page.close()


def test_a_column_is_as_wide_as_its_longest_number_and_its_title() -> None:
    """A number is drawn at the right: what has no room loses its first digits."""
    assert table.fitting("Open", ["1", "139,593,600.00"]) >= table.fitting("Open", ["139,593,600.00"]) > 90
    assert table.fitting("31–60 days", [""]) > 70
    assert table.fitting("미납 합계", []) > 60


@pytest.mark.parametrize(
    ("words", "drawn"), [("Belum jatuh tempo", 104.3), ("Lebih dari 90 hari", 93.6), ("Terlambat 7 jam 46 mnt", 128.1)]
)
def test_words_are_given_what_they_need_and_their_margins_not_much_more(words: str, drawn: float) -> None:
    """`drawn`: pixels in Chromium. Too much pushes the last column out of sight where words are long."""
    assert drawn + 16 <= table.fitting(words, []) <= drawn + 26
    assert table.fitting("", [words]) == table.fitting(words, [])


def test_a_clock_is_whole_in_a_language_whose_words_are_long() -> None:
    clock = Column("clock", "Clock", literal(1), Kind.CLOCK, width=130)
    long, short = "Terlambat 7 jam 46 mnt", "Late by 7 h 46 min"
    widths = [rows_table._clock_config(clock, [("", ""), (said, "breached")])["width"] for said in (long, short)]
    assert widths == [table.fitting("", [long]), 130]
    assert rows_table._clock_config(clock, [])["width"] == 130


#: As Streamlit draws them: two filters and the buttons behind them; a title, the way to help, and what can be done.
LINE = 'style="display: flex; flex-wrap: wrap; align-items: center; gap: 14px; font: 14px sans-serif"'
FILTERS = """<div class="st-key-filters-tickets" {line}>
<div id="one">Search</div><div id="two">Stage</div>
<div><div class="stPopover"><button style="width: 100%">More filters</button></div></div>
<div><div class="stPopover"><button style="width: 100%">Views</button></div></div>
<div><div class="stButton"><button>Send regularly</button></div></div></div>"""
TITLE = """<div class="st-key-title-row" {line}>
<div><h1 style="font-size: 1.6rem">{title}</h1></div><div><div class="stPageLink"><a>?</a></div></div>
<div><button>Import billing run</button></div><div><button>Import bank file</button></div></div>"""


def drawn_on_a_phone(browser: Browser, html: str) -> Any:
    page = browser.new_page(viewport=PHONE)
    page.set_content(f"<style>html {{ font-size: 14px }} * {{ box-sizing: border-box }} {look.css()}</style>{html}")
    return page


def test_on_a_phone_the_buttons_behind_the_filters_share_one_line(browser: Browser) -> None:
    page = drawn_on_a_phone(browser, FILTERS.format(line=LINE))
    one, two = box(page.locator("#one")), box(page.locator("#two"))
    assert one["y"] == two["y"]
    assert one["width"] == two["width"]
    buttons = [box(button) for button in page.get_by_role("button").all()]
    assert len({round(button["y"]) for button in buttons}) == 1
    assert buttons[0]["y"] >= one["y"] + one["height"]
    page.close()


@pytest.mark.parametrize("title", ["Billing", "What a very long language calls its invoices and payments"])
def test_on_a_phone_a_second_button_stands_below_the_first_and_help_beside_the_title(
    browser: Browser, title: str
) -> None:
    page = drawn_on_a_phone(browser, TITLE.format(line=LINE, title=title))
    heading, help_, first, second = (
        box(page.locator(each)) for each in ("h1", ".stPageLink", "text=Import billing run", "text=Import bank file")
    )
    assert help_["y"] < heading["y"] + heading["height"]
    assert heading["x"] < 12
    assert second["y"] >= first["y"]
    assert second["x"] + second["width"] == pytest.approx(PHONE["width"] - 8, abs=1)
    page.close()


def test_on_a_phone_a_title_without_help_stands_at_the_left(browser: Browser) -> None:
    page = drawn_on_a_phone(browser, f'<div class="st-key-title-row" {LINE}><div><h1>Audit log</h1></div></div>')
    assert box(page.locator("h1"))["x"] < 12
    page.close()


def test_what_is_still_to_be_chosen_is_said_below_the_fields_on_a_whole_line(browser: Browser) -> None:
    said = '<div class="stElementContainer" style="width: 100%"><div class="stAlert">Please choose it</div></div>'
    page = drawn_on_a_phone(
        browser,
        f"""<div class="st-key-filters-statement" {LINE}>
      <div id="one">As of</div><div id="two">Account</div>{said}</div>""",
    )
    for width in (PHONE["width"], 1200):
        page.set_viewport_size(PHONE | {"width": width})
        one, two, alert = (box(page.locator(each)) for each in ("#one", "#two", ".stAlert"))
        assert one["y"] == two["y"]
        assert alert["y"] >= two["y"] + two["height"]
        assert alert["width"] == width - 16
    page.close()


def test_on_a_phone_no_choice_is_out_of_sight(browser: Browser) -> None:
    choices = "".join(f'<button data-variant="segmented_control">{word}</button>' for word in ("Customer " * 5).split())
    group = f'<div role="radiogroup" style="display: flex; width: 250px; overflow-x: auto">{choices}</div>'
    page = drawn_on_a_phone(browser, f'<div data-testid="stButtonGroup">{group}</div>')
    ends = [box(button)["x"] + box(button)["width"] for button in page.get_by_role("button").all()]
    assert max(ends) <= 250 + 8
    page.close()


@pytest.mark.parametrize("place", ['role="dialog"', 'class="st-key-cards"', 'class="st-key-card-tickets-rows"'])
def test_the_tools_of_a_table_never_lie_over_the_words_above_it(browser: Browser, place: str) -> None:
    page = browser.new_page()
    tools = '<div><div data-testid="stElementToolbar">tools</div><div class="stDataFrame">rows</div></div>'
    page.set_content(f"<style>{look.css()}</style><div {place}>{tools}</div>")
    assert page.get_by_text("rows").is_visible()
    assert page.get_by_text("tools").is_hidden()
    page.close()


def test_numbers_of_things_stand_at_the_right_as_amounts_do() -> None:
    by_kind = {
        kind: rows_table._config(Column("of", "Of", literal(1), kind, width=75), Reader("en", "UTC"), ())
        for kind in (Kind.INTEGER, Kind.MONEY, Kind.TEXT)
    }
    assert [config.get("alignment") for config in by_kind.values()] == ["right", "right", None]
