"""One account in its drawer: its parts, who is in it, who looks after it, what was done to it, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import streamlit as st

from auth.step_up import confirm, confirmed
from data.accounts import (
    Account,
    AccountPerson,
    AccountRef,
    AssignManager,
    CloseAccount,
    MoveAccount,
    ReopenAccount,
    UnassignManager,
    get_account,
    managers_to_choose,
    what_moves,
)
from data.audit_log import AUDIT
from data.commands import Command, execute
from data.engines import app_engine
from data.listing import page_of, read_asked
from pages.staff.accounts.forms import attach, change
from pages.staff.accounts.meaning import show_meaning
from rules.access import MemberRole
from rules.errors import Conflict, Invalid, NotProven
from rules.permissions import Permission
from rules.principal import Principal
from ui.changes import change_text
from ui.errors import sentence, telling
from ui.links import page_at
from ui.news import show_news, tell
from ui.state import Remembered
from ui.text import _, date_text, plain, term, time_text

P = Permission
#: What is told of the account itself and who may do what there; tickets have pages of their own.
_TOLD_OF = ("account", "membership", "invitation")
#: So many of its last entries in the log; the others are one click away.
_LATEST = 6


@dataclass(frozen=True)
class Waiting:
    """What was clicked, until it is proved who clicked it, and what is said once it is done."""

    command: Command
    said: str


@dataclass
class Acting(Remembered):
    """What somebody is about to do to one account, and which version of it they look at."""

    deed: str = ""
    version: int = 0
    waiting: Waiting | None = None

    def begin(self, deed: str, version: int) -> None:
        self.deed, self.version, self.waiting = deed, version, None

    def end(self) -> None:
        self.deed, self.waiting = "", None


def account_drawer(principal: Principal) -> Callable[[Mapping[str, Any]], None]:
    """What `list_view` calls with the row whose drawer is open."""

    def show(row: Mapping[str, Any]) -> None:
        with telling():
            _account(principal, get_account(app_engine(), principal, UUID(str(row["uuid"]))))

    return show


def _account(principal: Principal, account: Account) -> None:
    acting = Acting.of(str(account.uuid))
    show_news(_place(account), good_stays=True)
    if principal.may(P.ACCOUNT_MANAGE):
        _deeds(principal, account, acting)
    _family(account)
    _managers(principal, account, acting)
    _people(principal, account)
    if principal.may(P.AUDIT_READ):
        _history(principal, account)


def _place(account: Account) -> str:
    return f"account.{account.uuid}"


# --- what can be done


def _deeds(principal: Principal, account: Account, acting: Acting) -> None:
    if not acting.deed:
        with st.container(horizontal=True, gap="small", key="account-deeds"):
            for deed, label, icon in _offered(account):
                if st.button(label, icon=f":material/{icon}:", key=f"account.{deed}"):
                    acting.begin(deed, account.version)
                    st.rerun()
        return
    with st.container(border=True, key="account-deed"):
        _DEEDS[acting.deed](principal, account, acting)
        if st.button(_("Back"), type="tertiary", key="account.back"):
            acting.end()
            st.rerun()


def _offered(account: Account) -> list[tuple[str, str, str]]:
    offered = [("change", _("Change"), "edit")]
    if account.closed_at is not None:
        return [*offered, ("reopen", _("Open again"), "lock_open")]
    offered.append(("attach", _("Attach to an account"), "account_tree"))
    if account.above is not None:
        offered.append(("detach", _("Detach"), "link_off"))
    return [*offered, ("close", _("Close account"), "lock")]


def _change(principal: Principal, account: Account, acting: Acting) -> None:
    _done(change(principal, account, acting.version), account, acting, _("Saved."))


def _attach(principal: Principal, account: Account, acting: Acting) -> None:
    if confirmed(principal, key="account-move", scope="fragment"):
        _done(attach(principal, account, acting.version), account, acting, _("Attached. It holds from now on."))


def _done(result: Mapping[str, Any] | None, account: Account, acting: Acting, said: str) -> None:
    if result is not None:
        acting.end()
        tell(_place(account), said)
        st.rerun()


def _detach(principal: Principal, account: Account, acting: Acting) -> None:
    above = account.above
    st.markdown(f"**{_('Detach from {above}', above=plain(above.name if above else ''))}**")
    means = what_moves(app_engine(), principal, account.uuid, None)
    show_meaning(means)
    if not confirmed(principal, key="account-move", scope="fragment"):
        return
    if st.button(
        _("Detach"), type="primary", icon=":material/link_off:", key="account.yes", disabled=means.is_left_alone
    ):
        command = MoveAccount(account.uuid, acting.version, None)
        _do(principal, command, account, acting, _("Detached. It holds from now on."))


def _close(principal: Principal, account: Account, acting: Acting) -> None:
    st.markdown(_("Nobody new comes in, and nothing is put below it. Whoever is in still sees what was."))
    if st.button(_("Close account"), type="primary", icon=":material/lock:", key="account.yes"):
        _do(principal, CloseAccount(account.uuid, acting.version), account, acting, _("The account is closed."))


def _reopen(principal: Principal, account: Account, acting: Acting) -> None:
    st.markdown(_("The account lives again: people can be invited and accounts put below it."))
    if st.button(_("Open again"), type="primary", icon=":material/lock_open:", key="account.yes"):
        _do(principal, ReopenAccount(account.uuid, acting.version), account, acting, _("The account is open again."))


_DEEDS: dict[str, Callable[[Principal, Account, Acting], None]] = {
    "change": _change,
    "attach": _attach,
    "detach": _detach,
    "close": _close,
    "reopen": _reopen,
}


def _do(principal: Principal, command: Command, account: Account, acting: Acting, said: str) -> None:
    acting.end()
    try:
        execute(app_engine(), principal, command)
    except NotProven:
        acting.waiting = Waiting(command, said)
    except (Conflict, Invalid) as refused:
        tell(_place(account), bad=sentence(refused))
    else:
        tell(_place(account), said)
    st.rerun()


# --- what there is


def _family(account: Account) -> None:
    if account.above is None and not account.parts:
        return
    st.subheader(_("Where it stands"), anchor=False)
    with st.container(gap="small"):
        if account.above is not None:
            _link(account.above, "arrow_upward")
        for part in account.parts:
            _link(part, "subdirectory_arrow_right")


def _link(account: AccountRef, icon: str) -> None:
    page = page_at("accounts")
    if page is not None:
        words = f"{plain(account.name)} · {plain(account.code)}"
        st.page_link(page, label=words, icon=f":material/{icon}:", query_params={"open": str(account.uuid)})


def _managers(principal: Principal, account: Account, acting: Acting) -> None:
    st.subheader(_("Account managers"), anchor=False)
    manages = principal.may(P.ACCOUNT_MANAGE)
    for manager in account.managers:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            since = f" :gray[· {_('since {time}', time=date_text(manager.since))}]" if manager.since else ""
            st.markdown(f":material/support_agent: {plain(manager.name)}{since}", width="stretch")
            if manages and manager.id != principal.person_id:
                label, key = _("Take away"), f"account.unassign.{manager.uuid}"
                if st.button(label, icon=":material/person_remove:", type="tertiary", key=key):
                    said = _("{name} no longer looks after it.", name=plain(manager.name))
                    _do(principal, UnassignManager(account.uuid, manager.uuid), account, acting, said)
    if not account.managers:
        st.caption(_("Nobody looks after it yet."))
    if acting.waiting is not None:
        _prove(principal, account, acting, acting.waiting)
    elif manages and account.closed_at is None:
        _assigning(principal, account, acting)


def _prove(principal: Principal, account: Account, acting: Acting, waiting: Waiting) -> None:
    if confirm(principal, key="account-manager"):
        _do(principal, waiting.command, account, acting, waiting.said)
    if st.button(_("Back"), type="tertiary", key="account.back"):
        acting.end()
        st.rerun()


def _assigning(principal: Principal, account: Account, acting: Acting) -> None:
    managers = {str(each.uuid): each.name for each in managers_to_choose(app_engine(), principal, account.id)}
    if not managers:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="account-assign"):
        chosen = st.selectbox(
            _("Assign an account manager"), list(managers), index=None, placeholder=_("Choose"),
            format_func=lambda uuid: managers[uuid], key=f"account.manager.{account.uuid}.{len(account.managers)}",
        )  # fmt: skip
        if st.button(_("Assign"), icon=":material/person_add:", key="account.assign", disabled=chosen is None):
            said = _("{name} looks after it from now on.", name=plain(managers[chosen]))
            _do(principal, AssignManager(account.uuid, UUID(chosen)), account, acting, said)


def _people(principal: Principal, account: Account) -> None:
    st.subheader(_("People"), anchor=False)
    if account.people:
        st.markdown("  \n".join(_person(each) for each in account.people))
    else:
        st.caption(_("Nobody belongs to it yet."))
    page = page_at("access") if principal.may(P.ACCESS_MANAGE) else None
    if page is None:
        return
    asked = {"account": account.code}
    st.page_link(page, label=_("Access rights"), icon=":material/manage_accounts:", query_params=asked)
    if account.closed_at is None:
        asked["invite"] = "paa"
        label = _("Invite an administrator")
        st.page_link(page, label=label, icon=":material/person_add:", query_params=asked)


def _person(person: AccountPerson) -> str:
    icon = "shield_person" if person.role is MemberRole.PAA else "person"
    notes = [term("membership.role", person.role)]
    if person.from_above is not None:
        notes.append(_("as administrator of {account}", account=plain(person.from_above)))
    if person.is_disabled:
        notes.append(term("person.status", "disabled"))
    return f":material/{icon}: {plain(person.name)} :small[:gray[· {plain(person.email)} · {' · '.join(notes)}]]"


def _history(principal: Principal, account: Account) -> None:
    asked = read_asked(AUDIT, {"account": [account.code], "object": _TOLD_OF})
    found = page_of(app_engine(), principal, AUDIT, asked, size=_LATEST).values
    if not found["at"]:
        return
    st.subheader(_("What was done"), anchor=False)
    shown = ("at", "who", "action", "object_label", "change")
    lines = []
    for at, who, action, label, pair in zip(*(found[name] for name in shown), strict=True):
        what = (
            f"{term('audit.action', action)} · {plain(term('audit.label', label))}"
            if label
            else term("audit.action", action)
        )
        told = change_text(pair)
        lines.append(
            f":small[:gray[{time_text(at)} · {plain(term('audit.actor', who))}]]  \n{what}"
            + (f"  \n:small[{plain(told)}]" if told else "")
        )
    st.markdown("\n\n".join(lines))
    page = page_at("audit")
    if page is not None:
        st.page_link(page, label=_("Audit log"), icon=":material/policy:", query_params={"account": account.code})
