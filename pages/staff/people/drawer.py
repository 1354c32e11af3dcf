"""One person in the drawer: their roles and accounts, where they are signed in, and how they are shut out or let in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import streamlit as st

from auth.step_up import confirmed
from data.commands import Command, execute
from data.engines import app_engine
from data.settings import settings
from data.staff import (
    Belongs,
    DisablePerson,
    EnablePerson,
    EndSessions,
    SetRoles,
    Somebody,
    get_somebody,
)
from rules.accounts import LONGEST_REASON
from rules.errors import Conflict, Invalid
from rules.permissions import StaffRole
from rules.principal import PersonKind, Principal
from ui import table
from ui.device import device_text
from ui.errors import sentence, telling
from ui.links import page_at
from ui.news import show_news, tell
from ui.state import Remembered
from ui.text import NOTHING, _, ago_text, plain, term, time_text


@dataclass
class Seeing(Remembered):
    """How one drawer stands: which version of the person is shown, and are they about to be shut out or let in?"""

    version: int | None = None
    edition: int = 0
    is_deciding: bool = False

    def begin_anew(self) -> None:
        self.version, self.edition, self.is_deciding = None, self.edition + 1, False


def person_drawer(principal: Principal) -> Callable[[Mapping[str, Any]], None]:
    """What `list_view` calls with the row whose drawer is open."""

    def show(row: Mapping[str, Any]) -> None:
        with telling():
            _person(principal, get_somebody(app_engine(), principal, UUID(str(row["uuid"]))))

    return show


def _person(principal: Principal, person: Somebody) -> None:
    seeing = Seeing.of(str(person.uuid))
    show_news(_place(person), good_stays=True)
    seeing.version = seeing.version or person.version
    is_me = person.id == principal.person_id
    if is_me:
        st.info(_("Nobody changes their own rights. Another administrator can."), icon=":material/lock:")
    if person.kind is PersonKind.STAFF:
        _roles(principal, person, seeing, is_fixed=is_me)
    if person.accounts:
        _accounts(person.accounts)
    _sign_ins(principal, person, seeing, is_me=is_me)
    if not is_me:
        _shut_out(principal, person, seeing)


def _place(person: Somebody) -> str:
    return f"person.{person.uuid}"


# --- what they may


def _roles(principal: Principal, person: Somebody, seeing: Seeing, *, is_fixed: bool) -> None:
    st.subheader(_("Roles"), anchor=False)
    tell_whose_roles_count()
    chosen = st.pills(
        _("Roles"), list(StaffRole), selection_mode="multi", default=[r for r in StaffRole if r in person.roles],
        format_func=lambda role: term("staff.role", role), disabled=is_fixed, label_visibility="collapsed",
        key=f"person.roles.{person.uuid}.{seeing.edition}",
    )  # fmt: skip
    wanted = frozenset(map(StaffRole, chosen or ()))
    if is_fixed or wanted == person.roles:
        return
    if StaffRole.ACCOUNT_MANAGER in person.roles - wanted and any(each.role is None for each in person.accounts):
        st.caption(_("Without this role they look after no account any more, also if they get it back."))
    if not confirmed(principal, key="roles", scope="fragment"):
        return
    if st.button(_("Save"), type="primary", icon=":material/save:", key="person.save", disabled=not wanted):
        command = SetRoles(person.uuid, seeing.version or person.version, wanted)
        _do(principal, command, person, seeing, _("Saved. It holds from now on, also where they have the portal open."))


def tell_whose_roles_count() -> None:
    """Where single sign-on says who works as what, what is set here lasts until they come in by it again."""
    if settings().oidc_role_claim:
        st.caption(
            _(
                "Whoever signs in by {provider} gets the roles given there: what is set here is replaced at their next "
                "sign-in.",
                provider=plain(settings().oidc_label or _("single sign-on")),
            )
        )


def _accounts(accounts: tuple[Belongs, ...]) -> None:
    st.subheader(_("Accounts"), anchor=False)
    page = page_at("accounts")
    for account in accounts:
        role = term("membership.role", account.role) if account.role else term("staff.role", StaffRole.ACCOUNT_MANAGER)
        words = f"{plain(account.name)} · {role}"
        if page is not None:
            st.page_link(page, label=words, icon=":material/domain:", query_params={"q": account.code})


# --- where they are


def _sign_ins(principal: Principal, person: Somebody, seeing: Seeing, *, is_me: bool) -> None:
    st.subheader(_("Signed in"), anchor=False)
    if not person.sign_ins:
        st.caption(_("Not in the last 30 days."))
        return
    shown = person.sign_ins[:8]
    table.show(
        {
            "began": table.words(_("Signed in"), [time_text(each.began_at) for each in shown], 150),
            "now": table.badges(_("Now"), [_("Signed in") if each.is_alive else "" for each in shown], "green", 95),
            "seen": table.words(_("Last seen"), [ago_text(each.last_seen) for each in shown], 110),
            "device": table.words(_("Device"), [device_text(each.device or "") for each in shown], 170),
            "address": table.words(_("Address"), [each.address or NOTHING for each in shown], 120),
        },
        key=f"person.sign_ins.{person.uuid}",
        label=_("Signed in"),
    )
    if is_me or not any(each.is_alive for each in person.sign_ins):
        return
    if st.button(_("Sign out everywhere"), icon=":material/logout:", key="person.out"):
        _do(principal, EndSessions(person.uuid), person, seeing, _("They are signed out in every browser."))


# --- in and out


def _shut_out(principal: Principal, person: Somebody, seeing: Seeing) -> None:
    st.divider()
    if person.disabled_at is not None:
        st.caption(_("Disabled {time}.", time=time_text(person.disabled_at)))
    if not seeing.is_deciding:
        seeing.is_deciding = _asks_for_it(is_out=person.disabled_at is not None)
        if seeing.is_deciding:
            st.rerun()
        return
    (_disable if person.disabled_at is None else _enable)(principal, person, seeing)
    if st.button(_("Back"), type="tertiary", key="person.back"):
        seeing.is_deciding = False
        st.rerun()


def _asks_for_it(*, is_out: bool) -> bool:
    if is_out:
        return st.button(_("Let them in again"), icon=":material/lock_open:", key="person.enable")
    return st.button(_("Disable this person"), icon=":material/block:", type="tertiary", key="person.disable")


def _enable(principal: Principal, person: Somebody, seeing: Seeing) -> None:
    """At once where it was proved lately who asks for it."""
    if confirmed(principal, key="person-enable", scope="fragment"):
        command = EnablePerson(person.uuid, seeing.version or person.version)
        _do(principal, command, person, seeing, _("They can sign in again, with the password they had."))


def _disable(principal: Principal, person: Somebody, seeing: Seeing) -> None:
    said = _(
        "{name} is signed out everywhere and cannot sign in any more. What they did stays.", name=plain(person.name)
    )
    st.warning(said, icon=":material/block:")
    reason = st.text_area(
        _("Reason"), max_chars=LONGEST_REASON, height=80, key=f"person.reason.{person.uuid}.{seeing.edition}"
    )
    if person.kind is PersonKind.CUSTOMER:
        st.caption(_("The administrators of their accounts read it in their log."))
    if not confirmed(principal, key="person-disable", scope="fragment"):
        return
    if st.button(_("Disable now"), type="primary", icon=":material/block:", key="person.disable.yes"):
        command = DisablePerson(person.uuid, seeing.version or person.version, reason or "")
        _do(principal, command, person, seeing, _("They are shut out."))


def _do(principal: Principal, command: Command, person: Somebody, seeing: Seeing, said: str) -> None:
    try:
        execute(app_engine(), principal, command)
    except Conflict as refused:
        seeing.begin_anew()
        tell(_place(person), bad=sentence(refused))
    except Invalid as refused:
        tell(_place(person), bad=sentence(refused))  # what was typed stays
    else:
        seeing.begin_anew()
        tell(_place(person), said)
    st.rerun()
