"""What a page remembers between reruns of one browser tab, typed; the only place that knows how it is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import streamlit as st

#: One word among Streamlit's own, because at every run it walks over all it was given, several times.
KEPT = "portal.remembered"


class Remembered:
    """A state of its own for each name: `ListState.of("tickets")` is the same object at every rerun of this tab."""

    @classmethod
    def of(cls, name: str) -> Self:
        kept: dict[tuple[type, str], Any] = st.session_state.setdefault(KEPT, {})
        if (cls, name) not in kept:
            kept[cls, name] = cls()
        found: Self = kept[cls, name]
        return found


@dataclass
class Visit(Remembered):
    """Which page this tab shows, and how many it has shown: a step to another page begins a new visit."""

    path: str | None = None
    number: int = 0

    def to(self, path: str) -> None:
        if path != self.path:
            self.path, self.number = path, self.number + 1


@dataclass
class ListState(Remembered):
    """A list: the address its widgets were last set from, the rows on screen, and the row whose drawer was closed."""

    address: tuple[tuple[str, str], ...] | None = None
    row_keys: list[str] = field(default_factory=list)
    neighbours: tuple[str | None, str | None] = (None, None)
    #: Which of its charts is shown; None: the first.
    chart: str | None = None
    #: Rows that were ticked, by their keys, and how often the table began anew because its rows had changed.
    selected: tuple[str, ...] = ()
    turn: int = 0
    #: Of the rows on screen, where they can be ticked, and of those that were there when something was asked.
    versions: dict[str, int] = field(default_factory=dict)
    decided_on: dict[str, int] = field(default_factory=dict)
    #: Raised when widgets must be drawn anew, because the address says something else than they do.
    edition: int = 0
