"""From an address to Streamlit's own page object, so that a link inside the portal does not load it anew."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

import streamlit as st

_KEY = "portal.pages"
#: Where help is found, and how its address names one section.
HELP, SECTION = "help", "section"
_helped: ContextVar[str] = ContextVar("help", default="")


def remember(pages: Mapping[str, Any]) -> None:
    """The shell says at each run which pages this person has: path → page."""
    st.session_state[_KEY] = dict(pages)


def page_at(path: str) -> Any | None:
    """The page at "/<path>", or None where this person has none: then there is nothing to link to."""
    return st.session_state.get(_KEY, {}).get(path)


def helped_by(section: str) -> None:
    """The page that is drawn now is explained there."""
    _helped.set(section)


def help_of_this_page() -> str:
    """The section about the page that is drawn now; nothing on what is no page of the map."""
    return _helped.get()
