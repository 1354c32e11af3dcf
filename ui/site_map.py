"""The map of the data centers: points with their names on land and borders, in the theme's colours; nothing is fetched
from another host (static/map/ORIGIN.txt)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st
from streamlit.elements.lib import streamlit_plotly_theme as theme

from ui.charts import PALETTE, Drawn
from ui.tones import Tone

#: Where Plotly finds the shapes. Whatever stands for the version is answered (web/assets.py), and they do not change.
SHAPES = "/assets/1/map/"

_CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "topojsonURL": SHAPES}
_INK = {"color": theme.GRAY_90}
_LAND, _BORDER, _COAST = "rgba(128,140,160,0.20)", "rgba(128,140,160,0.50)", "rgba(128,140,160,0.65)"
#: Width over height where all of it is seen: beside a panel, and on a phone.
_SHAPE = 1.6
#: How many pixels wide the map is taken to be when names are placed: names are for wide screens, codes for phones.
_WIDE, _NARROW = 700, 340
_LEAST_SPAN = 9.0  # degrees: a single city is shown with what lies around it
_PADDING = 0.14
#: Points nearer to each other than this part of the width are one.
_ONE_POINT = 0.022
_POLE = 78.0

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Pin:
    """A data center on the map: `key` is what a click gives, `short` its name where there is little room."""

    key: str
    label: str
    short: str
    latitude: float
    longitude: float
    is_troubled: bool = False
    is_planned: bool = False


@dataclass(frozen=True)
class View:
    """What part of the world is seen: from west to east and south to north, in degrees."""

    west: float
    east: float
    south: float
    north: float

    @property
    def middle(self) -> float:
        return (self.west + self.east) / 2


@dataclass(frozen=True)
class Spot:
    """A point of the map: the pins that are too near to each other to be told apart."""

    pins: tuple[Pin, ...]

    @property
    def at(self) -> tuple[float, float]:
        n = len(self.pins)
        return sum(pin.latitude for pin in self.pins) / n, sum(pin.longitude for pin in self.pins) / n

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(pin.key for pin in self.pins)


def show_map(
    pins: Sequence[Pin], *, key: str, alt: str, chosen: Sequence[str], on_pick: Callable[[tuple[str, ...]], None]
) -> None:
    """`on_pick` gets the keys of the point that was clicked, before the page runs again."""
    spots = spots_of(pins, view_of(pins))

    def picked() -> None:
        points = st.session_state[key]["selection"]["points"]
        if points:
            on_pick(spots[int(points[0]["point_index"])].keys)

    drawn = Drawn(figure(pins, chosen=chosen))
    with st.container(key="site-map"):  # ui/look.css says how high it is, here and on a phone
        st.plotly_chart(
            drawn, key=key, height="stretch", config=_CONFIG, alt=alt, on_select=picked, selection_mode="points"
        )


def figure(pins: Sequence[Pin], *, chosen: Sequence[str] = ()) -> dict[str, Any]:
    """Plotly's dict: the points, their names, and their codes for where names would not fit."""
    view = view_of(pins)
    spots = spots_of(pins, view)
    return {"data": [_points(spots, chosen), _names(spots, view), _codes(spots, view)], "layout": _layout(view)}


def view_of(pins: Sequence[Pin]) -> View:
    """All points with some land around them, in the map's own shape; the side of the world without any is left out."""
    longitudes = _beside_each_other([pin.longitude for pin in pins]) or [-150.0, 150.0]
    heights = [_height(pin.latitude) for pin in pins] or [_height(-50), _height(70)]
    wide, tall = max(longitudes) - min(longitudes), max(heights) - min(heights)
    wide = max(wide * (1 + 2 * _PADDING), tall * (1 + 2 * _PADDING) * _SHAPE, _LEAST_SPAN)
    wide = min(wide, 360.0)
    tall = wide / _SHAPE
    middle, level = (max(longitudes) + min(longitudes)) / 2, (max(heights) + min(heights)) / 2
    return View(middle - wide / 2, middle + wide / 2, _latitude(level - tall / 2), _latitude(level + tall / 2))


def _beside_each_other(longitudes: Sequence[float]) -> list[float]:
    """The widest gap lies behind the map: whoever is on both sides of the date line is shown beside each other."""
    if not longitudes:
        return []
    around = sorted(longitudes)
    gaps = [after - before for before, after in zip(around, [*around[1:], around[0] + 360], strict=True)]
    first = (gaps.index(max(gaps)) + 1) % len(around)
    return [*around[first:], *(each + 360 for each in around[:first])]


def spots_of(pins: Sequence[Pin], view: View) -> tuple[Spot, ...]:
    near = (view.east - view.west) * _ONE_POINT
    spots: list[list[Pin]] = []
    for pin in pins:
        for spot in spots:
            if math.hypot(_gap(pin, spot[0]), _height(pin.latitude) - _height(spot[0].latitude)) < near:
                spot.append(pin)
                break
        else:
            spots.append([pin])
    return tuple(Spot(tuple(spot)) for spot in spots)


def _gap(one: Pin, other: Pin) -> float:
    return (one.longitude - other.longitude + 180) % 360 - 180


def _height(latitude: float) -> float:
    """How far up Mercator draws it, in degrees of longitude."""
    clipped = math.radians(max(-_POLE, min(_POLE, latitude)))
    return math.degrees(math.log(math.tan(math.pi / 4 + clipped / 2)))


def _latitude(height: float) -> float:
    return max(-_POLE, min(_POLE, math.degrees(2 * math.atan(math.exp(math.radians(height))) - math.pi / 2)))


# --- what is drawn


