"""Several rows at once: they are remembered by their keys, so that a row that comes in between moves no tick."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from ui.state import ListState


@dataclass(frozen=True)
class Selection:
    """`act(versions)` draws what can be done to the ticked rows, each by its key with the version that was on the
    screen when it was asked for; true once something was done, and nothing is ticked. The list has a column `version`.
    """

    act: Callable[[Mapping[str, int | None]], bool]

    def draw(self, state: ListState) -> None:
        """In the line above the table, so that ticking moves nothing."""
        ticked = {key: state.decided_on.get(key) for key in state.selected}
        if ticked and self.act(ticked):
            state.selected, state.turn = (), state.turn + 1
            st.rerun()


def see(state: ListState, keys: list[str], versions: list[int] | None = None) -> None:
    """These rows are on the screen now: where they changed the table begins anew, with the same rows ticked.

    What is asked in this run was decided on what the run before it had drawn."""
    state.decided_on, state.versions = state.versions, dict(zip(keys, versions or (), strict=False))
    if keys != state.row_keys:
        state.turn += 1
    state.row_keys = keys
    state.selected = tuple(key for key in state.selected if key in keys)


def ticking(state: ListState, key: str) -> dict[str, Any]:
    """What the table is given so that rows can be ticked."""

    def ticked(positions: list[int]) -> None:
        state.selected = tuple(state.row_keys[at] for at in positions if at < len(state.row_keys))

    places = {row: at for at, row in enumerate(state.row_keys)}
    return {"key": f"{key}.{state.turn}", "on_select": ticked, "selected": [places[row] for row in state.selected]}
