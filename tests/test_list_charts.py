"""What the charts above a list make of what was counted."""

from __future__ import annotations

from datetime import date

import pytest

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
