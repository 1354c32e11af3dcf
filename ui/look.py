"""The building blocks of every page: title row, cards, status; and the little CSS the theme cannot say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.terms import TERMS, term
from ui.tones import TONES, tone

#: Behind the sheets, a shade darker than they are; everything else comes from .streamlit/config.toml.
PAGE = {"light": "#F4F5F8", "dark": "#0B0E13"}


@cache
def css() -> str:
    """For the page itself (web/index_page.py): the same for everybody, so no run sends it."""
    option = st.get_option
    sheet = f"light-dark({st.get_option('theme.light.backgroundColor')}, {st.get_option('theme.dark.backgroundColor')})"
    line = f"light-dark({st.get_option('theme.light.borderColor')}, {st.get_option('theme.dark.borderColor')})"
    accent = f"light-dark({st.get_option('theme.light.primaryColor')}, {st.get_option('theme.dark.linkColor')})"
    page = f"light-dark({PAGE['light']}, {PAGE['dark']})"
    own = f"light-dark({option('theme.light.blueBackgroundColor')}, {option('theme.dark.blueBackgroundColor')})"
    amber = f"light-dark({option('theme.light.orangeBackgroundColor')}, {option('theme.dark.orangeBackgroundColor')})"
    amber_line = f"light-dark({option('theme.light.orangeColor')}, {option('theme.dark.orangeColor')})"
    return f"""
/* Cards and tables are sheets on a desk: the theme has one background, so the desk is painted here. */
[data-testid="stMain"] {{ background: {page}; }}
[data-testid="stHeader"] {{ background: {sheet}; border-bottom: 1px solid {line}; }}
[class*="st-key-card-"] {{ background: {sheet}; }}
/* Headings of cards bring a page heading's margins. */
[class*="st-key-card-"] h2 {{ padding: 0 0 .85rem; }}
/* Headings in a dialog would be smaller than its text. */
[role="dialog"] h3 {{ font-size: 1.1rem; padding: 0 0 .5rem; }}
/* Digits keep their place when numbers change under the eye. */
[data-testid="stMain"] {{ font-variant-numeric: tabular-nums; }}
/* In the dark no one blue carries white words and is read on black too: what is chosen takes the lighter. */
[data-testid="stButtonGroup"] [data-selected="true"] *,
[role="tab"][aria-selected="true"] * {{ color: {accent} !important; }}
/* Walls (ui/wall.py): all of a figure is its link: label, number and note below each other, its icon at the right. */
.st-key-figures > .stGridCell, [class*="st-key-cards"] > .stGridCell {{ background: {sheet}; position: relative;
  transition: border-color 120ms; }}
.st-key-figures > .stGridCell:has(a):hover {{ border-color: {accent}; }}
.st-key-figures .stElementContainer {{ margin: 0; }}
.st-key-figures a {{ margin: 0; flex-direction: row-reverse; justify-content: space-between; align-items: flex-start;
  width: 100%; padding: 0; min-height: 0; background: none; }}
.st-key-figures a::after {{ content: ""; position: absolute; inset: 0; }}
.st-key-figures p {{ font-size: .9rem; line-height: 1.7; margin: 0; }}
.st-key-figures p > * {{ display: block; white-space: normal; }}
.st-key-figures p > strong {{ font-size: 1.9rem; font-weight: 600; line-height: 1.4; }}
[class*="st-key-cards"] h2 {{ padding: 0 0 .35rem; }}
.st-key-cards [data-testid="stPageLink"] a {{ padding: 0; min-height: 0; background: none; }}
.st-key-cards [data-testid="stPageLink"] p > strong {{ font-size: 1.15rem; font-weight: 650; }}
/* Where only one page is theirs Streamlit draws no menu, and forgets that the header stands there all the same. */
body:has(#portal-header > *) [data-testid="stMainBlockContainer"] {{ padding-top: 5rem; }}
/* What stands at the top left and right (static/header.js) says how wide it is. */
[data-testid="stHeader"] {{ padding-left: calc(var(--portal-home-width, 0px) + 1.5rem);
  padding-right: calc(var(--portal-header-width, 0px) + 1.5rem); }}
/* On a phone filters stand two beside each other, and the rows come before the charts. */
@media (max-width: 640px) {{
  [class*="st-key-filters-"] > div {{ flex: 1 1 45%; min-width: 0; width: 45% !important; }}
  [class*="st-key-filters-"] [data-testid="stWidgetLabel"] {{ min-height: 1.2rem; }}
  [data-testid="stLayoutWrapper"]:has(> [class*="-summary-"], > div > div > [class*="-summary-"]) {{ order: 2; }}
}}
/* Requests: side by side where there is room, else one menu. */
[data-testid="stLayoutWrapper"]:has(> .st-key-requests-phone) {{ display: none; }}
@media (max-width: 900px) {{
  [data-testid="stLayoutWrapper"]:has(> .st-key-requests-wide) {{ display: none; }}
  [data-testid="stLayoutWrapper"]:has(> .st-key-requests-phone) {{ display: flex; }}
}}
/* A conversation: one's own words at the right, others' at the left; what customers never see is amber and dashed. */
[class*="st-key-bubble-"] {{ border: 1px solid {line}; border-radius: .75rem; padding: .6rem .9rem; }}
[class*="st-key-bubble-mine"] {{ margin-left: 10%; width: 90%; border-bottom-right-radius: .15rem;
  background: {own}; }}
[class*="st-key-bubble-theirs"] {{ margin-right: 10%; width: 90%; border-bottom-left-radius: .15rem; }}
[class*="st-key-bubble-internal"], .st-key-reply-internal {{ border: 1px dashed {amber_line};
  background: {amber}; }}
.st-key-reply-internal, .st-key-reply-open {{ border-radius: .75rem; padding: .9rem; }}
.st-key-reply-open {{ border: 1px solid {line}; }}
/* Totals above a chart: a block for each currency, beside each other. */
[class*="st-key-card-summary-"] .stMarkdown [data-testid="stMarkdownContainer"] {{
  display: flex; flex-wrap: wrap; gap: .75rem 2.5rem; margin: 0; }}
[class*="st-key-card-summary-"] .stMarkdown p {{ margin: 0; }}
/* A list: in one line how many there are, at the right a report of exactly these; below it all the width for them. */
[class*="st-key-card-"][class*="-rows"] > :has(.stDataFrame, [class*="st-key-empty-"]) {{
  flex: 1 0 100%; max-width: 100%; }}
[data-testid="stMarkdownContainer"]:has(> p > a[href^="/reports/"]) {{ margin-bottom: 0; }}
p:has(> a[href^="/reports/"]) {{ display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; margin: 0; }}
p > a[href^="/reports/"] {{ margin-left: auto; padding: .45rem .85rem; font-size: .9em; border: 1px solid {line};
  border-radius: .5rem; color: inherit !important; text-decoration: none !important; white-space: nowrap; }}
p > a[href^="/reports/"]:hover {{ border-color: {accent}; color: {accent} !important; }}
p > a[href^="/reports/"]:focus-visible {{ outline: 2px solid {accent}; outline-offset: 2px; }}
"""


def title(text: str, *, actions: Callable[[], object] | None = None) -> None:
    """The first row of a page: its name, and what one can do here at the right."""
    with st.container(horizontal=True, vertical_alignment="center", key="title-row"):
        st.title(text, anchor=False, width="stretch")
        if actions is not None:
            actions()


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
