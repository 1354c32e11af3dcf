"""Inviting somebody: who they are, what they may do from their first day, and the letter that asks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import streamlit as st

from auth.step_up import confirmed
from data.account_choice import NamedAccount
from data.commands import execute
from data.engines import app_engine
from data.invitations import Invite
from data.people import LONGEST_EMAIL
from data.sites import list_sites
from pages.portal.access.grid import Grid, begins_with
from rules.access import Access, MemberRole
from rules.accounts import LONGEST_REASON
from rules.errors import Invalid
from rules.fields import Field, FieldKind
from rules.names import LONGEST_NAME
from rules.principal import Principal
from rules.words import N_
from ui.drafts import Draft
from ui.errors import telling
from ui.form import Filled, Sending, begins, beside, checked_by, send, send_button, show_input, summary
from ui.news import show_news, tell
from ui.text import _, languages, plain, reader, translated

NOBODY_YET = Access(MemberRole.GENERAL, {})
#: The first of an account administers it.
FIRST = Access(MemberRole.PAA, {})
#: Where it is said that a letter is on its way.
LETTER = "invite"
#: In the address: `/access?invite=1` opens the form; with an account and `invite=paa` staff begin with its first
#: administrator.
INVITE, ADMINISTRATOR = "invite", str(MemberRole.PAA)

FORM = "invite"
ACCOUNT, LANGUAGE, RIGHTS = "account", "language", "rights"
_ACCOUNT, _LANGUAGE = N_("Account"), N_("Language of the letter")
_EMAIL = Field("email", N_("E-mail"), required=True, longest=LONGEST_EMAIL)
_NAME = Field("person_name", N_("Name"), required=True, longest=LONGEST_NAME)
_REASON = Field("reason", N_("Reason"), FieldKind.LONG_TEXT, required=True, longest=LONGEST_REASON)


def invite_button() -> None:
    if st.button(_("Invite"), icon=":material/person_add:", type="primary", key="access.invite"):
        st.query_params[INVITE] = "1"
        st.rerun()


def told_of_the_letter() -> None:
    """The same for every address."""
    show_news(LETTER, good_stays=True)


def invite_form_asked_for(principal: Principal, account: NamedAccount | None = None) -> None:
    """The form that the address names. `account`: the one that staff see to."""
    asked = st.query_params.get(INVITE)
    if asked is None:
        return

    first = FIRST if account is not None and asked == ADMINISTRATOR else NOBODY_YET
    # what is typed for one account is no beginning for another, and what for a colleague none for an administrator
    form = FORM if account is None else f"{FORM}.{account.id}.{first.role}"

    def closed() -> None:
        """What was typed stays as a draft; what was wrong with it is not said again before it is sent."""
        st.query_params.pop(INVITE, None)
        Sending.of(form).begin_anew()

    @st.dialog(_("Invite a person"), width="medium", position="right", icon=":material/person_add:", on_dismiss=closed)
    def dialog() -> None:
        with telling():
            invited = _form(principal, account, form, first)
            if invited is not None:
                said = _("The invitation to {name} is on its way. It counts for seven days.", name=plain(invited))
                tell(LETTER, said)
                closed()
                st.rerun()

    dialog()


def _form(principal: Principal, account: NamedAccount | None, form: str, first: Access) -> str | None:
    """The name of whoever was invited, once they were."""
    fields = (_EMAIL, _NAME) if account is None else (_EMAIL, _NAME, _why(account))
    begin = {ACCOUNT: None, LANGUAGE: reader().language, **begins(fields), **begins_with(first)}
    draft, sending = Draft.of(principal, form, **begin), Sending.of(form)
    if sending.done is not None:
        name = str(draft.value(_NAME.name)).strip()
        draft.discard()
        sending.begin_anew()
        return name
    if account is not None:
        st.markdown(f":material/domain: **{plain(account.name)}** :gray[· {plain(account.code)}]")
    draft.notice(sending.begin_anew)
    own = _own(principal) if account is None else {account.id: account.name}
    grid = Grid(f"{form}.grid", draft, {site.id: site.name for site in list_sites(app_engine(), principal)})
    command = _command(draft, own, grid.chosen())
    filled = checked_by(Filled(draft, fields), sending, partial(_wrong, command, own, by_staff=principal.is_staff))
    _fields(filled, own, grid, sending)
    _warning(principal, command.role)
    for why in fields[2:]:
        show_input(why, why.name, filled)
    st.caption(_("A letter asks them to set a password. What you give here is theirs once they have accepted."))
    _sent(principal, command, draft, sending)
    return None


def _why(account: NamedAccount) -> Field:
    """Staff invite at a customer's request, and say so."""
    said = _("It stands in the log of {account}, and all its administrators get a mail.", account=plain(account.name))
    return replace(_REASON, hint=said)


