"""Which of their accounts somebody looks at, and whose language and clock a run is in."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from auth import visitor
from auth.cookies import LANGUAGE
from rules.principal import Principal
from ui.state import Remembered
from ui.text import Reader, languages

#: Where the header (static/header.js) writes into the address what was chosen: an account's UUID, or all of them.
ASKED, ALL = "view", "all"


@dataclass
class View(Remembered):
    """Which of several accounts is looked at in this tab; None: nothing was chosen."""

    chosen: str | None = None


def in_view(principal: Principal) -> Principal:
    """The person, looking at the account they chose under the company icon."""
    view = View.of("accounts")
    if ASKED in st.query_params:
        view.chosen = st.query_params.pop(ASKED)
    return looking_at(principal, view.chosen)


def looking_at(principal: Principal, chosen: str | None) -> Principal:
    """Only accounts they reach: any other word chooses what is looked at first."""
    if principal.is_staff or not principal.accounts:
        return principal
    account = next((a.id for a in principal.accounts if str(a.uuid) == chosen), None)
    if account is None and not runs_all(principal):
        account = principal.accounts[0].id
    return principal if account is None else principal.looking_at((account,))


def runs_all(principal: Principal) -> bool:
    """Functions and sites of a general user differ from account to account: they look at one at a time."""
    return all(account.is_paa for account in principal.accounts)


def seen_as(principal: Principal) -> str:
    """What `looking_at` made of a choice, in the header's words."""
    shown = [str(a.uuid) for a in principal.accounts if a.id in principal.chosen]
    return shown[0] if len(shown) == 1 else ALL


def tell_header(principal: Principal) -> None:
    """The header stands beside Streamlit's page, and a tab may have begun anew: it reads here which account is shown.

    A style alone takes no room on the page."""
    st.html(f"<style>:root {{ --portal-view: {seen_as(principal)}; }}</style>")


def reader_of(principal: Principal) -> Reader:
    """Their own language and clock where they set them, else the browser's."""
    chosen_here = st.context.cookies.get(LANGUAGE) in languages()
    if principal.language and principal.time_zone and not chosen_here:
        return Reader(principal.language, principal.time_zone)
    seen = visitor.reader()
    language = seen.language if chosen_here else (principal.language or seen.language)
    return Reader(language, principal.time_zone or seen.time_zone)
