"""A chart's numbers as a table in the picture's place, for whoever reads them better so; drawn only if asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from ui.words import _, plain

if TYPE_CHECKING:
    from ui.charts import BarChart


def is_wanted(key: str) -> bool:
    """Was the switch set before this run? It stands below what it decides about."""
    return bool(st.session_state.get(f"{key}.table"))


def show_switch(key: str) -> None:
    st.toggle(_("As a table"), key=f"{key}.table")


def show_table(chart: BarChart) -> None:
    st.table(table_of(chart), border="horizontal")


def show_tables(charts: Iterable[BarChart]) -> None:
    """The numbers of several charts, each below its title."""
    for chart in charts:
        st.markdown(f"**{plain(chart.title)}**")
        show_table(chart)


def table_of(chart: BarChart) -> pd.DataFrame:
    """A line for each category, a column for each series, as their reader writes numbers and money."""
    columns = {plain(one.label): list(map(chart.value_text, one.values)) for one in chart.series}
    return pd.DataFrame(columns, index=[plain(label) for label in chart.categories.values()])
