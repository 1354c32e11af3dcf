"""Tables that are no list: each column says its words, its cells and how they look in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from unicodedata import east_asian_width

import pyarrow as pa
import streamlit as st

from ui.look import status_column
from ui.text import date_pattern, reader

ROW_HEIGHT = 36  # pixels
# Letters by the room they take, in pixels of a table's 13, as Source Sans has it or a little more.
_WIDTHS = {
    **dict.fromkeys(" \xa0\u202f", 2.7),
    **dict.fromkeys("ijlI.,·:'|", 3.4),
    **dict.fromkeys("frt-()/", 4.5),
    **dict.fromkeys("cszx", 5.9),
    **dict.fromkeys("0123456789₩¥aegkvyFLJY–", 6.6),
    **dict.fromkeys("DGHNOQU", 8.6),
    **dict.fromkeys("wM", 9.5),
    **dict.fromkeys("mW", 10.8),
}


@dataclass(frozen=True)
class Shown:
    """A column: its cells, and how Streamlit shows them, once the column has a name of its own on the page."""

    cells: Any
    config: Callable[[str], Any]


def settled(config: Any) -> Any:
    """How a column looks, without what is not set."""
    return _Settled({k: v for k, v in config.items() if v is not None}) if isinstance(config, dict) else config


class _Settled(dict[str, Any]):
    """Streamlit would copy every word of it at each run; it changes none below the first level, so that one is all that
    needs a copy."""

    def __deepcopy__(self, _memo: object) -> dict[str, Any]:
        return dict(self)


def show(columns: Mapping[str, Shown], *, key: str, label: str) -> None:
    """Draws all rows; `label` is for those who do not see the table."""
    st.dataframe(
        pa.table({name: column.cells for name, column in columns.items()}),
        hide_index=True,
        column_config={name: settled(column.config(f"{key}.{name}")) for name, column in columns.items()},
        row_height=ROW_HEIGHT,
        height="content",
        key=f"{key}.table",
        alt=label,
    )


def link(
    title: str,
    cells: Sequence[str],
    on_open: Callable[[int], None],
    *,
    width: int | None = None,
    pinned: bool = True,
    alignment: Any = "left",
) -> Shown:
    """Cells that lead somewhere: `on_open(position of the row)` is called before the page runs again."""
    looks: dict[str, Any] = {"width": width, "pinned": pinned, "alignment": alignment}
    return Shown(cells, lambda key: link_config(title, key, on_open, rows=len(cells), **looks))


def link_config(title: str, key: str, on_open: Callable[[int], None], *, rows: int, **looks: Any) -> Any:
    """The position comes from the browser: one that is none of the `rows` opens nothing."""

    def opened() -> None:
        click = st.session_state[key]
        if click is not None and (at := int(click["row"])) in range(rows):
            on_open(at)

    return st.column_config.ButtonColumn(title, type="tertiary", key=key, on_click=opened, **looks)


def words(title: str, cells: Sequence[str | None], width: int | None = None) -> Shown:
    return Shown(pa.array(cells, pa.string()), lambda _key: st.column_config.TextColumn(title, width=width))


def amounts(title: str, cells: Sequence[str | None], width: int | None = None) -> Shown:
    """Money, shares and durations, as they are written: the last digits stand below each other."""
    config = st.column_config.TextColumn(title, width=width, alignment="right")
    return Shown(pa.array(cells, pa.string()), lambda _key: config)


def fitting(title: str, cells: Iterable[str]) -> int:
    """The width in which all of them stand whole: a number whose beginning is cut off reads as another number."""
    return round(max(map(_drawn, (title, *cells)))) + 20


@lru_cache(maxsize=2_000)  # a list says the same clocks again and again
def _drawn(text: str) -> float:
    return sum(map(_width, text))


def _width(letter: str) -> float:
    if east_asian_width(letter) in "WF":
        return 13
    return _WIDTHS.get(letter, 7.6)


def counts(title: str, cells: Sequence[int], width: int | None = None) -> Shown:
    return Shown(pa.array(cells, pa.int64()), lambda _key: st.column_config.NumberColumn(title, width=width))


def moments(title: str, cells: Sequence[datetime | None], width: int | None = None) -> Shown:
    """On the reader's clock."""
    config = st.column_config.DatetimeColumn(
        title, width=width, format=date_pattern(with_time=True), timezone=reader().time_zone
    )
    return Shown(pa.array(cells, pa.timestamp("us", tz="UTC")), lambda _key: config)


def badges(title: str, cells: Iterable[str], colors: Mapping[str, str] | str, width: int | None = None) -> Shown:
    """A word in a colour, or nothing; `colors` of each word, or of all of them."""
    cells = list(cells)
    options = list(dict.fromkeys(filter(None, cells)))
    color = colors if isinstance(colors, str) else [colors[word] for word in options]
    config = st.column_config.MultiselectColumn(title, width=width, options=options, color=color)
    return Shown(badge_cells(cells), lambda _key: config)


def states(title: str, vocabulary: str, cells: Sequence[str], width: int | None = None) -> Shown:
    """Stored values of a vocabulary, in its words and colours."""
    return Shown(badge_cells(cells), lambda _key: status_column(title, vocabulary, width=width))


def badge_cells(cells: Iterable[str | None]) -> pa.Array:
    """One word each or none, as the column that draws words in colours takes them."""
    return pa.array([[cell] if cell else [] for cell in cells], pa.list_(pa.string()))
