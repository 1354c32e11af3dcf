"""A page of rows as a table: words, colours, dates and money as the reader reads them; the number opens the row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st

from data.listing import Column, Kind, ListSpec, Page
from data.listing.spec import TABLE
from rules.lifecycle import Category
from rules.sla import ClockState, Reading, read_clock
from ui.look import status_column
from ui.text import _, date_pattern, duration_text, money_text, reader, term
from ui.tones import TONES, tone
from ui.words import translated


def show_table(spec: ListSpec, page: Page, *, key: str, on_open: Callable[[int], None]) -> None:
    """`on_open(position)` is called when somebody opens the row at that position of the page."""
    columns = spec.shown_in(TABLE, several_accounts=page.scope.shows_account)
    clicked = f"{key}.open"

    def opened() -> None:
        click = st.session_state[clicked]
        if click is not None:
            on_open(int(click["row"]))

    st.dataframe(
        pd.DataFrame({column.key: _cells(column, page.rows) for column in columns}),
        hide_index=True,
        column_config={column.key: _config(column, page.rows, clicked, opened) for column in columns},
        row_height=36,
        height="content" if len(page.rows) < 15 else 576,
        key=key,
        placeholder="",
        alt=translated(spec.title),
    )


def _cells(column: Column, rows: pd.DataFrame) -> Any:
    values = rows[column.key]
    match column.kind:
        case Kind.TERM if column.vocabulary in TONES:
            return [[value] if value else [] for value in values]
        case Kind.TERM:
            words = {value: term(column.vocabulary or "", value) for value in values.dropna().unique()}
            return values.map(words)
        case Kind.CLOCK:
            return [[text] if text else [] for text, _state in _clocks(rows)]
        case Kind.MONEY:
            return [money_text(amount, currency) for amount, currency in zip(values, rows["currency"], strict=True)]
        case _:
            return values


def _config(column: Column, rows: pd.DataFrame, clicked: str, opened: Callable[[], None]) -> Any:
    label, width = translated(column.title), column.width
    match column.kind:
        case Kind.NUMBER:
            return st.column_config.ButtonColumn(
                label, width=width, pinned=True, type="tertiary", alignment="left", key=clicked, on_click=opened
            )
        case Kind.TERM if column.vocabulary in TONES:
            return status_column(label, column.vocabulary or "", width=width)
        case Kind.CLOCK:
            shown = dict.fromkeys(_clocks(rows))
            colors = [tone("clock.state", state).badge for text, state in shown if text]
            texts = [text for text, _state in shown if text]
            return st.column_config.MultiselectColumn(label, width=width, options=texts, color=colors)
        case Kind.DATE:
            return st.column_config.DateColumn(label, width=width, format=date_pattern())
        case Kind.MOMENT:
            return st.column_config.DatetimeColumn(
                label, width=width, format=date_pattern(with_time=True), timezone=reader().time_zone
            )
        case Kind.MONEY:
            return st.column_config.TextColumn(label, width=width, alignment="right")
        case _:
            return st.column_config.TextColumn(label, width=width)


def _clocks(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """(what the clock says, its state) of every row."""
    now = datetime.now(UTC)
    columns = (rows["next_deadline"], rows["paused_since"], rows["category"])
    return [clock_text(_moment(d), _moment(p), category, now) for d, p, category in zip(*columns, strict=True)]


def clock_text(
    deadline: datetime | None, paused_since: datetime | None, category: str, now: datetime
) -> tuple[str, str]:
    """How the next clock of a ticket stands, in words and as a state; nothing for one that is over."""
    if category == Category.DONE:
        return "", ""
    reading = read_clock(deadline=deadline, stopped_at=None, paused_since=paused_since, now=now)
    return (_said(reading, now), reading.state) if reading else ("", "")


def _said(reading: Reading, now: datetime) -> str:
    if reading.state is ClockState.PAUSED and reading.since is not None:
        return _("Paused for {time}", time=duration_text(now - reading.since))
    if reading.state is ClockState.BREACHED:
        return _("Late by {time}", time=duration_text(reading.left))
    return _("{time} left", time=duration_text(reading.left))


def _moment(value: Any) -> datetime | None:
    return (
        None if value is None or pd.isna(value) else value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
    )
