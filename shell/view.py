"""Which of their accounts a tab shows, and whose language and clock a run is in."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from auth import visitor
from rules.looking import PARAMETER, looking_at, said_of
from rules.principal import Principal
from ui.state import Remembered
from ui.text import Reader


@dataclass
class View(Remembered):
    """What the address of this tab said last of the accounts in view; a step to another page leaves it out."""

    said: str | None = None


def in_view(principal: Principal) -> Principal:
    """The person, looking at the accounts that the address names (static/header.js writes them there)."""
    view = View.of("accounts")
    view.said = st.query_params.get(PARAMETER, view.said)
    return looking_at(principal, view.said)


def tell_header(principal: Principal) -> None:
    """The header stands beside Streamlit's page and knows from the address which accounts are shown. Where the address
    did not say it, or said more than its reader may see, it reads it here, and writes it there.

    A style alone takes no room on the page."""
    shown = said_of(principal)
    if shown != View.of("accounts").said:
        st.html(f"<style>:root {{ --portal-view: {shown}; }}</style>")


def reader_of(principal: Principal) -> Reader:
    """Their own language and clock where they set them, else the browser's."""
    return Reader(visitor.language(principal.language), principal.time_zone or visitor.time_zone())
