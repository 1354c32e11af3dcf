"""Lines of an order or an invoice as a table whose heads stand above their numbers. On a phone there is room for what a
line is about and its amount, which is whole; all else that is said of it stands below its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st


@dataclass(frozen=True)
class Said:
    """A column in words; of one that is `beside`, a phone says its head and its word in small letters."""

    title: str
    cells: Sequence[str | None]
    is_number: bool = False
    is_beside: bool = True

    @property
    def looks(self) -> str:
        kinds = ["number"] * self.is_number + ["beside"] * self.is_beside
        return f' class="{" ".join(kinds)}"' if kinds else ""


def show(columns: Sequence[Said], *, label: str) -> None:
    """The first is what a line is about; ui/look.css knows a phone by its width. `label` is for those who do not see
    the table. Columns that say nothing are left out."""
    shown = [column for column in columns if any(column.cells)]
    heads = "".join(f'<th scope="col"{one.looks}>{escape(one.title)}</th>' for one in shown)
    rows = "".join(f"<tr>{_row(shown, at)}</tr>" for at in range(len(shown[0].cells)))
    body = f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>"
    st.html(f'<table class="lines" aria-label="{escape(label)}">{body}</table>')


def _row(columns: Sequence[Said], at: int) -> str:
    about, *others = columns
    said = [f"{one.title} {one.cells[at]}" for one in others if one.is_beside and one.cells[at]]
    small = f"<small>{' · '.join(f'<span>{escape(each)}</span>' for each in said)}</small>" if said else ""
    cells = (f"<td{one.looks}>{escape(one.cells[at] or '')}</td>" for one in others)
    return f"<td>{escape(about.cells[at] or '')}{small}</td>{''.join(cells)}"
