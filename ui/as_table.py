"""A chart's numbers as a table in the picture's place, for whoever reads them better so; drawn only if asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.words import _, plain

if TYPE_CHECKING:
    from ui.charts import BarChart


def as_table(chart: BarChart, place: DeltaGenerator, *, key: str) -> bool:
    """The switch below the picture's place; true where the numbers stand there instead."""
    is_wanted = st.toggle(_("As a table"), key=f"{key}.table")
    if is_wanted:
        place.table(table_of(chart), border="horizontal")
    return is_wanted


def show_tables(charts: Iterable[BarChart]) -> None:
    """The numbers of several charts, each below its title."""
    for chart in charts:
        st.markdown(f"**{plain(chart.title)}**")
        st.table(table_of(chart), border="horizontal")


def table_of(chart: BarChart) -> pd.DataFrame:
    """A line for each category, a column for each series, as their reader writes numbers and money."""
    columns = {plain(one.label): list(map(chart.value_text, one.values)) for one in chart.series}
    return pd.DataFrame(columns, index=[plain(label) for label in chart.categories.values()])
