"""The page behind the link of an invitation: looking at it changes nothing, sending its form accepts."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode
from uuid import UUID

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from auth import sessions, visitor
from auth.front_door import front_door, trouble
from auth.invitation_links import INVITATION, JOIN, TOKEN, WHICH
from auth.invitations import Answer, Seen, accept, look_at, look_at_own
from auth.next_page import HOME, Notice, with_notice
from auth.sign_in import sign_in_form
from data.engines import auth_engine
from rules.errors import Problems
from rules.principal import Principal
from ui.form.problems import beside
from ui.plain_form import post_button
from ui.text import _, plain, read_as, reader, term

Places = Mapping[str, DeltaGenerator]


def invitation_page() -> None:
    """For whoever holds the link, and for whom it sent to sign in."""
    read_as(visitor.reader())
    token, which = st.query_params.get(TOKEN, ""), _which()
    asked = {TOKEN: token} if token else {WHICH: which or ""}
    with front_door(f"{INVITATION}?{urlencode(asked)}", reader().language):
        who = _who_is_signed_in()
        if token:
            _by_link(token, who)
        elif which is not None:
            _by_name(which, who)
        else:
            _say(Answer.OVER)
        trouble(
            _("Whoever invited you can send another letter. If you do not know whom to ask, call the service desk."),
            title=_("Trouble with the invitation?"),
        )


def _which() -> UUID | None:
    try:
        return UUID(st.query_params.get(WHICH, ""))
    except ValueError:
        return None


def _who_is_signed_in() -> Principal | None:
    signed = sessions.who(auth_engine(), visitor.session_token())
    return None if signed is None else signed.principal


def _by_link(token: str, who: Principal | None) -> None:
    seen = look_at(token)
    if seen.state is Answer.NEW:
        _introduce(seen)
        _ask(token, seen)
    elif seen.state is Answer.KNOWN and seen.uuid is not None:
        _introduce(seen)
        _ask_to_accept(seen, who) if who is not None else _ask_to_sign_in(seen)
    else:
        _say(seen.state)


def _by_name(which: UUID, who: Principal | None) -> None:
    """They signed in for it; without that nothing is said of it."""
    if who is None:
        st.info(_("Sign in to answer the invitation."), icon=":material/login:")
        sign_in_form(f"{INVITATION}?{urlencode({WHICH: which})}")
        return
    seen = look_at_own(who.token, which)
    if seen.state is Answer.KNOWN:
        _introduce(seen)
        _ask_to_accept(seen, who)
    else:
        _say(seen.state)


def _introduce(seen: Seen) -> None:
    names = {"name": plain(seen.invited_by), "account": plain(seen.account)}
    with st.container(gap="small"):
        st.subheader(_("You are invited"), anchor=False)
        st.markdown(_("{name} invites you to work with {account} in the customer portal.", **names))
        st.caption(f"{plain(seen.account)} · {term('membership.role', seen.role)}")


# --- somebody new


def _ask(token: str, seen: Seen) -> None:
    with st.form("invitation", border=False):
        st.text_input(_("E-mail"), value=seen.email, disabled=True, autocomplete="username")
        name = st.text_input(_("Your name"), value=seen.name, autocomplete="name", key="invited-name", max_chars=100)
        places = {"name": st.empty()}
        password = st.text_input(_("New password"), type="password", autocomplete="new-password", key="new-password")
        st.caption(_("At least 12 characters, in any script. A sentence only you would think of is a good password."))
        places["password"] = st.empty()
        repeated = st.text_input(_("New password again"), type="password", autocomplete="new-password", key="repeated")
        places["repeated"] = st.empty()
        is_submitted = st.form_submit_button(_("Accept the invitation"), type="primary", width="stretch")
    if is_submitted:
        _submit(token, (name or "", password or "", repeated or ""), places)


def _submit(token: str, typed: tuple[str, str, str], places: Places) -> None:
    try:
        answer = accept(token, *typed, language=reader().language, address=visitor.address())
    except Problems as problems:
        for field, problem in problems.by_field.items():
            with places[field or "password"]:
                beside(problem)
        return
    if answer is Answer.JOINED:
        visitor.go(with_notice(HOME, Notice.READY))
    if answer is Answer.KNOWN:
        st.rerun()
    _say(answer)


# --- somebody who signs in already


def _ask_to_sign_in(seen: Seen) -> None:
    st.info(
        _("You sign in here already with {email}. Sign in to accept.", email=plain(seen.email)), icon=":material/login:"
    )
    # under its own name, so that no secret stands in an address that is kept
    sign_in_form(f"{INVITATION}?{urlencode({WHICH: seen.uuid})}")


def _ask_to_accept(seen: Seen, who: Principal) -> None:
    if who.email.lower() != seen.email.lower():
        st.warning(
            _(
                "You are signed in as {email}, and the invitation is for {other}. Sign out, then open its link again.",
                email=plain(who.email),
                other=plain(seen.email),
            ),
            icon=":material/switch_account:",
        )
        _way_home()
        return
    st.caption(_("You are signed in as {email}.", email=plain(who.email)))
    post_button(_("Accept the invitation"), JOIN, {"invitation": seen.uuid})
    _way_home()


def _say(answer: Answer) -> None:
    said = {
        Answer.MEMBER: _("You belong to this account already."),
        Answer.REFUSED: _(
            "This invitation does not count any more: whoever sent it may not invite people, or the account was "
            "closed. Ask for a new one."
        ),
    }
    over = _("This invitation has expired, was used or taken back already, or a later letter has another link.")
    st.error(said.get(answer, over), icon=":material/link_off:")
    _way_home()


def _way_home() -> None:
    st.html(f'<a href="/" target="_self">{escape(_("Go to the start page"))}</a>')