def _points(spots: Sequence[Spot], chosen: Sequence[str]) -> dict[str, Any]:
    troubled = [any(pin.is_troubled for pin in spot.pins) for spot in spots]
    planned = [all(pin.is_planned for pin in spot.pins) for spot in spots]
    is_chosen = [not set(chosen).isdisjoint(spot.keys) for spot in spots]
    symbols = ["diamond" if bad else "circle-open" if plan else "circle"
               for bad, plan in zip(troubled, planned, strict=True)]  # fmt: skip
    colors = [PALETTE[Tone.BAD.chart] if bad else PALETTE[Tone.ACTIVE.chart] for bad in troubled]
    marker = {
        "symbol": symbols,
        "color": colors,
        "opacity": 1,
        "size": [(17 if bad else 13) + (3 if held else 0) for bad, held in zip(troubled, is_chosen, strict=True)],
        "line": {
            "color": [theme.GRAY_90 if held else theme.BG_COLOR for held in is_chosen],
            "width": [2.5 if held else 1.5 for held in is_chosen],
        },
    }
    texts = ["<br>".join(f"<b>{escape(pin.label, quote=False)}</b>" for pin in spot.pins) for spot in spots]
    look = {"mode": "markers", "marker": marker, "hovertext": texts, "hovertemplate": "%{hovertext}<extra></extra>"}
    return _trace(spots) | look | {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}


def _names(spots: Sequence[Spot], view: View) -> dict[str, Any]:
    return _labels(spots, [" · ".join(pin.label for pin in spot.pins) for spot in spots], view, _WIDE, 13)


def _codes(spots: Sequence[Spot], view: View) -> dict[str, Any]:
    return _labels(spots, [" · ".join(pin.short for pin in spot.pins) for spot in spots], view, _NARROW, 11)


def _labels(spots: Sequence[Spot], texts: list[str], view: View, width: int, size: int) -> dict[str, Any]:
    places = _placed(spots, texts, view, width / (view.east - view.west), size)
    look = {"mode": "markers+text", "textposition": places, "textfont": {**_INK, "size": size}, "hoverinfo": "skip"}
    look["marker"] = {"size": 19, "opacity": 0}  # the text keeps its distance from it
    return _trace(spots) | look | {"text": [escape(text, quote=False) for text in texts]}


def _trace(spots: Sequence[Spot]) -> dict[str, Any]:
    at = [spot.at for spot in spots]
    return {"type": "scattergeo", "lat": [lat for lat, _ in at], "lon": [lon for _, lon in at], "showlegend": False}


#: Where a name stands beside its point, the best place first: its middle, in parts of its own width and height.
_PLACES = {
    "middle right": (0.5, 0.0), "middle left": (-0.5, 0.0), "top center": (0.0, 1.0), "bottom center": (0.0, -1.0),
    "top right": (0.5, 1.0), "bottom right": (0.5, -1.0), "top left": (-0.5, 1.0), "bottom left": (-0.5, -1.0),
}  # fmt: skip


def _placed(spots: Sequence[Spot], texts: Sequence[str], view: View, scale: float, size: int) -> list[str]:
    """A name hides no other and no point, as long as there is a place for it."""
    points = [((spot.at[1] - view.west) % 360 * scale, _height(spot.at[0]) * scale) for spot in spots]
    taken: list[Box] = [(x - 8, y - 8, x + 8, y + 8) for x, y in points]
    right = (view.east - view.west) * scale
    places = []
    for here, ((x, y), text) in enumerate(zip(points, texts, strict=True)):
        boxes = {place: _box(x, y, text, size, *shift) for place, shift in _PLACES.items()}
        others = [box for n, box in enumerate(taken) if n != here]
        best = min(boxes, key=lambda place: _cost(boxes[place], others, right))
        taken.append(boxes[best])
        places.append(best)
    return places


def _box(x: float, y: float, text: str, size: int, across: float, up: float) -> Box:
    wide = sum(size * (1.0 if ord(letter) > 0x2E7F else 0.56) for letter in text) + 6
    middle_x, middle_y = x + across * (wide + 18), y + up * (size + 2)
    return middle_x - wide / 2, middle_y - size * 0.7, middle_x + wide / 2, middle_y + size * 0.7


def _cost(box: Box, others: Sequence[Box], right: float) -> float:
    """What it would hide, and what of it would be cut off at the sides."""
    hidden = sum(
        _shared(box[0], box[2], other[0], other[2]) * _shared(box[1], box[3], other[1], other[3]) for other in others
    )
    return hidden + 20 * (max(0.0, -box[0]) + max(0.0, box[2] - right))


def _shared(low: float, high: float, other_low: float, other_high: float) -> float:
    return max(0.0, min(high, other_high) - max(low, other_low))


def _layout(view: View) -> dict[str, Any]:
    return {
        "template": {"layout": {"bargap": 0.4}},  # an empty one would be replaced by 6 kB of plotly's own
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "dragmode": "zoom",  # of a map that means: it stays where it is, and a finger on it scrolls the page
        "hovermode": "closest",
        "clickmode": "event+select",
        "showlegend": False,
        "hoverlabel": {"font": _INK, "align": "left"},
        "geo": {
            "scope": "world",
            "resolution": 50,
            "projection": {"type": "mercator", "rotation": {"lon": view.middle}},
            "lonaxis": {"range": [view.west, view.east]},
            "lataxis": {"range": [view.south, view.north]},
            "bgcolor": "rgba(0,0,0,0)",
            "showland": True,
            "landcolor": _LAND,
            "showcountries": True,
            "countrycolor": _BORDER,
            "countrywidth": 0.7,
            "showcoastlines": True,
            "coastlinecolor": _COAST,
            "coastlinewidth": 0.7,
            "showlakes": False,
            "showocean": False,
            "showrivers": False,
            "showsubunits": False,
            "showframe": False,
        },
    }
