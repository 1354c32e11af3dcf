"""Several accounts in view: what a page leaves out of them, the address of its report, and asking for a single one."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from rules.looking import PARAMETER, said_of
from rules.permissions import Permission
from rules.principal import AccountRef, Principal
from ui.asking import choose_among
from ui.text import _, plain, reader

P = Permission
#: What the address calls a single account, on pages that are about one.
ACCOUNT = "account"
#: What Home is made of.
PARTS = (P.TICKET_VIEW_COMPANY, P.ORDER_VIEW, P.INVOICE_VIEW, P.INVENTORY_VIEW)


def report_facts(principal: Principal) -> Mapping[str, str]:
    """What only the page knows of the report it offers."""
    several = not principal.is_staff and len(principal.accounts) > 1
    return {**({PARAMETER: said_of(principal)} if several else {}), "zone": reader().time_zone}


def tell_left_out(principal: Principal, *permissions: Permission) -> None:
    """What a general user may do differs from account to account: which of those in view are not in the list that the
    first of these functions opens."""
    if not _differs(principal):
        return
    covered = principal.covering(next(permission for permission in permissions if principal.may(permission)))
    own = [a for a in principal.chosen if a not in covered.chosen and principal.may(P.TICKET_VIEW_OWN, a)]
    own = own if P.TICKET_VIEW_OWN in permissions else []
    hidden = [a for a in principal.chosen if a not in (*covered.chosen, *own)]
    lines = []
    if own:
        words = _("Only your own tickets of {accounts} are yours to see: look at one such account by itself.",
                  accounts=_names(principal, own))  # fmt: skip
        lines.append(words)
    if hidden:
        lines.append(_("Without {accounts}, where this is not among your rights.", accounts=_names(principal, hidden)))
    not_taken = [a for a in covered.chosen if principal.may(P.REPORT_EXPORT) and not principal.may(P.REPORT_EXPORT, a)]
    if not_taken:
        lines.append(_("The report leaves out {accounts}.", accounts=_names(principal, not_taken)))
    if lines:
        st.caption(f":material/info: {' '.join(lines)}")


def tell_parts_left_out(principal: Principal) -> None:
    """The same of Home, whose parts each cover the accounts in which their function is held."""
    if not _differs(principal):
        return
    shown = [function for function in PARTS if principal.may(function)]
    some = [a for a in principal.chosen if not all(principal.may(function, a) for function in shown)]
    if some:
        words = _("Of {accounts} you see less: your rights there are others.", accounts=_names(principal, some))
        st.caption(f":material/info: {words}")


def the_one_account(principal: Principal, function: Permission) -> Principal | None:
    """Looking at one account only, for pages that are about one; where several are in view, their reader is asked
    which, and nothing else is shown before."""
    if principal.is_staff:
        return principal
    covered = principal.covering(function)
    if len(covered.chosen) < 2:
        return covered
    accounts = {account.code: account for account in principal.accounts if account.id in covered.chosen}
    names = {code: account.name for code, account in accounts.items()}
    with st.container(key="asking-account"):
        code = choose_among(ACCOUNT, _("Account"), names, placeholder=_("Choose an account"))
    if not code:
        words = _("Several accounts are in view, and this page is about one: please choose it.")
        st.info(words, icon=":material/apartment:")
        return None
    return covered.looking_at((accounts[code].id,))


def _differs(principal: Principal) -> bool:
    return not principal.is_staff and len(principal.chosen) > 1 and not all(a.is_paa for a in _in_view(principal))


def _in_view(principal: Principal) -> tuple[AccountRef, ...]:
    return tuple(account for account in principal.accounts if account.id in principal.chosen)


def _names(principal: Principal, accounts: list[int]) -> str:
    return ", ".join(plain(account.name) for account in principal.accounts if account.id in accounts)
