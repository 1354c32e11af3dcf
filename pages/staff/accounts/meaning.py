"""What moving an account would mean, in sentences, before anything is done."""

from __future__ import annotations

import streamlit as st

from data.accounts import AccountPerson, Moved
from ui.text import _, n_, plain

#: So many names are said; more are counted.
_NAMED = 5


def show_meaning(means: Moved) -> None:
    accounts = _named(means.accounts)
    lines = [f":green[:material/add:] {_gains(each, accounts)}" for each in means.gain]
    lines += [f":red[:material/remove:] {_loses(each, accounts)}" for each in means.lose]
    if not lines:
        lines = [_("Nobody's rights change: the same people administer it as before.")]
    lines.append(f":gray[{_('General users and account managers keep what they have: it names each account.')}]")
    with st.container(border=True, key="account-meaning"):
        st.markdown("\n\n".join((f"**{_('What it means')}**", *lines)))
    if means.is_left_alone:
        st.warning(
            _("It would have no administrator any more. Name one of its own first."), icon=":material/person_alert:"
        )


def _gains(person: AccountPerson, accounts: str) -> str:
    return _(
        "{name}, administrator of {above}, becomes administrator of {accounts}.",
        name=f"**{plain(person.name)}**", above=plain(person.from_above or ""), accounts=accounts,
    )  # fmt: skip


def _loses(person: AccountPerson, accounts: str) -> str:
    return _(
        "{name}, administrator of {above}, is no longer administrator of {accounts}.",
        name=f"**{plain(person.name)}**", above=plain(person.from_above or ""), accounts=accounts,
    )  # fmt: skip


def _named(accounts: tuple[str, ...]) -> str:
    more = len(accounts) - _NAMED
    names = ", ".join(plain(name) for name in accounts[:_NAMED])
    return names if more <= 0 else n_("{names} and {n} more", "{names} and {n} more", more, names=names)
