"""Somebody's access rights in the drawer: presets, functions with their sites, what a change would mean, and Save."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from auth.step_up import confirm
from data.access import ChangeAccess, EndMembership, Member, get_member
from data.commands import Command, execute
from data.engines import app_engine
from data.sites import list_sites
from pages.portal.access.grid import Grid, Kept, begins_with
from pages.portal.access.handing_over import handing_over
from rules.access import GIVEN, Access, MemberRole, changes, check_access
from rules.accounts import LONGEST_REASON
from rules.errors import Conflict, Invalid, NotProven
from rules.permissions import SITED
from rules.principal import Principal
from ui.errors import sentence, telling
from ui.news import show_news, tell
from ui.state import Remembered
from ui.text import _, date_text, plain, term


@dataclass(frozen=True)
class Waiting:
    """A change that was clicked, with what is said and done after it."""

    command: Command
    said: str
    after: Callable[[], object]


@dataclass
class Editing(Remembered):
    """How one drawer stands: which version of the rights is shown, is it about to be ended."""

    version: int | None = None
    #: Raised when what is chosen begins anew.
    edition: int = 0
    is_ending: bool = False
    #: What was asked for, until it is proved that it is they who asked.
    waiting: Waiting | None = None

    def begin_anew(self) -> None:
        self.version, self.edition, self.is_ending, self.waiting = None, self.edition + 1, False, None


def member_drawer(principal: Principal) -> Callable[[Mapping[str, Any]], None]:
    """What `list_view` calls with the row whose drawer is open."""

    def show(row: Mapping[str, Any]) -> None:
        with telling():
            _member(principal, get_member(app_engine(), principal, row["uuid"]))

    return show


def _member(principal: Principal, member: Member) -> None:
    st.markdown(f":small[:gray[{_who(member)}]]")
    editing = Editing.of(str(member.uuid))
    show_news(_place(member), good_stays=True)
    if member.person_id == principal.person_id:
        st.info(_("Nobody changes their own rights. Another administrator can."), icon=":material/lock:")
        _as_it_is(principal, member.access)
        return
    if editing.version is None:
        editing.version = member.version
    names = {site.id: site.name for site in list_sites(app_engine(), principal)}
    key = f"access.{member.uuid}.{editing.edition}"
    wanted = Grid(key, Kept(key, begins_with(member.access)), names).draw()
    with st.container(key="access-save"):  # in sight while the grid is scrolled (ui/look.css)
        _changes(principal, member.access, wanted, names)
        reason = _reason(member, editing, "why") if principal.is_staff and wanted != member.access else ""
        if editing.waiting is not None and not _is_other(editing.waiting.command, wanted):
            _prove(principal, member, editing, editing.waiting)
            return
        editing.waiting = None
        _save(principal, member, wanted, editing, reason)
    if editing.version != member.version and st.button(_("Show what holds now"), icon=":material/refresh:"):
        editing.begin_anew()
        st.rerun()
    st.divider()
    handing_over(principal, member, editing.version or member.version)
    _ending(principal, member, editing)


def _who(member: Member) -> str:
    since = _("since {time}", time=date_text(member.since))
    return " · ".join((plain(member.email), plain(member.account), since))


def _place(member: Member) -> str:
    return f"member.{member.uuid}"


def _as_it_is(principal: Principal, access: Access) -> None:
    names = {site.id: site.name for site in list_sites(app_engine(), principal)}
    if access.role is MemberRole.PAA:
        st.markdown(_("The administrator holds all functions."))
        return
    held = [f for f in GIVEN if f in access.rights]
    lines = [f":green[:material/check:] {term('permission', f)}{_where(access.rights[f], names)}" for f in held]
    st.markdown("\n\n".join(lines) or _("Nothing yet."))


def _where(sites: frozenset[int] | None, names: Mapping[int, str]) -> str:
    if sites is None:
        return ""
    return f" :gray[· {', '.join(sorted(plain(names.get(site, '?')) for site in sites))}]"


# --- what would change


def _changes(principal: Principal, before: Access, after: Access, names: Mapping[int, str]) -> None:
    """In words, before anything is saved."""
    if before == after:
        return
    lines = []
    if before.role is not after.role:
        lines.append(f":material/shield_person: **{term('membership.role', after.role)}**")
    if after.role is MemberRole.PAA:
        means = _("They may do everything in this account and change the rights of others, also yours.")
        if principal.is_staff:
            means = _("They may do everything in this account and change the rights of others.")
        lines.append(means)
    else:
        for change in changes(before.rights, after.rights):
            sign = ":green[:material/add:]" if change.is_given else ":red[:material/remove:]"
            where = _where(change.sites, names) if change.is_given else ""
            if change.is_given and change.sites is None and change.function in SITED:
                where = f" :gray[· {_('all data centers')}]"
            lines.append(f"{sign} {term('permission', change.function)}{where}")
    with st.container(border=True, key="access-changes"):
        st.markdown("\n\n".join((f"**{_('What changes')}**", *lines)))


def _reason(member: Member, editing: Editing, of: str) -> str:
    """Staff change a customer's rights at the customer's request, and say so."""
    typed = st.text_area(
        _("Reason"), max_chars=LONGEST_REASON, height=80, key=f"access.{member.uuid}.{editing.edition}.{of}"
    )
    st.caption(
        _("It stands in the log of {account}, and all its administrators get a mail.", account=plain(member.account))
    )
    return typed or ""


def _save(principal: Principal, member: Member, wanted: Access, editing: Editing, reason: str) -> None:
    problem = _problem(wanted)
    if problem:
        st.warning(problem, icon=":material/error:")
    is_same = wanted == member.access
    if not st.button(_("Save"), type="primary", icon=":material/save:", disabled=is_same or bool(problem)):
        return
    command = ChangeAccess(member.uuid, editing.version or member.version, wanted.role, wanted.rights, reason)
    _do(principal, member, command, editing, _("Saved. It holds from now on, also where they have the portal open."))


def _problem(wanted: Access) -> str:
    try:
        check_access(wanted)
    except Invalid as problem:
        about = f"{term('permission', problem.field)}: " if problem.field in GIVEN else ""
        return f"{about}{sentence(problem)}"
    return ""


def _prove(principal: Principal, member: Member, editing: Editing, waiting: Waiting) -> None:
    """In the place of the button that was clicked: what is chosen stays, and is done once it is proved."""
    if confirm(principal, key="access"):
        editing.waiting = None
        _do(principal, member, waiting.command, editing, waiting.said, waiting.after)
    if st.button(_("Back"), type="tertiary"):
        editing.waiting = None
        st.rerun()


def _is_other(command: Command, wanted: Access) -> bool:
    """Something else was chosen since."""
    return isinstance(command, ChangeAccess) and Access(command.role, command.rights) != wanted


# --- the end


def _ending(principal: Principal, member: Member, editing: Editing) -> None:
    if not editing.is_ending:
        if st.button(_("End membership"), icon=":material/person_remove:", type="tertiary"):
            editing.is_ending = True
            st.rerun()
        return
    name = plain(member.name)
    st.warning(
        _(
            "{name} will no longer see anything of {account}. What they did stays.",
            name=name,
            account=plain(member.account),
        ),
        icon=":material/person_remove:",
    )
    reason = _reason(member, editing, "end") if principal.is_staff else ""
    with st.container(horizontal=True, gap="small"):
        if st.button(_("End it now"), type="primary", icon=":material/person_remove:"):
            command = EndMembership(member.uuid, editing.version or member.version, reason)
            _do(principal, member, command, editing, "", after=lambda: st.query_params.pop("member", None))
        if st.button(_("Back"), type="tertiary"):
            editing.is_ending = False
            st.rerun()


def _do(
    principal: Principal,
    member: Member,
    command: Command,
    editing: Editing,
    said: str,
    after: Callable[[], object] = lambda: None,
) -> None:
    try:
        execute(app_engine(), principal, command)
    except NotProven:
        editing.waiting = Waiting(command, said, after)
    except (Conflict, Invalid) as refused:
        tell(_place(member), bad=sentence(refused))  # what was chosen stays
    else:
        editing.begin_anew()
        tell(_place(member), said)
        after()
    st.rerun()
