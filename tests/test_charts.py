"""A chart says in colour, words and numbers what is in the list, and a click on it says which bar was meant."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import plotly.io
import pytest
import streamlit
from plotly.tools import return_figure_from_figure_or_data
from streamlit.testing.v1 import AppTest

from ui.charts import PALETTE, BarChart, Click, Series, _picked, figure
from ui.text import Reader, reading_as, terms
from ui.tones import TONES, Tone

KIM = Reader("ko", "Asia/Seoul")
SITES = {"SEL2": "Seoul", "TYO1": "Tokyo", "MNL1": "Biñan"}


def by_site(**changes: Any) -> BarChart:
    words = terms("ticket.category")
    states = [
        Series("open", words["open"], [22, 12, 0], Tone.ACTIVE),
        Series("paused", words["paused"], [4, 2, 1], Tone.WAITING),
        Series("done", words["done"], [35, 30, 7], Tone.QUIET),
    ]
    return BarChart("Tickets by data center", SITES, states, **changes)


def unpaid(**changes: Any) -> BarChart:
    amounts = [Decimal(52000000), Decimal(12400000), Decimal(0), Decimal(0), Decimal(2740000), Decimal(0)]
    ages = terms("invoice.ageing")
    tones = TONES["invoice.ageing"]
    balance = [Series("balance", "Balance", amounts)]
    return BarChart("Unpaid by age", ages, balance, horizontal=True, currency="KRW", tones=tones, **changes)


@pytest.mark.parametrize("chart", [by_site(), by_site(stacked=False), by_site(horizontal=True), unpaid()])
def test_plotly_accepts_every_shape(chart: BarChart) -> None:
    drawn = go.Figure(figure(chart))
    assert len(drawn.data) == len(chart.series)


def test_plotly_would_refuse_a_property_that_does_not_exist() -> None:
    wrong = figure(by_site())
    wrong["layout"]["legends"] = {"side": "top"}
    with pytest.raises(ValueError, match="legends"):
        go.Figure(wrong)


def test_a_chart_is_a_few_kilobytes_and_not_plotlys_whole_template() -> None:
    drawn = return_figure_from_figure_or_data(figure(by_site()), validate_figure=True)
    assert len(plotly.io.to_json(drawn, validate=False)) < 3500


def test_states_of_one_tone_differ_by_what_their_bars_are_filled_with() -> None:
    tones = TONES["order.status"]
    states = [Series(state, state, [1, 2, 3], tones[state]) for state in ("received", "in_progress", "installed")]
    received, in_progress, installed = figure(BarChart("Orders", SITES, states))["data"]
    assert received["marker"]["color"] == in_progress["marker"]["color"]
    assert in_progress["marker"]["pattern"]["shape"]
    assert "pattern" not in received["marker"] | installed["marker"]


def test_of_many_months_some_are_named_and_the_newest_always() -> None:
    months = {f"{n:02}": f"Month {n}" for n in range(1, 25)}
    drawn = BarChart("By month", months, [Series("n", "Tickets", [1] * 24)], over_time=True)
    named = figure(drawn)["layout"]["xaxis"]
    assert named["ticktext"][-1] == "Month<br>24"
    assert len(named["tickvals"]) == len(named["ticktext"]) <= 6
    januaries = BarChart("By month", {"1": "2026年1月"}, [Series("n", "Tickets", [1])], over_time=True)
    assert figure(januaries)["layout"]["xaxis"]["ticktext"] == ["2026年<br>1月"], "all in as many lines"
    go.Figure(figure(drawn))
    sites = figure(BarChart("By site", months, drawn.series))["layout"]["xaxis"]
    assert len(sites["ticktext"]) == 24, "what is no month is named, each of them"


@pytest.mark.parametrize(
    ("label", "drawn"),
    [
        ("Cross connect", "Cross<br>connect"),
        ("크로스 커넥트", "크로스<br>커넥트"),
        ("2024년 12월", "2024년<br>12월"),
        ("2024年12月", "2024年<br>12月"),
        ("Navi Mumbai 1", "Navi<br>Mumbai 1"),
        ("Incheon 1", "Incheon 1"),  # no number stands alone
        ("IP port", "IP port"),
        ("Rack & row", "Rack<br>&amp; row"),
    ],
)
def test_a_name_below_a_bar_stands_in_two_lines_where_one_is_wider_than_a_bar(label: str, drawn: str) -> None:
    series = [Series("n", "N", [3])]
    axis = figure(BarChart("Types", {"one": label}, series))["layout"]["xaxis"]
    assert axis["ticktext"] == [drawn]
    assert (
        "<br>"
        not in figure(BarChart("Types", {"one": label}, series, horizontal=True))["layout"]["yaxis"]["ticktext"][0]
    )


def test_names_that_need_lines_of_their_own_do_not_take_the_bars_room() -> None:
    def height(states: int) -> int:
        several = [Series(str(n), f"State {n}", [1, 2, 3]) for n in range(states)]
        return figure(BarChart("States", SITES, several))["layout"]["height"]

    assert height(8) > height(6) == height(1)


def test_the_numbers_of_a_chart_stand_in_its_place_once_that_is_asked_for() -> None:
    def page() -> None:
        from decimal import Decimal

        from ui.charts import BarChart, Series, show_chart

        amounts = Series("balance", "Balance *", [Decimal("1200.4"), Decimal(0)])
        show_chart(BarChart("Unpaid", {"a": "1 to 30", "b": "*Later*"}, [amounts], currency="KRW"), key="unpaid")

    app = AppTest.from_function(page).run()
    assert app.get("plotly_chart")
    assert not app.table
    app.toggle[0].set_value(True).run()
    assert not app.get("plotly_chart")
    (numbers,) = app.table
    assert list(numbers.value.columns) == [r"Balance \*"]
    assert list(numbers.value.index) == ["1 to 30", r"\*Later\*"]
    assert list(numbers.value.iloc[:, 0]) == ["₩1,200", "₩0"]


def test_a_state_has_the_same_colour_in_every_chart_and_it_is_the_themes() -> None:
    colors = [bars["marker"]["color"] for bars in figure(by_site())["data"]]
    assert colors == [PALETTE[0], PALETTE[3], PALETTE[6]]
    assert figure(unpaid())["data"][0]["marker"]["color"][-2] == PALETTE[Tone.BAD.chart]
    assert len(set(PALETTE)) == 10


def test_series_without_a_tone_never_look_like_an_alarm() -> None:
    kinds = [Series(str(n), f"Kind {n}", [1, 2, 3]) for n in range(6)]
    colors = {bars["marker"]["color"] for bars in figure(BarChart("Kinds", SITES, kinds))["data"]}
    assert len(colors) == 6
    assert not colors & {PALETTE[Tone.BAD.chart], PALETTE[Tone.WAITING.chart]}


def test_the_browser_still_puts_the_themes_colours_in_place_of_ours() -> None:
    """The colours we name are Streamlit's own placeholders; a release without them would paint every bar black."""
    bundle = Path(streamlit.__file__).parent / "static" / "static" / "js"
    code = next(bundle.glob("PlotlyChart.*.js")).read_text(encoding="utf-8")
    assert all(color in code for color in PALETTE)


