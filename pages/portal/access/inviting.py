"""Inviting somebody: who they are, what they may do from their first day, and the letter that asks them."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import streamlit as st

from auth.step_up import confirmed
from data.account_choice import NamedAccount
from data.commands import execute
from data.engines import app_engine
from data.invitations import Invite
from data.sites import list_sites
from pages.portal.access.grid import Grid
from rules.access import GIVEN, Access, MemberRole
from rules.accounts import LONGEST_REASON
from rules.errors import Invalid
from rules.principal import Principal
from ui.errors import sentence, telling
from ui.form.problems import beside
from ui.news import show_news, tell
from ui.state import Remembered
from ui.text import _, languages, plain, reader, term

NOBODY_YET = Access(MemberRole.GENERAL, {})
#: The first of an account administers it.
FIRST = Access(MemberRole.PAA, {})
#: Where it is said that a letter is on its way.
LETTER = "invite"


@dataclass
class Inviting(Remembered):
    """The form as it stands in this tab: its key, and what was refused last."""

    key: UUID = field(default_factory=uuid4)
    refused: Invalid | None = None

    def begin_anew(self) -> None:
        self.key, self.refused = uuid4(), None


def invite_button() -> bool:
    clicked = st.button(_("Invite"), icon=":material/person_add:", type="primary", key="access.invite")
    if clicked:
        Inviting.of("invite").begin_anew()
    return clicked


def told_of_the_letter() -> None:
    """The same for every address."""
    show_news(LETTER, good_stays=True)


def open_invite_form(principal: Principal, account: NamedAccount | None = None, *, begins: Access = NOBODY_YET) -> None:
    """`account`: the one that staff see to."""

    @st.dialog(_("Invite a person"), width="medium", position="right", icon=":material/person_add:")
    def dialog() -> None:
        with telling():
            _form(principal, Inviting.of("invite"), account, begins)

    dialog()


def _form(principal: Principal, inviting: Inviting, account: NamedAccount | None, begins: Access) -> None:
    refused = inviting.refused
    problem_at = refused.field if refused is not None else None
    if account is not None:
        st.markdown(f":material/domain: **{plain(account.name)}** :gray[· {plain(account.code)}]")
    account_id = account.id if account is not None else _account(principal, inviting)
    email = _text(_("E-mail"), "email", inviting, problem_at, max_chars=254)
    name = _text(_("Name"), "person_name", inviting, problem_at, max_chars=100)
    options = list(languages())
    language = st.selectbox(
        _("Language of the letter"), options, options.index(reader().language), lambda code: languages()[code],
        key=_key(inviting, "language"),
    )  # fmt: skip
    names = {site.id: site.name for site in list_sites(app_engine(), principal)}
    wanted = Grid(_key(inviting, "grid"), begins, names).draw()
    if wanted.role is MemberRole.PAA:
        said = _("They may do everything in this account and change the rights of others, also yours.")
        if principal.is_staff:
            said = _("They may do everything in this account and change the rights of others.")
        st.warning(said, icon=":material/shield_person:")
    if refused is not None and problem_at not in ("email", "person_name", "reason"):
        about = f"{term('permission', refused.field)}: " if refused.field in GIVEN else ""
        st.warning(f"{about}{sentence(refused)}", icon=":material/error:")
    reason = _reason(inviting, account) if account is not None else ""
    st.caption(_("A letter asks them to set a password. What you give here is theirs once they have accepted."))
    if not confirmed(principal, key="invite", scope="fragment"):
        return
    label, key = _("Send the invitation"), _key(inviting, "send")
    clicked = st.button(label, type="primary", icon=":material/send:", key=key, disabled=account_id is None)
    if clicked and account_id is not None:
        _send(principal, Invite(account_id, email, name, wanted.role, wanted.rights, language, reason), inviting)


def _reason(inviting: Inviting, account: NamedAccount) -> str:
    """Staff invite at a customer's request, and say so."""
    refused = inviting.refused
    with st.container(gap="xxsmall"):
        typed = st.text_area(_("Reason"), max_chars=LONGEST_REASON, height=80, key=_key(inviting, "reason"))
        st.caption(
            _("It stands in the log of {account}, and all its administrators get a mail.", account=plain(account.name))
        )
        beside(refused if refused is not None and refused.field == "reason" else None)
    return typed or ""


def _account(principal: Principal, inviting: Inviting) -> int | None:
    """Asked only where there are several; none is proposed, for rights in another company are soon given."""
    own = {a.id: a.name for a in principal.accounts if a.id in principal.chosen and a.is_paa}
    if len(own) == 1:
        return next(iter(own))
    return st.selectbox(
        _("Account"), list(own), None, lambda account: own[account], placeholder=_("Choose an account"),
        key=_key(inviting, "account"),
    )  # fmt: skip


def _text(label: str, name: str, inviting: Inviting, problem_at: str | None, *, max_chars: int) -> str:
    with st.container(gap="xxsmall"):
        typed = st.text_input(label, key=_key(inviting, name), max_chars=max_chars)
        beside(inviting.refused if problem_at == name else None)
    return typed or ""


def _key(inviting: Inviting, name: str) -> str:
    return f"invite.{inviting.key}.{name}"


def _send(principal: Principal, command: Invite, inviting: Inviting) -> None:
    inviting.refused = None
    try:
        execute(app_engine(), principal, command, key=inviting.key)
    except Invalid as refused:
        inviting.refused = refused
        st.rerun(scope="fragment")
    name = plain(command.person_name.strip())
    tell(LETTER, _("The invitation to {name} is on its way. It counts for seven days.", name=name))
    inviting.begin_anew()
    st.rerun()
