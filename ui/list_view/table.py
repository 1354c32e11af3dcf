"""A page of rows as a table: words, colours, dates and money as the reader reads them; the number opens the row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import pyarrow as pa
import streamlit as st

from data.listing import Column, Kind, ListSpec, Page
from data.listing.spec import TABLE
from rules.lifecycle import Category
from rules.sla import ClockState, Reading, read_clock
from ui.changes import change_text
from ui.codes import NAMED
from ui.look import status_column
from ui.table import ROW_HEIGHT, badge_cells, fitting, link_config, settled
from ui.terms import TERMS
from ui.text import Reader, _, date_pattern, duration_text, money_text, reader, term
from ui.tones import TONES, tone
from ui.words import translated

Values = Mapping[str, Sequence[Any]]
Clock = tuple[str, str]

_TYPES = {
    Kind.DATE: pa.date32(),
    Kind.MOMENT: pa.timestamp("us", tz="UTC"),
    Kind.INTEGER: pa.int64(),
}


def show_table(
    spec: ListSpec,
    page: Page,
    *,
    key: str,
    on_open: Callable[[int], None],
    on_select: Callable[[list[int]], None] | None = None,
    selected: Sequence[int] = (),
) -> None:
    """`on_open(position)` is called when somebody opens the row at that position of the page, `on_select(positions)`
    when rows are ticked; without it none can be."""
    columns = spec.shown_in(TABLE, several_accounts=page.scope.shows_account)
    clocks = _clocks(page.values) if any(column.kind is Kind.CLOCK for column in columns) else []

    def config(column: Column) -> Any:
        if column.kind is Kind.NUMBER:
            title = translated(column.title)
            looks: dict[str, Any] = {"width": column.width, "pinned": True, "alignment": "left"}
            return link_config(title, f"{key}.open", on_open, rows=page.length, **looks)
        if column.kind is Kind.CLOCK:
            return _clock_config(column, clocks)
        return _config(column, reader(), _states(column, page.values))

    st.dataframe(
        # what travels to the browser; a frame in between would cost twice as much as all else here
        pa.table({column.key: _cells(column, page.values, clocks) for column in columns}),
        hide_index=True,
        column_config={column.key: config(column) for column in columns},
        row_height=ROW_HEIGHT,
        height="content" if page.length < 15 else 576,
        key=key,
        placeholder="",
        alt=translated(spec.title),
        **_ticking(key, on_select, selected),
    )


def _ticking(key: str, on_select: Callable[[list[int]], None] | None, selected: Sequence[int]) -> dict[str, Any]:
    if on_select is None:
        return {}
    ticked = {"selection": {"rows": list(selected)}}
    return {
        "on_select": lambda: on_select(st.session_state[key]["selection"]["rows"]),
        "selection_mode": "multi-row",
        "selection_default": ticked,
    }


def _cells(column: Column, values: Values, clocks: Sequence[Clock]) -> pa.Array:
    cells = values[column.key]
    match column.kind:
        case Kind.TERM if column.vocabulary in TONES:
            return badge_cells(cells)
        case Kind.TERM | Kind.NUMBER if column.vocabulary:
            words = {value: term(column.vocabulary, value) for value in set(cells) if value is not None}
            return pa.array([words.get(value) for value in cells], pa.string())
        case Kind.CHANGE:
            return pa.array(list(map(change_text, cells)), pa.string())
        case coded if name := NAMED.get(coded):
            return pa.array([None if value is None else name(value) for value in cells], pa.string())
        case Kind.CLOCK:
            return badge_cells(text for text, _state in clocks)
        case Kind.MONEY:
            amounts = zip(cells, values["currency"], strict=True)
            return pa.array([money_text(amount, currency) for amount, currency in amounts], pa.string())
        case kind:
            return pa.array(cells, _TYPES.get(kind, pa.string()))


def _clock_config(column: Column, clocks: Sequence[Clock]) -> Any:
    shown = {text: state for text, state in clocks if text}
    width = max(column.width or 0, fitting("", shown))
    colors = [tone("clock.state", state).badge for state in shown.values()]
    return settled(
        st.column_config.MultiselectColumn(translated(column.title), width=width, options=list(shown), color=colors)
    )


@lru_cache(maxsize=2_000)  # the same in every run of this reader
def _config(column: Column, who: Reader, states: tuple[str, ...]) -> Any:
    return settled(_config_of(column, who, states))


def _config_of(column: Column, who: Reader, states: tuple[str, ...]) -> Any:
    label, width = translated(column.title), column.width
    match column.kind:
        case Kind.TERM if column.vocabulary in TONES:
            return status_column(label, column.vocabulary or "", values=states, width=width)
        case Kind.DATE:
            return st.column_config.DateColumn(label, width=width, format=date_pattern())
        case Kind.MOMENT:
            return st.column_config.DatetimeColumn(
                label, width=width, format=date_pattern(with_time=True), timezone=who.time_zone
            )
        case Kind.MONEY | Kind.INTEGER:
            return st.column_config.TextColumn(label, width=width, alignment="right")
        case _:
            return label if width is None else st.column_config.TextColumn(label, width=width)


def _states(column: Column, values: Values) -> tuple[str, ...]:
    """The states on this page, in the order of their words."""
    if column.vocabulary not in TONES:
        return ()
    present = set(values[column.key])
    return tuple(state for state in TERMS[column.vocabulary] if state in present)


def _clocks(values: Values) -> list[Clock]:
    """(what the clock says, its state) of every row."""
    now = datetime.now(UTC)
    columns = (values["next_deadline"], values["paused_since"], values["category"])
    return [clock_text(deadline, paused, category, now) for deadline, paused, category in zip(*columns, strict=True)]


def clock_text(deadline: datetime | None, paused_since: datetime | None, category: str, now: datetime) -> Clock:
    """How the next clock of a ticket stands, in words and as a state; nothing for one that is over."""
    if category == Category.DONE:
        return "", ""
    reading = read_clock(deadline=deadline, stopped_at=None, paused_since=paused_since, now=now)
    return (_said(reading, now), reading.state) if reading else ("", "")


def _said(reading: Reading, now: datetime) -> str:
    length = now - reading.since if reading.state is ClockState.PAUSED and reading.since else reading.left
    seconds = int(abs(length or timedelta()).total_seconds())
    return _in_words(reading.state, seconds if seconds < 60 else seconds // 60 * 60, reader().language)


@lru_cache(maxsize=20_000)  # most rows of a list are drawn again within the minute, at the next click
def _in_words(state: ClockState, seconds: int, _language: str) -> str:
    length = duration_text(timedelta(seconds=seconds))
    if state is ClockState.PAUSED:
        return _("Paused for {time}", time=length)
    if state is ClockState.BREACHED:
        return _("Late by {time}", time=length)
    return _("{time} left", time=length)
