"""What came of a click in the settings is said above all of their cards."""

from __future__ import annotations

import streamlit as st

from ui.news import tell

FORM = 560  # pixels; less on a phone

#: Where it is said what came of a click.
HERE = "settings"


def say(sentence: str) -> None:
    tell(HERE, sentence)
    st.rerun()
