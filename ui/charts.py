"""The one shape of every chart: bars over categories, in the theme's colours and the reader's words."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape
from typing import Any
from unicodedata import east_asian_width

import streamlit as st
from plotly.basedatatypes import BaseFigure
from streamlit.elements.lib import streamlit_plotly_theme as theme

from ui import as_table
from ui.formats import compact_text, decimals_of, money_text, number_text
from ui.tones import Tone
from ui.words import _

Value = float | Decimal

#: Streamlit writes the theme's chart colours in place of these, in the browser: a chart follows light and dark alone.
PALETTE: tuple[str, ...] = tuple(getattr(theme, f"CATEGORY_{place}") for place in range(10))

#: Series without a tone, such as sites or kinds, take their colours in this order; the reds and ambers stay for states.
_PLAIN_ORDER = (0, 1, 2, 8, 7, 9, 5, 6)

_INK = {"color": theme.GRAY_90}  # Streamlit's own for axes and hovers is too pale to read
_GRID = "rgba(128,140,160,0.22)"  # a hairline on white and on black
_CONFIG = {"displayModeBar": False}
_LONGEST_LABEL = 22
_MOST_MONTHS = 6  # so many stand beside each other on a phone without being turned
#: So many Latin letters; what is longer, and each month, breaks where it has a space or after a year, but leaves no
#: letter alone.
_ONE_LINE = 7
_BREAKS = re.compile(r"(?<=\S\S)(?:\s|(?<=年)(?=\d))(?=\S\S)")
_MANY_SERIES, _THEIR_LINES = 6, 30  # the names of more take the bars' room on a phone: so many pixels are theirs
#: One tone may stand for several states of a chart: they differ by what their bars are filled with.
_FILLS = ("", "/", ".", "x")
_SPOKEN_VALUES = 12


@dataclass(frozen=True)
class Series:
    """One colour of a chart: a language-neutral key, its word, a value for each category."""

    key: str
    label: str
    values: Sequence[Value]
    tone: Tone | None = None


@dataclass(frozen=True)
class Click:
    """The bar somebody clicked, by keys: what a filter can take."""

    category: str
    series: str


@dataclass(frozen=True)
class BarChart:
    """What to draw. `categories` are key → word in drawing order; `tones` colour a single series bar by bar."""

    title: str
    categories: Mapping[str, str]
    series: Sequence[Series]
    horizontal: bool = False
    stacked: bool = True
    currency: str | None = None
    height: int = 240
    #: Months: where there are many, only some are named below the bars.
    over_time: bool = False
    tones: Mapping[str, Tone] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not any(value for series in self.series for value in series.values)

    def totals(self) -> list[Value]:
        return [sum(values) for values in zip(*(series.values for series in self.series), strict=True)]

    def value_text(self, value: Value) -> str:
        return money_text(Decimal(value), self.currency) if self.currency else number_text(value)

    def alt(self) -> str:
        """The chart in a sentence, for those who do not see it."""
        spoken = [
            f"{label} {self.value_text(total)}"
            for label, total in zip(self.categories.values(), self.totals(), strict=True)
        ]
        rest = len(spoken) - _SPOKEN_VALUES
        if rest > 0:
            spoken[_SPOKEN_VALUES:] = [_("and {n} more", n=rest)]
        return f"{self.title}: {', '.join(spoken)}"


def show_chart(
    chart: BarChart, *, key: str, on_pick: Callable[[Click | None], None] | None = None, switch: bool = True
) -> Click | None:
    """Draw it; returns the bar chosen now. A switch below it shows its numbers as a table, unless there is another way.

    With `on_pick` a bar can be clicked: it is called once, before the page runs again, with the bar's keys (None when
    the choice is taken back), so it may set the filters of widgets.
    """
    if chart.is_empty:
        st.caption(_("Nothing to show for this choice."))
        return None
    if switch and as_table.is_wanted(key):
        as_table.show_table(chart)
        as_table.show_switch(key)
        return None
    picking: dict[str, Any] = {}
    if on_pick is not None:
        picking = {"on_select": lambda: on_pick(_picked(chart, st.session_state[key])), "selection_mode": "points"}
    state = st.plotly_chart(Drawn(figure(chart)), key=key, config=_CONFIG, alt=chart.alt(), **picking)
    if switch:
        as_table.show_switch(key)
    return _picked(chart, state) if on_pick is not None else None


def _picked(chart: BarChart, state: Any) -> Click | None:
    points = state["selection"]["points"]
    if not points:
        return None
    place = int(points[0]["y" if chart.horizontal else "x"])
    return Click(category=list(chart.categories)[place], series=chart.series[points[0]["curve_number"]].key)


class Drawn(BaseFigure):
    """A figure that is its dict: Streamlit would build and check each bar anew at every rerun, which costs as much as
    the rest of a page. What we draw is one shape, and a test checks that plotly accepts it."""

    def __init__(self, drawn: dict[str, Any]) -> None:
        self.__dict__["drawn"] = drawn  # not as plotly would, which looks for a property of that name

    def to_dict(self) -> dict[str, Any]:
        return self.__dict__["drawn"]


def figure(chart: BarChart) -> dict[str, Any]:
    """Plotly's dict of it, without plotly.express, which costs six times as much on every rerun."""
    return {"data": [_bars(chart, place) for place in range(len(chart.series))], "layout": _layout(chart)}


