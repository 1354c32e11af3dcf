"""Below the people of an account: who was invited and has not answered, and who runs it from above."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from data.account_choice import NamedAccount
from data.administrators import administrators_above
from data.commands import execute
from data.engines import app_engine
from data.invitations import InvitationState, Invited, ResendInvitation, RevokeInvitation, list_invitations
from rules.accounts import LONGEST_REASON
from rules.errors import Conflict, Invalid, NotFound
from rules.principal import Principal
from ui import look
from ui.errors import sentence
from ui.look import status_badge
from ui.news import has_news, show_news, tell
from ui.state import Remembered
from ui.text import _, ago_text, plain, term, time_text

RESEND, REVOKE = "resend", "revoke"
#: Where it is said what came of a click.
HERE = "invitations"


@dataclass
class Deciding(Remembered):
    """What staff are about to do to one invitation: they say why first."""

    deed: str = ""


def invitations_card(principal: Principal, account: NamedAccount | None = None) -> None:
    """Nothing where nobody waits. `account`: the one that staff see to."""
    of_one = None if account is None else account.id
    waiting = list_invitations(app_engine(), principal, of_one)
    if not (waiting or has_news(HERE)):
        return
    with look.card(_("Invitations"), key="invitations"):
        show_news(HERE, good_stays=True)
        for invited in waiting:
            _invited(principal, invited)


def _invited(principal: Principal, invited: Invited) -> None:
    name = plain(invited.name)
    with st.container(horizontal=True, vertical_alignment="center", key=f"invited-{invited.uuid}"):
        st.markdown("  \n".join(_lines(principal, invited)), width="stretch")
        status_badge("invitation.state", invited.state)
        again = _("Send {name} another letter: the link in the one before is dead then", name=name)
        if st.button(_("Resend"), icon=":material/forward_to_inbox:", key=f"resend-{invited.uuid}", help=again):
            _decide(principal, invited, RESEND)
        back = _("Take the invitation of {name} back: its link is dead then", name=name)
        if st.button(_("Revoke"), icon=":material/cancel_schedule_send:", key=f"revoke-{invited.uuid}", help=back):
            _decide(principal, invited, REVOKE)
    deciding = Deciding.of(str(invited.uuid))
    if deciding.deed:
        _say_why(principal, invited, deciding)


def _decide(principal: Principal, invited: Invited, deed: str) -> None:
    if not principal.is_staff:
        _carry_out(principal, invited, deed)
    Deciding.of(str(invited.uuid)).deed = deed
    st.rerun()


def _carry_out(principal: Principal, invited: Invited, deed: str, reason: str = "") -> None:
    said = {
        RESEND: _("Another letter is on its way to {email}.", email=plain(invited.email)),
        REVOKE: _("The invitation of {email} is taken back.", email=plain(invited.email)),
    }
    kind = ResendInvitation if deed == RESEND else RevokeInvitation
    _do(principal, kind(invited.uuid, invited.edition, reason), said[deed])


def _say_why(principal: Principal, invited: Invited, deciding: Deciding) -> None:
    """Staff do it at a customer's request."""
    with st.container(border=True, key=f"why-{invited.uuid}"):
        reason = st.text_area(
            _("Reason"), max_chars=LONGEST_REASON, height=80, key=f"why.{deciding.deed}.{invited.uuid}"
        )
        told = _(
            "It stands in the log of {account}, and all its administrators get a mail.", account=plain(invited.account)
        )
        st.caption(told)
        with st.container(horizontal=True, gap="small"):
            label = _("Send it again") if deciding.deed == RESEND else _("Take it back")
            if st.button(label, type="primary", key=f"do-{invited.uuid}"):
                _carry_out(principal, invited, deciding.deed, reason or "")
            if st.button(_("Back"), type="tertiary", key=f"back-{invited.uuid}"):
                deciding.deed = ""
                st.rerun()


def _lines(principal: Principal, invited: Invited) -> tuple[str, str]:
    given = term("access.rights", _rights(invited))
    parts = [given, _("invited by {name} {ago}", name=plain(invited.invited_by), ago=ago_text(invited.sent_at))]
    if invited.state is InvitationState.INVITED:
        parts.append(_("until {time}", time=time_text(invited.expires_at)))
    if len(principal.chosen) > 1 or principal.is_staff:
        parts.insert(0, plain(invited.account))
    return f"**{plain(invited.name)}** · {plain(invited.email)}", f":small[:gray[{' · '.join(parts)}]]"


def _rights(invited: Invited) -> str:
    """In the words of the list above."""
    return "paa" if invited.access.role == "paa" else invited.access.preset or "own_choice"


def _do(principal: Principal, command: ResendInvitation | RevokeInvitation, done: str) -> None:
    try:
        execute(app_engine(), principal, command)
    except Invalid as refused:
        tell(HERE, bad=sentence(refused))  # what was typed stays
        st.rerun()
    except Conflict as refused:
        tell(HERE, bad=sentence(refused))
    except NotFound:
        tell(HERE, bad=_("This invitation was accepted or taken back meanwhile."))
    else:
        tell(HERE, done)
    Deciding.of(str(command.invitation)).deed = ""
    st.rerun()


def above_card(principal: Principal) -> None:
    """Whom no list of the account's own people names, and who administers it all the same."""
    found = administrators_above(app_engine(), principal)
    if not found:
        return
    names = {account.id: account.name for account in principal.accounts}
    with look.card(_("Administrators of the parent company"), key="above"):
        st.caption(
            _("Administrators of a parent company also administer its sub-accounts; this is changed only there.")
        )
        for person in found:
            own = ", ".join(sorted(plain(names.get(account, "?")) for account in person.accounts))
            role = _("administrator of {account}", account=plain(person.above))
            also = f" · {own}" if len(principal.chosen) > 1 else ""
            st.markdown(f"**{plain(person.name)}** · {plain(person.email)}  \n:small[:gray[{role}{also}]]")
