"""Who gets mail about a ticket: colleagues, and outside addresses where the account's administrator allows it."""

from __future__ import annotations

import streamlit as st

from data.commands import Command, execute
from data.engines import app_engine
from data.ticketing import AddWatcher, AllowOutsideWatchers, RemoveWatcher, TicketDetail, people_at
from data.ticketing.reading import WatcherRow
from rules.errors import Conflict, Invalid
from rules.permissions import Permission
from rules.principal import Principal
from ui.errors import sentence, telling
from ui.news import tell
from ui.text import _, plain


def show_watchers(principal: Principal, detail: TicketDetail) -> None:
    if not detail.watchers:
        st.markdown(f":material/visibility_off: :gray[{_('Nobody watches this ticket yet.')}]")
    for watcher in detail.watchers:
        with st.container(horizontal=True, vertical_alignment="center", key=f"watcher-{watcher.id}"):
            st.markdown(_named(watcher), width="stretch")
            if detail.may_work and st.button(
                _("Leave") if watcher.person_id == principal.person_id else _("Remove"),
                key=f"unwatch.{watcher.id}",
                type="tertiary",
                icon=":material/close:",
            ):
                _do(principal, detail, RemoveWatcher(detail.ticket.number, watcher.id), _("No longer watching."))
    if detail.may_work:
        _add(principal, detail)


def _named(watcher: WatcherRow) -> str:
    if watcher.email is None:
        return f":material/person: {plain(watcher.name) or _('a colleague')}"
    state = "" if watcher.is_confirmed else f" :orange-badge[{_('not confirmed yet')}]"
    return f":material/alternate_email: {plain(watcher.email)}{state}"


def _add(principal: Principal, detail: TicketDetail) -> None:
    number = detail.ticket.number
    watching = {watcher.person_id for watcher in detail.watchers}
    members = people_at(app_engine(), principal, detail.ticket.account_id)
    people = {person: name for person, name in members if person not in watching}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox(
            _("Add a colleague"),
            list(people),
            index=None,
            format_func=lambda person: plain(people[person]),
            placeholder=_("Choose"),
            key=f"watch.{number}.{len(detail.watchers)}",
        )
        if st.button(_("Add"), key=f"watch.{number}", disabled=chosen is None) and chosen is not None:
            _do(principal, detail, AddWatcher(number, person_id=chosen), _("They get mail from now on."))
    if detail.outside_watchers:
        _invite(principal, detail)
    _switch(principal, detail)
    st.caption(_("Watchers get mail, not access. From outside they learn number, kind, status and site only."))


def _invite(principal: Principal, detail: TicketDetail) -> None:
    number = detail.ticket.number
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        email = st.text_input(_("Or an address from outside"), key=f"watch.{number}.email", type="email", max_chars=254)
        if st.button(_("Invite"), key=f"invite.{number}"):
            _do(principal, detail, AddWatcher(number, email=email or ""), _("They are asked by mail first."))


def _switch(principal: Principal, detail: TicketDetail) -> None:
    """The administrator decides for all tickets of the account."""
    account = detail.ticket.account_id
    if principal.is_staff or account not in principal.chosen or not principal.may(Permission.USER_MANAGE, account):
        return
    allow = not detail.outside_watchers
    words = _("Allow addresses from outside") if allow else _("Allow no more addresses from outside")
    if st.button(
        words,
        key=f"outside.{detail.ticket.number}",
        type="tertiary",
        icon=":material/public:" if allow else ":material/public_off:",
        help=_("For all tickets of the account {account}.", account=plain(detail.account)),
    ):
        said = _("Addresses from outside may watch now.") if allow else _("Only colleagues may be added now.")
        _do(principal, detail, AllowOutsideWatchers(account, allow), said)


def _do(principal: Principal, detail: TicketDetail, command: Command, said: str) -> None:
    with telling():
        try:
            execute(app_engine(), principal, command)
        except (Invalid, Conflict) as refused:
            tell(detail.ticket.number, bad=sentence(refused))
        else:
            tell(detail.ticket.number, said)
        st.rerun()