def _own(principal: Principal) -> dict[int, str]:
    """The accounts in view that they run."""
    return {one.id: one.name for one in principal.accounts if one.id in principal.chosen and one.is_paa}


def _command(draft: Draft, own: Mapping[int, str], wanted: Access) -> Invite:
    """As it is filled in by now; where several accounts can be chosen and none is, of no account."""
    account = next(iter(own)) if len(own) == 1 else draft.value(ACCOUNT)
    typed = {each.name: draft.value(each.name) or "" for each in (_EMAIL, _NAME)}
    reason = draft.value(_REASON.name) or "" if _REASON.name in draft.begins else ""
    language = str(draft.value(LANGUAGE))
    return Invite(account or 0, **typed, role=wanted.role, rights=wanted.rights, language=language, reason=reason)


def _wrong(command: Invite, own: Mapping[int, str], *, by_staff: bool) -> list[Invalid]:
    chosen = [] if command.account_id in own else [Invalid(N_("Please fill this in."), ACCOUNT)]
    return [*chosen, *command.problems(by_staff=by_staff)]


def _fields(filled: Filled, own: Mapping[int, str], grid: Grid, sending: Sending) -> None:
    labels = {each.name: each.label for each in filled.fields} | {ACCOUNT: _ACCOUNT, LANGUAGE: _LANGUAGE}
    summary(filled.problems, {name: translated(label) for name, label in labels.items()}, turn=sending.turns)
    if sending.said:
        st.warning(sending.said, icon=":material/sync_problem:")
    if len(own) > 1:
        _choose_account(filled, own)
    for each in (_EMAIL, _NAME):
        show_input(each, each.name, filled)
    names = languages()
    kept = filled.draft.field(LANGUAGE, among=names)
    st.selectbox(translated(_LANGUAGE), list(names), format_func=names.__getitem__, **kept)
    grid.draw(filled.problems.get(RIGHTS))


def _choose_account(filled: Filled, own: Mapping[int, str]) -> None:
    """Asked only where there are several; none is proposed, for rights in another company are soon given."""
    with st.container(gap="xxsmall"):
        st.selectbox(
            translated(_ACCOUNT), list(own), None, own.__getitem__, placeholder=_("Choose an account"),
            **filled.draft.field(ACCOUNT, among=[*own, None]),
        )  # fmt: skip
        beside(filled.problems.get(ACCOUNT))


def _warning(principal: Principal, role: MemberRole) -> None:
    if role is not MemberRole.PAA:
        return
    said = _("They may do everything in this account and change the rights of others, also yours.")
    if principal.is_staff:
        said = _("They may do everything in this account and change the rights of others.")
    st.warning(said, icon=":material/shield_person:")


def _sent(principal: Principal, command: Invite, draft: Draft, sending: Sending) -> None:
    """By a button that is there once it is proved who clicks it."""
    if not confirmed(principal, key="invite", scope="fragment"):
        sending.is_asked = False
        return
    send_button(sending, _("Send the invitation"), key=f"{draft.form}.send")
    if sending.is_asked:
        send(sending, draft, lambda key: execute(app_engine(), principal, command, key=key))