def test_the_reader_sees_words_and_the_filter_gets_keys() -> None:
    with reading_as(KIM):
        chart = by_site()
        drawn = figure(chart)
    assert [bars["name"] for bars in drawn["data"]] == ["처리 중", "일시 중지", "완료"]
    assert drawn["layout"]["xaxis"]["ticktext"] == ["Seoul", "Tokyo", "Biñan"]
    assert drawn["layout"]["xaxis"]["tickvals"] == [0, 1, 2]
    assert [bars["hovertemplate"].partition("<br>")[0] for bars in drawn["data"]] == [
        "<b>처리 중</b>",
        "<b>일시 중지</b>",
        "<b>완료</b>",
    ]
    clicked = {"selection": {"points": [{"curve_number": 1, "x": 1, "y": 2}]}}
    assert _picked(chart, clicked) == Click("TYO1", "paused")


def test_a_click_on_a_lying_bar_names_it_too_and_no_click_names_none() -> None:
    clicked = {"selection": {"points": [{"curve_number": 0, "x": 12400000, "y": 1}]}}
    assert _picked(unpaid(), clicked) == Click("1_30", "balance")
    assert _picked(unpaid(), {"selection": {"points": []}}) is None


def test_things_that_are_counted_have_no_half_ticks() -> None:
    few = BarChart("Few", SITES, [Series("n", "Number", [1, 2, 0])])
    assert figure(few)["layout"]["yaxis"]["tickvals"] == [0, 1, 2]
    many = figure(by_site())["layout"]["yaxis"]
    assert many["tickvals"] == [0, 20, 40, 60, 80]
    assert many["range"][1] >= 61  # the tallest stack


