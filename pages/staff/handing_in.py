"""A file that finance hands in: a button on a page's title row, and the dialog that the address names."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ui.errors import telling
from ui.news import tell

#: `/billing?bank=file` and `/billing?run=file` open one.
FILE = "file"


def hand_in_button(asked: str, label: str, *, icon: str) -> None:
    if st.button(label, icon=icon, key=f"{asked}.import"):
        st.query_params[asked] = FILE
        st.rerun()


def hand_in_dialog(
    asked: str,
    title: str,
    body: Callable[[], str | None],
    *,
    icon: str,
    place: str,
    on_close: Callable[[], None] = lambda: None,
) -> None:
    """Where the address asks for it; what came of it, which `body` returns, is told in that place."""
    if st.query_params.get(asked) != FILE:
        return

    def closed() -> None:
        st.query_params.pop(asked, None)
        on_close()

    @st.dialog(title, width="large", icon=icon, on_dismiss=closed)
    def dialog() -> None:
        with telling():
            said = body()
            if said is not None:
                tell(place, said)
                closed()
                st.rerun()

    dialog()
