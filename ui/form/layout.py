"""A form on the screen: groups with headings, short fields two beside each other, one below the other on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import streamlit as st

from rules.fields import Field, FieldKind
from ui.form.filled import Filled
from ui.form.inputs import show_input, takes_the_width
from ui.form.rows import show_rows
from ui.text import translated


@dataclass(frozen=True)
class Section:
    """What belongs together, by the names of the fields, in the order of the screen."""

    title: str
    icon: str
    fields: tuple[str, ...]


def show_sections(filled: Filled, sections: Sequence[Section]) -> None:
    """Every field that is asked for now; one that no section names stands at the end of the last."""
    values = filled.values()
    by_name = {field.name: field for field in filled.fields if field.asked(values) and _is_offered(field, filled)}
    named = {name for section in sections for name in section.fields}
    for section in sections:
        names = [*section.fields, *(name for name in by_name if name not in named and section is sections[-1])]
        fields = [by_name[name] for name in names if name in by_name]
        if fields:
            _show(section, fields, filled)


def _is_offered(field: Field, filled: Filled) -> bool:
    """Who has nothing at this site is not asked which of it."""
    return field.kind not in (FieldKind.SPACE, FieldKind.ITEMS) or bool(filled.options.get(field.name))


def _show(section: Section, fields: Sequence[Field], filled: Filled) -> None:
    st.subheader(f":material/{section.icon}: {translated(section.title)}", anchor=False)
    for how, group in groupby(fields, _how):
        if how == "rows":
            for field in group:
                show_rows(field, filled, heading=translated(section.title))
        elif how == "ticks":
            with st.container(horizontal=True, gap="medium"):
                for field in group:
                    show_input(field, field.name, filled)
        else:
            _grid(list(group), filled)


def _how(field: Field) -> str:
    return {FieldKind.ROWS: "rows", FieldKind.TICK: "ticks"}.get(field.kind, "grid")


def _grid(fields: Sequence[Field], filled: Filled) -> None:
    grid: Any = st.grid(2, min_column_width=250, gap="small")
    for field in fields:
        with grid.cell(column_span=2 if takes_the_width(field) else 1):
            show_input(field, field.name, filled)
