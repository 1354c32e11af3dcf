"""The map of the data centers: what part of the world is seen, where names stand, and whose file its shapes are."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import plotly.graph_objects as go
import pytest

from data.demo.cast import SITES
from ui.site_map import _CONFIG, SHAPES, Pin, figure, spots_of, view_of
from web.assets import FOLDER, SHELF


def pin(code: str, latitude: float, longitude: float, **about: bool) -> Pin:
    return Pin(code, f"Site {code}", code, latitude, longitude, **about)


ALL = [Pin(s.code, s.name, s.code, float(s.latitude), float(s.longitude)) for s in SITES]


def test_plotly_accepts_the_map_and_it_is_a_few_kilobytes() -> None:
    drawn = figure(ALL, chosen=("SEL1",))
    assert len(go.Figure(drawn).data) == 3
    assert len(json.dumps(drawn)) < 4_000
    assert len(go.Figure(figure([])).data) == 3, "a platform without coordinates has a map too"


def test_all_sites_are_seen_and_the_rest_of_the_world_is_not() -> None:
    view = view_of(ALL)
    assert all(view.west < one.longitude < view.east and view.south < one.latitude < view.north for one in ALL)
    assert view.west > 0 and view.east < 180, "no site is in Europe or America"
    assert view.south > -45


def test_a_single_site_is_shown_with_what_lies_around_it() -> None:
    view = view_of(ALL[:1])
    assert 5 < view.east - view.west < 20


def test_sites_on_both_sides_of_the_date_line_stand_beside_each_other() -> None:
    view = view_of([pin("NZL", -41, 175), pin("HNL", 21, -158)])
    assert view.east - view.west < 150
    assert view.west < 175 and view.east > 202


def test_sites_that_cannot_be_told_apart_are_one_point_until_the_map_is_near_enough() -> None:
    far = {spot.keys for spot in spots_of(ALL, view_of(ALL))}
    assert ("SEL1", "ICN1") in far and ("TYO1",) in far
    korea = [one for one in ALL if one.key in ("SEL1", "ICN1", "PUS1")]
    near = {spot.keys for spot in spots_of(korea, view_of(korea))}
    assert near == {("SEL1",), ("ICN1",), ("PUS1",)}


def test_trouble_is_told_by_shape_as_well_as_by_colour() -> None:
    pins = [pin("A", 10, 100), pin("B", 20, 110, is_troubled=True), pin("C", 30, 120, is_planned=True)]
    marker = figure(pins)["data"][0]["marker"]
    assert marker["symbol"] == ["circle", "diamond", "circle-open"]
    assert marker["color"][1] != marker["color"][0] == marker["color"][2]


def test_no_name_lies_over_its_neighbours() -> None:
    pins = [pin("A", 35.0, 139.0), pin("B", 35.0, 145.0), pin("C", 5.0, 100.0)]
    assert figure(pins)["data"][1]["textposition"][0] != "middle right", "there B stands"


def test_what_people_wrote_is_no_markup() -> None:
    points, names, _codes = figure([Pin("X", "<b>Hall</b>", "X", 1, 2)])["data"]
    assert "&lt;b&gt;Hall" in points["hovertext"][0]
    assert names["text"] == ["&lt;b&gt;Hall&lt;/b&gt;"]


def test_the_shapes_are_ours_light_and_complete() -> None:
    """Plotly asks `topojsonURL` for world_50m.json; its own default is another host."""
    assert _CONFIG["topojsonURL"] == SHAPES
    name = f"{SHAPES.removeprefix('/assets/').partition('/')[2]}world_50m.json"
    assert name in SHELF
    shapes = (FOLDER / name).read_bytes()
    assert len(gzip.compress(shapes, 9)) < 150_000
    assert json.loads(shapes)["objects"].keys() == {"land", "coastlines", "countries"}
    assert "MIT License" in (FOLDER / "map" / "ORIGIN.txt").read_text(encoding="utf-8")


def test_the_map_asks_for_the_file_there_is_and_for_no_layer_it_lacks() -> None:
    geo = figure(ALL)["layout"]["geo"]
    assert (geo["scope"], geo["resolution"]) == ("world", 50)
    assert not any(geo[f"show{layer}"] for layer in ("lakes", "ocean", "rivers", "subunits"))


def test_streamlit_still_hands_plotly_where_the_shapes_are() -> None:
    import streamlit

    bundle = Path(streamlit.__file__).parent / "static" / "static" / "js"
    code = next(bundle.glob("PlotlyChart.*.js")).read_text(encoding="utf-8")
    assert "topojsonURL" in code and "JSON.parse(e.config)" in code


@pytest.mark.parametrize("latitude", [-90.0, 90.0])
def test_a_site_at_a_pole_breaks_nothing(latitude: float) -> None:
    assert figure([pin("P", latitude, 0)])["data"][0]["lat"] == [latitude]
