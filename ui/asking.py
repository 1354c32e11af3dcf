"""What a page is asked stands in its address, in words of no language: choices, words to look for, the page number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import streamlit as st

from data.listing.search import MAX_WORDS, tidy
from ui.words import _

T = TypeVar("T")


def choose_one(name: str, label: str, words: Mapping[str, str]) -> str:
    """One of several, the first unless the address says another; every one has a button."""
    asked = st.query_params.get(name, "")
    current = asked if asked in words else next(iter(words))
    key = f"{name}={current}"  # another address draws it anew
    st.segmented_control(
        label,
        list(words),
        default=current,
        required=True,
        format_func=words.__getitem__,
        key=key,
        on_change=lambda: _ask(name, [str(st.session_state[key])], unless=next(iter(words))),
        label_visibility="collapsed",
    )
    return current


def choose_some(name: str, label: str, words: Mapping[str, str]) -> tuple[str, ...]:
    """Any number of several; none means all."""
    current = tuple(value for value in dict.fromkeys(st.query_params.get_all(name)) if value in words)
    key = f"{name}={','.join(current)}"
    st.pills(
        label,
        list(words),
        default=list(current),
        selection_mode="multi",
        format_func=words.__getitem__,
        key=key,
        on_change=lambda: _ask(name, list(st.session_state[key])),
        label_visibility="collapsed",
    )
    return current


def choose_among(
    name: str, label: str, words: Mapping[str, str], *, default: str | None = None, placeholder: str | None = None
) -> str:
    """One of many in a list to search in. Without a default none is all (or what the placeholder says), and the empty
    string."""
    asked = st.query_params.get(name, "")
    current = asked if asked in words else default
    key = f"{name}={asked}"

    def change() -> None:
        chosen = st.session_state[key]
        _ask(name, [] if chosen is None else [str(chosen)], unless=default)

    st.selectbox(
        label,
        list(words),
        list(words).index(current) if current is not None else None,
        format_func=words.__getitem__,
        placeholder=placeholder or _("All"),
        key=key,
        on_change=change,
        width=195,
    )
    return current or ""


def choose_several(name: str, label: str, words: Mapping[str, str]) -> tuple[str, ...]:
    """Any number of many; none means all."""
    current = tuple(value for value in dict.fromkeys(st.query_params.get_all(name)) if value in words)
    key = f"{name}={','.join(current)}"
    st.multiselect(
        label,
        list(words),
        default=list(current),
        format_func=words.__getitem__,
        placeholder=_("All"),
        key=key,
        on_change=lambda: _ask(name, list(st.session_state[key])),
        width=195,
    )
    return current


def leave(label: str, *names: str) -> None:
    """Back to what the page shows when its address does not say these. A link to the page itself shows that as well,
    but the browser's address would go on saying them."""

    def left() -> None:
        for name in names:
            st.query_params.pop(name, None)

    st.button(label, icon=":material/arrow_back:", type="tertiary", key=f"leave.{names[0]}", on_click=left)


def words_to_look_for(label: str) -> str:
    """A search field; its words stand in the address as `q`."""
    words = st.text_input(
        label,
        "",
        key="q",
        max_chars=MAX_WORDS,
        type="search",
        placeholder=label,
        icon=":material/search:",
        label_visibility="collapsed",
        bind="query-params",
        on_change=lambda: st.query_params.pop("page", None),
        width=300,
    )
    return tidy(words or "")


def page_number() -> int:
    """The page the address names, the first if it names none."""
    asked = st.query_params.get("page", "")
    return int(asked) if asked.isascii() and asked.isdigit() and 0 < int(asked) < 10_000 else 1


def rows_on_page(rows: Sequence[T], size: int) -> tuple[Sequence[T], int]:
    """Of all rows those on the page that the address names, and how many pages there are."""
    pages = -(-len(rows) // size)
    first = (min(page_number(), pages) - 1) * size
    return rows[first : first + size], pages


def page_turner(pages: int) -> None:
    """Nothing where all is on one page."""
    if pages < 2:
        return
    current = min(page_number(), pages)
    key = f"page={current}"
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.pagination(
            pages,
            default=current,
            key=key,
            on_change=lambda: _ask("page", [str(st.session_state[key])], unless="1"),
            width="stretch",  # as wide as its content it would find room for the first and the last page only
        )


def _ask(name: str, values: list[str], *, unless: str | None = None) -> None:
    """Write it into the address; another question begins at its first page."""
    if name != "page":
        for place in ("page", "at"):
            st.query_params.pop(place, None)
    if not values or values == [unless]:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = values
