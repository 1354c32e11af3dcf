"""Walls of figures and cards for pages that show much at once: each figure is one link, each card one block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.elements.lib.grid_container import GridContainer

from data.listing import Asked, ListSpec
from ui import links
from ui.tones import Tone

#: The looks of all are in ui/look.css.
FIGURES, CARDS, STRIPS = "figures", "cards", "strips"


@dataclass(frozen=True)
class Link:
    """To a page, with what to ask there; a page the reader does not have is None, and then there is no link."""

    page: Any | None
    params: Mapping[str, Any]

    def follow(self) -> None:
        """Go there now."""
        if self.page is not None:
            st.switch_page(self.page, query_params=self.params)


def to_list(spec: ListSpec, asked: Asked) -> Link:
    """To a list that shows exactly what is asked."""
    return Link(links.page_at(spec.name), asked.parameters(spec))


def to_page(path: str, **params: str) -> Link:
    return Link(links.page_at(path), params)


def figures(columns: int = 4) -> GridContainer:
    """A row of figures of equal size; two beside each other on a phone."""
    return st.grid(columns, min_column_width=150, gap="small", border=True, key=FIGURES)


def figure(label: str, value: str, *, link: Link | None = None, note: str = "", tone: Tone | None = None) -> None:
    """One figure that leads to the list behind it, with a note in words; colour only says again what the note says."""
    said = f":small[:{tone.badge if tone else 'gray'}[{note}]]" if note else ""
    text = f"{label} **{value}** {said}"
    if link is None or link.page is None:
        st.markdown(text)
    else:
        st.page_link(link.page, label=text, query_params=link.params, width="stretch")


@dataclass(frozen=True)
class Strip:
    """One line across the page that should not be missed, and leads on."""

    text: str
    icon: str
    link: Link


def strips(lines: Sequence[Strip], *, key: str = "") -> None:
    """All of them in one box, which costs a run less than one for each; `key`: where a page has several boxes."""
    if not lines:
        return
    with st.grid(1, gap="small", border=True, key=f"{STRIPS}{key and '-'}{key}"):
        for strip in lines:
            line(strip.text, strip.link, icon=strip.icon)


def cards(columns: int = 3, *, key: str = "") -> GridContainer:
    """A wall of sheets: `with wall.cell(column_span=2):` is one of them. `key`: where a page has several walls."""
    return st.grid(columns, min_column_width=320, gap="small", border=True, key=f"{CARDS}{key and '-'}{key}")


def heading(text: str, link: Link | None = None) -> None:
    """What a sheet is about; where there is more of it, the words lead there."""
    if link is None or link.page is None:
        st.header(text, anchor=False)
    else:
        st.page_link(link.page, label=f"**{text}**", icon=":material/chevron_right:", icon_position="right",
                     query_params=link.params)  # fmt: skip


def line(text: str, link: Link, *, icon: str) -> None:
    """One line that leads to more, as at the end of a sheet."""
    if link.page is None:
        st.markdown(f"{icon} {text}")
    else:
        st.page_link(link.page, label=text, icon=icon, query_params=link.params, width="stretch")
