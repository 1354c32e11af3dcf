"""The theme can be read by everyone, in light and in dark, and asks no other host."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from ui import look
from ui.terms import TERMS
from ui.tones import TONES, Tone
from web.index_page import STREAMLITS_CHOICE, wears

ROOT = Path(look.__file__).resolve().parent.parent
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
SCRIPTS = Path(streamlit.__file__).parent / "static" / "static" / "js"
READABLE, VISIBLE = 4.5, 3.0  # WCAG AA: text, and shapes that mean something
BADGES = ("blue", "green", "orange", "yellow", "red", "violet", "gray")
FADED = 0.6  # how much of the text colour Streamlit leaves in captions, placeholders and menu icons

RGB = tuple[float, float, float]


def rgb(color: str) -> RGB:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def over(ink: str, paper: str, share: float) -> RGB:
    """What the eye sees of a translucent colour."""
    red, green, blue = (i * share + p * (1 - share) for i, p in zip(rgb(ink), rgb(paper), strict=True))
    return red, green, blue


def luminance(color: RGB) -> float:
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: RGB, other: RGB) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> dict[str, Any]:
    return CONFIG["theme"][request.param] | {"page": look.PAGE[request.param], "name": request.param}


def test_the_measure_knows_black_on_white_and_a_pale_grey() -> None:
    assert round(contrast(rgb("#000000"), rgb("#FFFFFF")), 1) == 21.0
    assert contrast(rgb("#999999"), rgb("#FFFFFF")) < READABLE


@pytest.mark.parametrize("paper", ["backgroundColor", "secondaryBackgroundColor", "page"])
def test_text_and_captions_can_be_read(theme: dict[str, Any], paper: str) -> None:
    assert contrast(rgb(theme["textColor"]), rgb(theme[paper])) >= 7
    assert contrast(over(theme["textColor"], theme[paper], FADED), rgb(theme[paper])) >= READABLE
    assert contrast(rgb(theme["linkColor"]), rgb(theme[paper])) >= READABLE


def test_the_main_button_can_be_read_and_seen(theme: dict[str, Any]) -> None:
    assert contrast(rgb("#FFFFFF"), rgb(theme["primaryColor"])) >= READABLE
    assert contrast(rgb(theme["primaryColor"]), rgb(theme["backgroundColor"])) >= VISIBLE


@pytest.mark.parametrize("badge", BADGES)
def test_badges_and_coloured_words_can_be_read(theme: dict[str, Any], badge: str) -> None:
    words = rgb(theme[f"{badge}TextColor"])
    for paper in (f"{badge}BackgroundColor", "backgroundColor", "page"):
        assert contrast(words, rgb(theme[paper])) >= READABLE, paper


@pytest.mark.parametrize("badge", BADGES)
def test_a_status_in_a_table_can_be_read(theme: dict[str, Any], badge: str) -> None:
    """Cells of `status_column` write in the text colour on the badge's background."""
    assert contrast(rgb(theme["textColor"]), rgb(theme[f"{badge}BackgroundColor"])) >= READABLE


def test_table_headings_can_be_read(theme: dict[str, Any]) -> None:
    heading = rgb(theme["dataframeHeaderTextColor"])
    assert contrast(heading, rgb(theme["dataframeHeaderBackgroundColor"])) >= READABLE


def test_bars_stand_out_from_their_card(theme: dict[str, Any]) -> None:
    colors = theme["chartCategoricalColors"]
    assert len(colors) == 10
    assert {color: contrast(rgb(color), rgb(theme["backgroundColor"])) >= VISIBLE for color in colors} == dict.fromkeys(
        colors, True
    )


def test_every_state_of_a_vocabulary_has_a_tone_and_every_tone_its_own_colour() -> None:
    assert {
        name: set(tones) ^ set(TERMS[name]) for name, tones in TONES.items() if set(tones) != set(TERMS[name])
    } == {}
    assert len({tone.chart for tone in Tone}) == len({tone.badge for tone in Tone}) == len(Tone)


def test_late_is_red_and_settled_is_green() -> None:
    assert TONES["invoice.payment"]["overdue"] is TONES["clock.state"]["breached"] is Tone.BAD
    assert TONES["invoice.payment"]["paid"] is TONES["clock.state"]["met"] is Tone.GOOD
    assert Tone.BAD not in TONES["order.status"].values()


def test_streamlit_runs_as_we_measured_it() -> None:
    assert CONFIG["runner"] == {"magicEnabled": False, "postScriptGC": False}
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["client"]["disableDataExport"] is True  # Generate report asks whether one may
    assert CONFIG["server"]["maxUploadSize"] == 50  # who may send more than ten, web/large_uploads.py asks
    assert CONFIG["server"]["fileWatcherType"] == "none"


def test_streamlit_knows_every_option_we_set() -> None:
    from streamlit import config

    known = set(config.get_config_options())
    ours = {f"{section}.{key}" for section, options in CONFIG.items() for key in _flat(options)}
    assert ours - known == set()


def _flat(options: dict[str, Any], before: str = "") -> list[str]:
    names = []
    for key, value in options.items():
        names += _flat(value, f"{before}{key}.") if isinstance(value, dict) else [before + key]
    return names


def test_theme_and_logos_ask_no_other_host() -> None:
    logos = sorted((ROOT / "static").glob("*.svg"))
    assert {logo.name for logo in logos} >= {"logo.svg", "logo-light.svg", "logo-dark.svg", "icon.svg"}
    for logo in logos:
        drawn = logo.read_text(encoding="utf-8")
        assert ET.fromstring(drawn).get("aria-label")
        assert not re.search(r"href|url\(|@import|<script|<text", drawn.replace("http://www.w3.org/2000/svg", ""))
    assert "://" not in str(CONFIG["theme"])
    assert "url(" not in look.css()
    assert "//" not in look.css()


def test_the_sheets_have_the_themes_colours() -> None:
    css = look.css()
    assert (
        f"light-dark({CONFIG['theme']['light']['backgroundColor']}, {CONFIG['theme']['dark']['backgroundColor']})"
        in css
    )
    assert "None" not in css


def test_a_page_of_building_blocks_runs() -> None:
    def script() -> None:
        import streamlit as st

        from ui import look

        look.title("Tickets", actions=lambda: st.button("New"))
        with look.card("Recent", key="recent"):
            look.status_badge("ticket.status", "on_hold")
            st.dataframe(
                {"status": [["resolved"]]}, column_config={"status": look.status_column("Status", "ticket.status")}
            )

    app = AppTest.from_function(script).run()
    assert not app.exception
    assert app.title[0].value == "Tickets"
    assert ":orange-badge[" in app.markdown[-1].value


def test_streamlit_keeps_what_a_reader_chose_where_the_page_writes_it():
    """A new Streamlit may keep it elsewhere: then the choice in the settings would change nothing."""
    before, after = STREAMLITS_CHOICE
    scripts = "".join(file.read_text(encoding="utf-8") for file in SCRIPTS.glob("utils.*.js"))
    assert f"`{before}${{window.location.pathname}}`" in scripts
    assert re.search(r"var (\w+)=2,(\w+)=`" + before, scripts) and after == "-v2"
    assert "===`Light`" in scripts and "===`Dark`" in scripts
    said = wears()
    assert said.count(before) == 1 and "; )portal_theme=" in said
    assert not [word for word in ("COOKIE", "BEFORE", "AFTER") if word in said]
