"""Handing the administration over, in a colleague's drawer: they run the account, and one keeps what one chooses."""

from __future__ import annotations

import streamlit as st

from auth.step_up import confirmed
from data.access import Member
from rules.permissions import PRESETS
from rules.principal import Principal
from ui.plain_form import post_button
from ui.text import _, plain, term

#: The route that does it (shell/entitled.py), and what the page is told of it.
HAND_OVER, TOLD = "/live/hand-over", "handed"
USUAL = "full_user"


def handing_over(principal: Principal, member: Member, version: int) -> None:
    """Only for who belongs to the account as its administrator: who runs it from above has nothing to hand over."""
    if not runs_it_directly(principal, member):
        return
    with st.expander(_("Hand over the administration"), icon=":material/key:"):
        name, account = plain(member.name), plain(member.account)
        st.markdown(
            _(
                "{name} becomes administrator of {account}, and you become a general user of it, both at once. "
                "You cannot take that back; {name} can.",
                name=name,
                account=account,
            )
        )
        preset = st.pills(
            _("What you may do from then on"),
            list(PRESETS),
            default=USUAL,
            required=True,
            format_func=lambda each: term("preset", each),
            key=f"hand-over.{member.uuid}",
        )
        asked = {"member": member.uuid, "version": version, "preset": preset or USUAL}
        if confirmed(principal, key="hand-over", scope="fragment"):
            post_button(_("Hand over now"), HAND_OVER, asked, is_primary=False)


def runs_it_directly(principal: Principal, member: Member) -> bool:
    """The database decides; this is whether it is offered."""
    accounts = {account.id: account for account in principal.accounts}
    own = accounts.get(member.account_id)
    if own is None or not own.is_paa:
        return False
    above = accounts.get(own.parent_id or 0)
    return above is None or not above.is_paa
