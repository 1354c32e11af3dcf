"""Several of the same in a form, such as visitors: a card each, with a button for one more."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rules.fields import Field
from ui.form.filled import Filled, cell, how_many
from ui.form.inputs import show_input
from ui.form.problems import beside
from ui.text import _, translated


def show_rows(field: Field, filled: Filled, *, heading: str) -> None:
    """`heading` stands above: what it says is not said again."""
    n, label = filled.rows(field), translated(field.label)
    if label != heading:
        st.markdown(label if field.required else f"{label} :gray[· {_('optional')}]")
    for number in range(n):
        _row(field, number, filled)
    with st.container(gap="xxsmall"):
        st.button(
            _("Add another") if n else _("Add"),
            key=f"{field.name}.add",
            icon=":material/add:",
            disabled=n >= (field.most or n + 1),
            on_click=filled.draft.change,
            args=({how_many(field): n + 1},),
        )
        beside(filled.problems.get(field.name))


def _row(field: Field, number: int, filled: Filled) -> None:
    with st.container(border=True, key=f"row-{field.name}-{number}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":small[:gray[**{number + 1}**]]", width="stretch")
            if filled.rows(field) > (1 if field.required else 0):
                st.button(
                    _("Remove"),
                    key=f"{field.name}.{number}.remove",
                    icon=":material/close:",
                    type="tertiary",
                    on_click=take_away,
                    args=(field, number, filled),
                )
        grid: Any = st.grid(2, min_column_width=220, gap="small")
        for column in field.columns:
            with grid.cell():
                show_input(column, cell(field, number, column), filled)


def take_away(field: Field, number: int, filled: Filled) -> None:
    """Those below move up, so that rows are counted from the first without a gap."""
    n = filled.rows(field)
    below = [*filled.value(field)[number + 1 :], dict.fromkeys((column.name for column in field.columns), "")]
    moved = {
        cell(field, at, column): row[column.name]
        for at, row in enumerate(below, start=number)
        for column in field.columns
    }
    filled.draft.change({**moved, how_many(field): n - 1})
