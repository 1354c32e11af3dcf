"""The account's own rule: must those who run it sign in with a second factor?"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from auth.step_up import confirm
from data.commands import execute
from data.engines import app_engine
from data.own_factor import RequireSecondFactor, is_required
from rules.errors import Invalid, NotProven
from rules.principal import Principal
from ui import look
from ui.errors import sentence
from ui.news import show_news, tell
from ui.state import Remembered
from ui.text import _


@dataclass
class Rule(Remembered):
    """What was chosen and waits until it is proved who chose it."""

    waiting: bool | None = None


def second_factor_rule(principal: Principal) -> None:
    """For the one account in view."""
    if len(principal.chosen) != 1:
        return
    (account,) = principal.chosen
    rule = Rule.of(_place(account))
    required = is_required(app_engine(), principal, account)
    with look.card(_("Second factor of administrators"), key="second-factor-rule"):
        st.write(
            _("Administrators of this account sign in with their password and a code from their phone.")
            if required
            else _(
                "Administrators of this account may sign in with their password alone. You can require a code from "
                "their phone as well."
            )
        )
        show_news(_place(account), good_stays=True)
        if rule.waiting is not None:
            _prove(principal, account, rule, rule.waiting)
        elif st.button(_("Require it no longer") if required else _("Require it"), key="second-factor-required"):
            _decide(principal, account, rule, not required)


def _place(account: int) -> str:
    return f"second-factor-{account}"


def _prove(principal: Principal, account: int, rule: Rule, wanted: bool) -> None:
    if confirm(principal, key="second-factor-rule"):
        rule.waiting = None
        _decide(principal, account, rule, wanted)
    if st.button(_("Back"), type="tertiary", key="second-factor-back"):
        rule.waiting = None
        st.rerun()


def _decide(principal: Principal, account: int, rule: Rule, wanted: bool) -> None:
    try:
        execute(app_engine(), principal, RequireSecondFactor(account, wanted))
    except NotProven:
        rule.waiting = wanted
    except Invalid as refused:
        tell(_place(account), bad=sentence(refused))
    else:
        said = (
            _("Saved. Whoever has no second factor yet sets one up when they sign in next.")
            if wanted
            else _("Saved. A password alone is enough again for those who want it so.")
        )
        tell(_place(account), said)
    st.rerun()
