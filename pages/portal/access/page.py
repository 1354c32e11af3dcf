"""Access rights: everybody of the account as a list; whoever is opened is given other rights; people are invited."""

from __future__ import annotations

import streamlit as st

from data.access import ACCESS
from pages.portal.access.handing_over import TOLD
from pages.portal.access.inviting import invite_button, open_invite_form, told_of_the_letter
from pages.portal.access.member import member_drawer
from pages.portal.access.second_factor import second_factor_rule
from pages.portal.access.waiting import above_card, invitations_card
from rules.principal import Principal
from ui import look
from ui.list_view import list_view
from ui.text import _


def show(principal: Principal) -> None:
    clicked: list[bool] = []
    look.title(_("Access rights"), actions=lambda: clicked.append(invite_button()))
    told_of_the_letter()
    _told_of_handing_over()
    list_view(ACCESS, principal, more=member_drawer(principal), fields=False)
    invitations_card(principal)
    above_card(principal)
    second_factor_rule(principal)
    if any(clicked):
        open_invite_form(principal)


def _told_of_handing_over() -> None:
    """Where it was done, this page is theirs no more: pages/portal/unavailable.py says so."""
    if st.query_params.pop(TOLD, None) is not None:
        st.warning(
            _("Nothing was handed over: the rights of one of you were changed meanwhile. Look at them and try again."),
            icon=":material/sync_problem:",
        )
