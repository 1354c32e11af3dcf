"""The building blocks of every page: title row, tiles, cards, status; and the little CSS the theme cannot say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.terms import TERMS, term
from ui.tones import TONES, Tone, tone

#: Behind the sheets, a shade darker than they are; everything else comes from .streamlit/config.toml.
PAGE = {"light": "#F4F5F8", "dark": "#0B0E13"}


def apply() -> None:
    """Once per run, before anything is drawn."""
    st.html(_css())


@cache
def _css() -> str:
    sheet = f"light-dark({st.get_option('theme.light.backgroundColor')}, {st.get_option('theme.dark.backgroundColor')})"
    line = f"light-dark({st.get_option('theme.light.borderColor')}, {st.get_option('theme.dark.borderColor')})"
    accent = f"light-dark({st.get_option('theme.light.primaryColor')}, {st.get_option('theme.dark.linkColor')})"
    page = f"light-dark({PAGE['light']}, {PAGE['dark']})"
    return f"""<style>
/* Cards and tables are sheets on a desk: the theme has one background, so the desk is painted here. */
[data-testid="stMain"] {{ background: {page}; }}
[data-testid="stHeader"] {{ background: {sheet}; border-bottom: 1px solid {line}; }}
[class*="st-key-card-"], [class*="st-key-tile-"] {{ background: {sheet}; }}
/* Headings of cards bring a page heading's margins. */
[class*="st-key-card-"] h2 {{ padding: 0 0 .85rem; }}
/* Headings in a dialog would be smaller than its text. */
[role="dialog"] h3 {{ font-size: 1.1rem; padding: 0 0 .5rem; }}
/* Digits keep their place when numbers change under the eye. */
[data-testid="stMain"] {{ font-variant-numeric: tabular-nums; }}
/* In the dark no one blue carries white words and is read on black too: what is chosen takes the lighter. */
[data-testid="stButtonGroup"] [data-selected="true"] *,
[role="tab"][aria-selected="true"] * {{ color: {accent} !important; }}
/* The whole tile is its link, not the words alone; its icon stands at the right. */
[class*="st-key-tile-"] {{ position: relative; transition: border-color 120ms; }}
[class*="st-key-tile-"]:has(a):hover {{ border-color: {accent}; }}
[class*="st-key-tile-"] a {{ flex-direction: row-reverse; justify-content: space-between; width: 100%; padding: 0;
  min-height: 0; background: none; }}
[class*="st-key-tile-"] a::after {{ content: ""; position: absolute; inset: 0; }}
/* Walls (ui/wall.py): a figure is one link with label, number and note below each other; headings too. */
.st-key-figures > .stGridCell, .st-key-cards > .stGridCell {{ background: {sheet}; position: relative;
  transition: border-color 120ms; }}
.st-key-figures > .stGridCell:has(a):hover {{ border-color: {accent}; }}
.st-key-figures .stElementContainer {{ margin: 0; }}
.st-key-figures a {{ margin: 0; flex-direction: row-reverse; justify-content: space-between; align-items: flex-start;
  width: 100%; padding: 0; min-height: 0; background: none; }}
.st-key-figures a::after {{ content: ""; position: absolute; inset: 0; }}
.st-key-figures p {{ font-size: .9rem; line-height: 1.7; margin: 0; }}
.st-key-figures p > * {{ display: block; }}
.st-key-figures p > strong {{ font-size: 1.9rem; font-weight: 600; line-height: 1.4; }}
.st-key-cards h2 {{ padding: 0 0 .35rem; }}
.st-key-cards [data-testid="stPageLink"] a {{ padding: 0; min-height: 0; background: none; }}
.st-key-cards [data-testid="stPageLink"] p > strong {{ font-size: 1.15rem; font-weight: 650; }}
/* Company, bell, envelope, language, account sit in the header; on a phone in the page, clear of the menu. */
@media (min-width: 900px) {{
  .st-key-header {{ position: fixed; top: .45rem; right: 1rem; z-index: 1000000; width: auto !important; }}
  [data-testid="stHeader"] {{ padding-right: 32rem; }}
}}
/* Bell and envelope: the icon and the badge are seen, the words are for screen readers. */
[class*="st-key-news-"] p {{ font-size: 0; }}
[class*="st-key-news-"] p .stMarkdownBadge {{ font-size: .75rem; }}
/* On a phone filters stand two beside each other, and the rows come before the charts. */
@media (max-width: 640px) {{
  [class*="st-key-filters-"] > div {{ flex: 1 1 45%; min-width: 0; width: 45% !important; }}
  [class*="st-key-filters-"] [data-testid="stWidgetLabel"] {{ min-height: 1.2rem; }}
  [data-testid="stLayoutWrapper"]:has(> [class*="st-key-summary-"]) {{ order: 2; }}
}}
@media print {{ .st-key-header {{ display: none; }} }}
</style>"""


def title(text: str, *, actions: Callable[[], object] | None = None) -> None:
    """The first row of a page: its name, and what one can do here at the right."""
    with st.container(horizontal=True, vertical_alignment="center", key="title-row"):
        st.title(text, anchor=False, width="stretch")
        if actions is not None:
            actions()


def card(heading: str | None = None, *, key: str, fill: bool = False) -> DeltaGenerator:
    """A sheet: `with card(_("Recent tickets"), key="recent"):`. `fill` makes it as tall as its neighbour."""
    sheet = st.container(border=True, key=f"card-{key}", height="stretch" if fill else "content")
    if heading:
        sheet.header(heading, anchor=False)
    return sheet


def tiles() -> AbstractContextManager[Any]:
    """A row of tiles of equal size; two beside each other on a phone."""
    return st.grid(4, min_column_width=150, gap="small")


def tile(
    label: str,
    value: str,
    *,
    key: str,
    page: Any = None,
    params: Mapping[str, str] | None = None,
    note: str = "",
    tone: Tone | None = None,
) -> None:
    """One figure that leads to the list behind it, with a note in words; colour only says again what the note says."""
    with st.container(border=True, key=f"tile-{key}", gap="xxsmall", height="stretch"):
        if page is None:
            st.markdown(label)
        else:
            st.page_link(page, label=label, query_params=dict(params or {}), width="stretch")
        st.metric(label, value, label_visibility="collapsed")
        st.markdown(f":small[:{tone.badge if tone else 'gray'}[{note}]]" if note else "")


def status_badge(vocabulary: str, value: str) -> None:
    st.badge(term(vocabulary, value), color=tone(vocabulary, value).badge)


def status_column(label: str, vocabulary: str, **options: Any) -> Any:
    """A column of states in colour and words; each cell is a list of one stored value: `[[s] for s in states]`."""
    values = list(TERMS[vocabulary])
    colors = [TONES[vocabulary][value].badge for value in values]
    return st.column_config.MultiselectColumn(
        label,
        options=values,
        color=colors,
        format_func=lambda value: term(vocabulary, value),
        **options,
    )