def test_credit_below_zero_stays_in_the_picture() -> None:
    chart = BarChart(
        "Balance", SITES, [Series("b", "Balance", [Decimal(-50), Decimal(200), Decimal(0)])], currency="USD"
    )
    axis = figure(chart)["layout"]["yaxis"]
    assert axis["range"][0] < -50
    assert axis["tickvals"][0] < 0 < axis["tickvals"][-1]


def test_hover_and_axis_are_written_as_the_reader_writes() -> None:
    with reading_as(KIM):
        drawn = figure(unpaid())
    assert drawn["data"][0]["customdata"][0] == "기한 전: ₩52,000,000"
    assert "2000만" in drawn["layout"]["xaxis"]["ticktext"]


def test_what_people_wrote_is_not_markup_in_a_chart() -> None:
    name = "<a href='https://evil.example'>Bolt & Co</a>"
    drawn = figure(BarChart("Customers", {"bolt": name}, [Series("n", "<b>N</b>", [3])]))
    shown = str(drawn["layout"]["xaxis"]["ticktext"]) + str(drawn["data"][0]["customdata"]) + drawn["data"][0]["name"]
    assert "<a" not in shown
    assert "<b>N" not in shown
    assert "Bolt &amp; Co" in drawn["data"][0]["customdata"][0]
    several = figure(BarChart("Customers", {"bolt": name}, [Series("n", "<b>N</b>", [3]), Series("m", "M", [3])]))
    assert "&lt;b&gt;N&lt;/b&gt;" in several["data"][0]["hovertemplate"]


def test_a_long_name_is_shortened_on_the_axis_and_whole_in_the_hover() -> None:
    name = "A company whose name would push all bars out of the picture"
    drawn = figure(BarChart("Customers", {"long": name}, [Series("n", "N", [3])]))
    assert len(drawn["layout"]["xaxis"]["ticktext"][0].replace("<br>", " ")) <= 22
    assert name in drawn["data"][0]["customdata"][0]


def test_who_does_not_see_the_chart_hears_its_numbers() -> None:
    assert by_site().alt() == "Tickets by data center: Seoul 61, Tokyo 44, Biñan 8"
    many = {str(n): f"Site {n}" for n in range(30)}
    spoken = BarChart("Tickets", many, [Series("n", "N", list(range(30)))]).alt()
    assert spoken.endswith("Site 11 11, and 18 more")


def test_a_chart_of_nothing_says_so_and_draws_nothing() -> None:
    def script() -> None:
        from ui.charts import BarChart, Series, show_chart

        show_chart(BarChart("Nothing", {"a": "A"}, [Series("n", "N", [0])]), key="none")
        show_chart(BarChart("Something", {"a": "A"}, [Series("n", "N", [1])]), key="some", on_pick=print)

    app = AppTest.from_function(script).run()
    assert not app.exception
    assert [caption.value for caption in app.caption] == ["Nothing to show for this choice."]
    assert len(app.get("plotly_chart")) == 1
    assert '"height":240' in app.get("plotly_chart")[0].proto.spec
