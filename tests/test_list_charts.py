"""What the charts above a list make of what was counted."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Browser

from tests.portal_server import PHONE
from ui import look
from ui.list_view.summary import LONGEST_AXIS, _after, _every_month

NOVEMBER, FEBRUARY = date(2025, 11, 1), date(2026, 2, 1)


def test_a_month_without_anything_leaves_its_gap() -> None:
    assert _every_month([NOVEMBER, FEBRUARY]) == [NOVEMBER, date(2025, 12, 1), date(2026, 1, 1), FEBRUARY]


@pytest.mark.parametrize("months", [[], [None], [NOVEMBER], [NOVEMBER, None]])
def test_nothing_is_added_where_nothing_is_between(months: list[date | None]) -> None:
    assert _every_month(months) == months


def test_what_has_no_date_comes_last() -> None:
    assert _every_month([NOVEMBER, date(2026, 1, 1), None])[-2:] == [date(2026, 1, 1), None]


def test_a_date_mistyped_by_centuries_does_not_stretch_the_axis() -> None:
    far = _after(NOVEMBER, LONGEST_AXIS + 1)
    assert _every_month([NOVEMBER, far]) == [NOVEMBER, far]
    assert len(_every_month([NOVEMBER, _after(NOVEMBER, LONGEST_AXIS)])) == LONGEST_AXIS + 1


#: As Streamlit draws them: what is asked and what is found in a fragment each; a chart's place is before the rows.
PAGE = """<div class="stVerticalBlock" style="display: flex; flex-direction: column">
{box}<div class="stVerticalBlock">{box}<div class="st-key-filters-orders">filters</div></div>
<div class="st-key-orders-chart "><div class="stButtonGroup">choice</div></div></div></div>
{box}<div class="stVerticalBlock">{box}<div class="st-key-card-summary-orders">chart</div></div>
{box}<div class="st-key-card-orders-rows">rows</div></div></div></div></div>"""


def test_on_a_phone_the_rows_come_before_their_chart(browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)
    box = '<div data-testid="stLayoutWrapper">'
    page.set_content(f"<style>{look.css()}</style>{PAGE.replace('{box}', box)}")
    tops = [page.get_by_text(word).bounding_box() for word in ("filters", "rows", "choice", "chart")]
    assert [top["y"] for top in tops if top] == sorted({top["y"] for top in tops if top})
    assert len(tops) == 4
    page.close()
