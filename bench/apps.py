"""What the benchmark's servers run, each around another script: `uvicorn --factory bench.apps:bare`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

import pages
from app import build_app, listening
from data.settings import CHECKOUT
from pages import PageSpec

OURS = Path(__file__).parent / "pages"
#: Pages the portal does not have, inside its own shell.
INSIDE = (
    PageSpec("bench-empty", "Empty", "check_box_outline_blank", "bench.pages.empty", in_menu=False),
    PageSpec("bench-quiet", "Quiet", "check_box", "bench.pages.quiet", in_menu=False),
)


def portal() -> st.App:
    """The portal itself, and two pages more."""
    pages.PAGES += INSIDE
    return build_app(CHECKOUT / "shell" / "main.py", background=(listening,))


def bare() -> st.App:
    """Nothing but Streamlit, behind the same settings and the same middleware."""
    return build_app(OURS / "bare.py", background=())


def naive() -> st.App:
    return build_app(OURS / "naive.py", background=())
