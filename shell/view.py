"""Which of their accounts a tab shows, and whose language and clock a run is in."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from auth import visitor
from data.live import news
from pages import pages_for
from rules.looking import PARAMETER, looking_at, said_of
from rules.principal import Principal
from shell.said import DASHBOARD, versions
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


def tell_header(principal: Principal, path: str) -> None:
    """What the header, which stands beside Streamlit's page, reads here of it. A style alone takes no room on the page.

    Which accounts are shown it knows from the address; where that did not say it, or said more than its reader may see,
    it is told, and writes it there. How new the rows are is told before they are read: whoever did something sees it by
    this run, and when the header hears of that change as well, another run would shut what they have opened since.
    """
    shown = said_of(principal)
    chooses = not principal.is_staff and len(principal.accounts) > 1
    told = [f"--portal-view: {shown}"] if chooses and shown != View.of("accounts").said else []
    pages = tuple(page.path for page in pages_for(principal)) if path == DASHBOARD else (path,)
    version = versions(principal, pages).get(path)
    if version is not None:
        told.append(f'--portal-drawn: "{news.name} {version} {path} {shown}"')
    if told:
        st.html(f"<style>:root {{ {'; '.join(told)}; }}</style>")


def reader_of(principal: Principal) -> Reader:
    """Their own language and clock where they set them, else the browser's."""
    return Reader(visitor.language(principal.language), principal.time_zone or visitor.time_zone())
