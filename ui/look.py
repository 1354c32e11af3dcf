"""The building blocks of every page: title row, cards, status; and the little CSS the theme cannot say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui import links
from ui.terms import TERMS, term
from ui.tones import TONES, tone
from ui.words import _

#: Behind the sheets, a shade darker than they are; everything else comes from .streamlit/config.toml.
PAGE = {"light": "#F4F5F8", "dark": "#0B0E13"}
#: What the theme cannot say.
RULES = Path(__file__).with_name("look.css")


@cache
def css() -> str:
    """For the page itself (web/index_page.py): the same for everybody, so no run sends it."""
    return colors() + RULES.read_text(encoding="utf-8")


def colors() -> str:
    """The theme's colours by the names that style sheets know: ours, the header's, the missing page's."""
    named = {
        "text": _of_theme("textColor"),
        "sheet": _of_theme("backgroundColor"),
        "page": f"light-dark({PAGE['light']}, {PAGE['dark']})",
        "line": _of_theme("borderColor"),
        "action": _of_theme("primaryColor"),
        "accent": _of_theme("primaryColor", "linkColor"),
        "own": _of_theme("blueBackgroundColor"),
        "amber": _of_theme("orangeBackgroundColor"),
        "amber-line": _of_theme("orangeColor"),
    }
    return f":root {{ {' '.join(f'--{name}: {color};' for name, color in named.items())} }}\n"


def font() -> str:
    """The font of our texts, for a page on which Streamlit does not run: it brings the file."""
    (file,) = (Path(st.__file__).parent / "static" / "static" / "media").glob("SourceSansVF-Upright.*.woff2")
    address = f"/static/media/{file.name}"
    face = f'font-family: "Source Sans"; font-weight: 200 900; font-display: swap; src: url("{address}")'
    return f"@font-face {{ {face}; }}\n"


def _of_theme(light: str, dark: str = "") -> str:
    """A colour that .streamlit/config.toml gives both themes, in the one that is on."""
    return f"light-dark({st.get_option(f'theme.light.{light}')}, {st.get_option(f'theme.dark.{dark or light}')})"


def title(text: str, *, actions: Callable[[], object] | None = None) -> None:
    """The first row of a page: its name, the way to what the guide says about it, and what one can do here at the
    right."""
    with st.container(horizontal=True, vertical_alignment="center", key="title-row"):
        st.title(text, anchor=False, width="stretch")
        _way_to_help()
        if actions is not None:
            actions()


def _way_to_help() -> None:
    """A question mark (ui/look.css); who does not see it hears "Help with this page"."""
    section, page = links.help_of_this_page(), links.page_at(links.HELP)
    if section and page is not None:
        label = _("Help with this page")
        st.page_link(page, label=label, icon=":material/help:", query_params={links.SECTION: section})


def card(heading: str | None = None, *, key: str, fill: bool = False, horizontal: bool = False) -> DeltaGenerator:
    """A sheet: `with card(_("Recent tickets"), key="recent"):`. `fill` makes it as tall as its neighbour; `horizontal`:
    what is on it stands beside each other where there is room."""
    sheet = st.container(
        border=True,
        key=f"card-{key}",
        height="stretch" if fill else "content",
        horizontal=horizontal,
        vertical_alignment="center" if horizontal else "top",
    )
    if heading:
        sheet.header(heading, anchor=False)
    return sheet


def status_badge(vocabulary: str, value: str) -> None:
    st.badge(term(vocabulary, value), color=tone(vocabulary, value).badge)


def status_column(label: str, vocabulary: str, *, values: Sequence[str] | None = None, **options: Any) -> Any:
    """A column of states in colour and words; each cell is a list of one stored value: `[[s] for s in states]`.

    `values` are those that occur, where they are known: each one travels with its word and colour."""
    values = list(TERMS[vocabulary] if values is None else values)
    colors = [TONES[vocabulary][value].badge for value in values]
    return st.column_config.MultiselectColumn(
        label,
        options=values,
        color=colors,
        format_func=lambda value: term(vocabulary, value),
        **options,
    )