def _bars(chart: BarChart, place: int) -> dict[str, Any]:
    series = chart.series[place]
    return {
        "type": "bar",
        "name": escape(series.label, quote=False),
        "orientation": "h" if chart.horizontal else "v",
        # the other axis counts the bars by itself, from 0: their keys would be sent with every series
        "x" if chart.horizontal else "y": [_drawn(value) for value in series.values],
        "customdata": _hover_texts(chart, series),
        "hovertemplate": f"{_hover_name(chart, series)}%{{customdata}}<extra></extra>",
        "marker": {"color": _colors(chart, place), "cornerradius": 3, **_fill(chart, place)},
        "unselected": {"marker": {"opacity": 0.35}},
    }


def _colors(chart: BarChart, place: int) -> str | list[str]:
    series = chart.series[place]
    own = PALETTE[series.tone.chart] if series.tone else PALETTE[_PLAIN_ORDER[place % len(_PLAIN_ORDER)]]
    if not chart.tones:
        return own
    return [PALETTE[chart.tones[key].chart] if key in chart.tones else own for key in chart.categories]


def _fill(chart: BarChart, place: int) -> dict[str, Any]:
    tone = chart.series[place].tone
    same = sum(before.tone is tone for before in chart.series[:place]) if tone else 0
    return {"pattern": {"shape": _FILLS[same % len(_FILLS)], "size": 6, "solidity": 0.45}} if same else {}


def _drawn(value: Value) -> float:
    """A picture needs no exact money; the hover text has it."""
    return int(value) if value == int(value) else float(value)


def _hover_name(chart: BarChart, series: Series) -> str:
    return f"<b>{escape(series.label, quote=False)}</b><br>" if len(chart.series) > 1 else ""


def _hover_texts(chart: BarChart, series: Series) -> list[str]:
    return [
        # where there is no bar, nobody can point at it
        f"{escape(label, quote=False)}: {chart.value_text(value)}" if value else ""
        for label, value in zip(chart.categories.values(), series.values, strict=True)
    ]


def _layout(chart: BarChart) -> dict[str, Any]:
    amounts, names = _amount_axis(chart), _name_axis(chart)
    return {
        # An empty template would be replaced by 6 kB of plotly's own. Bars keep a bar's width where there are few.
        "template": {"layout": {"bargap": max(0.4, round(1 - 0.12 * len(chart.categories), 2))}},
        "height": chart.height + (_THEIR_LINES if len(chart.series) > _MANY_SERIES else 0),
        # the newest month is named below a bar that may be narrower than its name
        "margin": {"l": 8, "r": 16 if chart.over_time else 8, "t": 36 if _has_legend(chart) else 12, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "barmode": "stack" if chart.stacked else "group",
        "showlegend": _has_legend(chart),
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        "hovermode": "closest",
        "hoverlabel": {"font": _INK, "align": "left"},
        "xaxis": amounts if chart.horizontal else names,
        "yaxis": names if chart.horizontal else amounts,
    }


def _has_legend(chart: BarChart) -> bool:
    return len(chart.series) > 1


def _name_axis(chart: BarChart) -> dict[str, Any]:
    n = len(chart.categories)
    every = -(-n // _MOST_MONTHS) if chart.over_time else 1
    named = list(enumerate(chart.categories.values()))[::-every][::-1]  # the newest always is
    ends = [-0.5, n - 0.5]
    return {
        "tickmode": "array",
        "tickvals": [place for place, _label in named],
        "ticktext": [_named(label, chart) for _place, label in named],
        "autotickangles": [0, -30, -90],  # turned upwards to the right, none ends beyond the picture
        "tickfont": _INK,
        "automargin": True,
        "fixedrange": True,  # a finger on a chart scrolls the page
        "showgrid": False,
        "range": ends[::-1] if chart.horizontal else ends,  # the first category on top
    }


def _named(label: str, chart: BarChart) -> str:
    """Below a bar in two lines, where one would be wider than the bar of a phone."""
    words = escape(_shortened(label), quote=False)
    if chart.horizontal or (_width(label) <= _ONE_LINE and not chart.over_time):
        return words
    at = min((found.end() for found in _BREAKS.finditer(words)), key=lambda end: abs(2 * end - len(words)), default=0)
    return f"{words[:at].rstrip()}<br>{words[at:]}" if at else words


def _width(label: str) -> int:
    return sum(2 if east_asian_width(letter) == "W" else 1 for letter in label)


def _shortened(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1].rstrip() + "…"


def _amount_axis(chart: BarChart) -> dict[str, Any]:
    values = chart.totals() if chart.stacked else [value for series in chart.series for value in series.values]
    drawn = [float(value) for value in values]
    ticks = _ticks(drawn, whole=chart.currency is None or decimals_of(chart.currency) == 0)
    return {
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [compact_text(tick) if abs(tick) >= 10_000 else number_text(tick) for tick in ticks],
        "range": _room_for(drawn),
        "tickfont": _INK,
        "automargin": True,
        "fixedrange": True,
        "showgrid": True,
        "gridcolor": _GRID,
        "zeroline": False,
    }


def _room_for(drawn: Sequence[float]) -> list[float]:
    """From zero to a little beyond the longest bar."""
    low, high = min(0.0, *drawn), max(0.0, *drawn)
    return [low * 1.06, high * 1.06]


def _ticks(drawn: Sequence[float], *, whole: bool) -> list[float]:
    """Four or five round numbers that hold every bar; whole ones where things are counted."""
    low, high = min(0.0, *drawn), max(0.0, *drawn)
    rough = (high - low or 1.0) / 4
    magnitude = 10 ** math.floor(math.log10(rough))
    step = next(magnitude * nice for nice in (1, 2, 2.5, 5, 10) if magnitude * nice >= rough)
    step = max(1, math.ceil(step)) if whole else step
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(place * step, 10) for place in range(first, last + 1)]
