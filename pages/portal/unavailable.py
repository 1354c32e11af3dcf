"""A page that colleagues have and this person does not: it says so, and whom they can ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from data.administrators import AskForAccess
from data.commands import execute
from data.engines import app_engine
from pages.portal.access.handing_over import TOLD
from rules.errors import Forbidden
from rules.permissions import CUSTOMER_FUNCTIONS, Permission
from rules.principal import AccountRef, Principal
from ui import look, wall
from ui.state import Remembered
from ui.text import _, plain


@dataclass
class Asked(Remembered):
    """What came of asking for one page, in this tab."""

    said: str = ""


def show_unavailable(
    principal: Principal, title: str, functions: tuple[Permission, ...], *, opens_in: Sequence[AccountRef] = ()
) -> None:
    """The same whatever there is to be seen on it. `opens_in`: accounts of theirs, out of view, that have it."""
    look.title(title)
    if st.query_params.get(TOLD) == "over":
        said = _("The administration is handed over. From now on you are a general user of the account.")
        st.success(said, icon=":material/key:")
    if opens_in:
        words = _("This page is not available in what you look at, but in {accounts}: choose it at the top right.",
                  accounts=", ".join(plain(account.name) for account in opens_in))  # fmt: skip
        st.info(words, icon=":material/apartment:")
        return
    if principal.is_staff:
        words = _("This page is for another role than the one you work in. Ask an administrator of the portal.")
        st.info(words, icon=":material/lock:")
        return
    st.info(_("This page is not available to you. Ask the administrator of your account."), icon=":material/lock:")
    function = wanted(functions)
    if function is not None and may_ask(principal):
        _ask(principal, function)


def wanted(functions: tuple[Permission, ...]) -> Permission | None:
    """The function that opens the page; of several the one that opens least."""
    of_customers = [function for function in functions if function in CUSTOMER_FUNCTIONS]
    return of_customers[-1] if of_customers else None


def may_ask(principal: Principal) -> bool:
    """Staff have other ways; and whoever belongs to no account any more has nobody to ask."""
    return not principal.is_staff and bool(principal.chosen)


def show_nothing_yet(principal: Principal) -> None:
    """Home of somebody who holds nothing at all here: they are signed in, and that is all."""
    look.title(_("Welcome, {name}", name=plain(principal.name)))
    if not principal.chosen:
        words = _("You belong to no account any more. If this is a mistake, please call the service desk.")
        st.info(words, icon=":material/domain_disabled:")
        _whom_to_call()
        return
    names = ", ".join(plain(a.name) for a in principal.accounts if a.id in principal.chosen)
    st.info(
        _("Nothing of {accounts} is open to you right now: its administrators decide what you may do.", accounts=names),
        icon=":material/lock:",
    )
    _ask(principal, Permission.DASHBOARD_VIEW)
    _whom_to_call()


def _whom_to_call() -> None:
    wall.line(_("Contact us"), wall.to_page("contact"), icon=":material/call:")


def _ask(principal: Principal, function: Permission) -> None:
    asked = Asked.of(function)
    if not asked.said:
        st.caption(_("Your administrators get a message that says who asks, and for what."))
        label, icon = _("Ask your administrator"), ":material/contact_support:"
        if not st.button(label, icon=icon, type="primary", key=f"ask.{function}"):
            return
        asked.said = _said(principal, function)
        st.rerun()
    _tell(asked.said)


def _said(principal: Principal, function: Permission) -> str:
    try:
        return str(execute(app_engine(), principal, AskForAccess(function))["said"])
    except Forbidden:
        return "nobody"


def _tell(said: str) -> None:
    if said == "nobody":
        st.warning(_("Nobody administers your account here: please call the service desk."), icon=":material/call:")
        _whom_to_call()
    elif said == "held":
        st.success(_("You hold it by now: load the page again."), icon=":material/refresh:")
    elif said == "again":
        st.success(_("Your administrators were asked today already."), icon=":material/mark_email_read:")
    else:
        st.success(_("Your administrators are asked, by mail and by the bell."), icon=":material/mark_email_read:")
