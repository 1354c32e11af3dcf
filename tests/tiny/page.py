"""One of each widget that asks something of the browser: a table, a chart, a dialog, a popover, a file, a download."""

from __future__ import annotations

import pandas as pd
import streamlit as st

st.set_page_config(page_title="Tiny", layout="wide")
st.title("Tiny page")
st.dataframe(pd.DataFrame({"number": range(30), "subject": [f"Row {row}" for row in range(30)]}), on_select="rerun")
st.plotly_chart({"data": [{"type": "bar", "x": ["a", "b"], "y": [1, 3]}], "layout": {"height": 240}}, key="chart")

with st.popover("More"):
    st.text("Inside the popover")


@st.dialog("Request")
def request() -> None:
    st.text("Inside the dialog")


if st.button("New request"):
    request()
given = st.file_uploader("Attachment")
if given:
    st.text(f"Received {given.name}, {given.size} bytes")
st.download_button("Take away", "taken", "taken.txt")
if st.button("Break"):
    raise ValueError("balance of Acme: 1200")
