"""Access rights: everybody of the accounts in view as a list; whoever is opened is given other rights; people are
invited."""

from __future__ import annotations

import streamlit as st

from data.access import ACCESS
from data.account_choice import NamedAccount, account_named
from data.engines import app_engine
from pages.portal.access.accounts import accounts_card
from pages.portal.access.handing_over import TOLD
from pages.portal.access.inviting import INVITE, invite_button, invite_form_asked_for, told_of_the_letter
from pages.portal.access.member import member_drawer
from pages.portal.access.second_factor import second_factor_rule
from pages.portal.access.waiting import above_card, invitations_card
from rules.looking import looking_at_one
from rules.permissions import Permission
from rules.principal import AccountRef, Principal
from ui import look
from ui.asking import leave
from ui.in_view import ACCOUNT
from ui.list_view import list_view
from ui.text import _, plain


def show(principal: Principal) -> None:
    account = _of_staff(principal)
    covered = principal.covering(Permission.USER_MANAGE)
    here = looking_at_one(covered, st.query_params.get(ACCOUNT))
    may_invite = not principal.is_staff or (account is not None and not account.is_closed)

    def actions() -> None:
        if here is not covered:
            leave(_("All accounts"), ACCOUNT)
        if may_invite:
            invite_button()

    name = account.name if account is not None else "" if here is covered else _only(here).name
    look.title(f"{_('Access rights')} · {plain(name)}" if name else _("Access rights"), actions=actions)
    if may_invite and INVITE in st.query_params:
        st.query_params.pop(ACCESS.row_parameter, None)  # one dialog at a time
    told_of_the_letter()
    _told_of_handing_over()
    accounts_card(here)
    list_view(ACCESS, covered, more=member_drawer(principal.anywhere()), fields=False)
    invitations_card(here, account)
    above_card(here)
    second_factor_rule(here)
    if may_invite:
        invite_form_asked_for(here, account)


def _of_staff(principal: Principal) -> NamedAccount | None:
    """Staff see to the account that the address names; without one they see everybody."""
    code = st.query_params.get(ACCOUNT)
    return account_named(app_engine(), principal, code) if principal.is_staff and code else None


def _only(here: Principal) -> AccountRef:
    """The one account they look at."""
    return next(account for account in here.accounts if account.id in here.chosen)


def _told_of_handing_over() -> None:
    """Where it was done, this page is theirs no more: pages/portal/unavailable.py says so."""
    if st.query_params.pop(TOLD, None) is not None:
        st.warning(
            _("Nothing was handed over: the rights of one of you were changed meanwhile. Look at them and try again."),
            icon=":material/sync_problem:",
        )
