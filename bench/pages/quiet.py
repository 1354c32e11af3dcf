"""A page without rows: a heading, a text and a button, to press while nothing is asked of the database for it."""

from __future__ import annotations

import streamlit as st

from rules.principal import Principal
from ui import look


def show(_principal: Principal) -> None:
    look.title("Quiet")
    pressed = st.button("Press", key="bench.press")
    st.text("Pressed" if pressed else "Not pressed")
