"""Saved views of a list: choosing one, keeping what is asked now under a name, and beginning with one."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID, uuid4

import streamlit as st

from data.commands import Command, execute
from data.engines import app_engine
from data.listing import Asked, ListSpec, read_asked
from data.views import LONGEST_NAME, ChangeView, DeleteView, SaveView, View, asked_by, default_views, list_views
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.permissions import Permission
from rules.principal import Principal
from ui.errors import sentence
from ui.list_view import parts
from ui.list_view.address import go, is_ours
from ui.news import show_news, tell
from ui.state import ListState, Remembered, Visit
from ui.text import _, plain

Pairs = tuple[tuple[str, str], ...]


class Deed(StrEnum):
    """What somebody does with a view."""

    RENAME = "rename"
    BEGIN = "begin"
    DO_NOT_BEGIN = "do_not_begin"
    SHARE = "share"
    KEEP = "keep"
    DELETE = "delete"


@dataclass
class Views(Remembered):
    """Of one list in this tab: the view that was opened last, the one that is being renamed, and the visit for which it
    was seen to where the page begins."""

    opened: tuple[str, Pairs] | None = None
    renaming: UUID | None = None
    visit: int | None = None
    #: Of the form: how often it began anew, and the key of what it sends.
    edition: int = 0
    key: UUID = field(default_factory=uuid4)


@dataclass
class Beginnings(Remembered):
    """Where this person's pages begin, asked once in a tab and not at every click. None: not asked yet."""

    by_page: dict[str, tuple[str, str]] | None = None


def begin_with_default(spec: ListSpec, principal: Principal) -> None:
    """Whoever comes to the page by its bare address begins with the view they chose for that: once in a visit, so that
    nothing comes back that they cleared."""
    views, visit = Views.of(spec.name), Visit.of("page")
    if views.visit == visit.number:
        return
    views.visit = visit.number
    if any(is_ours(spec, key) or key == spec.row_parameter for key in st.query_params):
        return
    beginnings = Beginnings.of("views")
    if beginnings.by_page is None:
        beginnings.by_page = default_views(app_engine(), principal)
    if spec.name in beginnings.by_page:
        _ask_for(spec, *beginnings.by_page[spec.name])


def follows_filters(spec: ListSpec) -> bool:
    """A view is open: its name stands beside the filters only as long as they say what it says."""
    return Views.of(spec.name).opened is not None


def views_button(spec: ListSpec, state: ListState, asked: Asked, principal: Principal) -> None:
    """One button beside the filters, which names the view that is open; what it holds is read when it is opened."""
    views = Views.of(spec.name)
    is_open = views.opened is not None and views.opened[1] == asked.pairs(spec, with_place=False)
    label = plain(views.opened[0]) if views.opened is not None and is_open else _("Views")
    key = f"{spec.name}.views.{state.edition}.{views.edition}"
    popover = st.popover(label, icon=":material/bookmarks:", key=key, on_change="rerun")
    if is_open:
        st.button(
            _("Leave this view"), icon=":material/close:", key=f"{spec.name}.leave", on_click=_leave, args=(spec,)
        )
    if not popover.open:
        show_news(_place(spec))
        return
    with popover:
        show_news(_place(spec))
        _body(spec, views, asked, principal)


def _ask_for(spec: ListSpec, name: str, query: str) -> None:
    asked = asked_by(spec, query)
    Views.of(spec.name).opened = name, asked.pairs(spec, with_place=False)
    go(spec, ListState.of(spec.name), asked, redraw=True)


def _open(spec: ListSpec, name: str, query: str) -> None:
    _ask_for(spec, name, query)
    st.rerun(parts.both(spec.name))


def _leave(spec: ListSpec) -> None:
    """The list as it is without any view."""
    Views.of(spec.name).opened = None
    go(spec, ListState.of(spec.name), read_asked(spec, {}), redraw=True)
    st.rerun(parts.both(spec.name))


def _body(spec: ListSpec, views: Views, asked: Asked, principal: Principal) -> None:
    found = list_views(app_engine(), principal, spec.name)
    if not found:
        st.caption(_("Keep the filters you use again and again under a name."))
    for view in found:
        if view.uuid == views.renaming:
            _rename(spec, views, view, principal)
        else:
            _row(spec, views, view, principal)
    _save(spec, views, asked, principal)


def _row(spec: ListSpec, views: Views, view: View, principal: Principal) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"view-{view.uuid}"):
        st.button(
            plain(view.name),
            icon=":material/star:" if view.is_default else ":material/bookmark:",
            type="tertiary",
            key=f"open-{view.uuid}",
            on_click=_open,
            args=(spec, view.name, view.query),
        )
        if view.shared:
            whose = _("shared by {name}", name=view.by) if view.by else _("shared")
            st.markdown(f":small[:gray[{plain(whose)}]]", width="content")
        st.space("stretch")
        deeds = _deeds(view, principal)
        if deeds:
            picked = st.menu_button(
                _("Change"), list(deeds), format_func=deeds.__getitem__, type="tertiary", key=f"change-{view.uuid}"
            )
            if picked is not None:
                _do(spec, views, view, picked, principal)


def _deeds(view: View, principal: Principal) -> dict[Deed, str]:
    """What this person may do with it, in words."""
    if not view.is_mine:
        return {Deed.DELETE: _("Delete")} if principal.may(Permission.USER_MANAGE) else {}
    deeds = {Deed.RENAME: _("Rename")}
    if view.is_default:
        deeds[Deed.DO_NOT_BEGIN] = _("Do not begin with it")
    else:
        deeds[Deed.BEGIN] = _("Begin with it")
    if view.shared:
        deeds[Deed.KEEP] = _("Share no more")
    elif _shared_with(principal):
        deeds[Deed.SHARE] = _("Share with colleagues")
    return {**deeds, Deed.DELETE: _("Delete")}


def _do(spec: ListSpec, views: Views, view: View, deed: Deed, principal: Principal) -> None:
    if deed is Deed.RENAME:
        views.renaming = view.uuid
        st.rerun()
    if deed is Deed.DELETE:
        _carry_out(spec, principal, DeleteView(view.uuid), _("{name} is deleted.", name=plain(view.name)))
    shared = {Deed.SHARE: True, Deed.KEEP: False}.get(deed, view.shared)
    is_default = {Deed.BEGIN: True, Deed.DO_NOT_BEGIN: False}.get(deed, view.is_default)
    command = ChangeView(view.uuid, view.name, shared=shared, is_default=is_default)
    said = {
        Deed.BEGIN: _("This page begins with {name}.", name=plain(view.name)),
        Deed.DO_NOT_BEGIN: _("This page begins with all again."),
        Deed.SHARE: _("Your colleagues see {name}.", name=plain(view.name)),
        Deed.KEEP: _("Only you see {name}.", name=plain(view.name)),
    }
    _carry_out(spec, principal, command, said[deed])


def _rename(spec: ListSpec, views: Views, view: View, principal: Principal) -> None:
    with st.form(f"rename-{view.uuid}", border=False):
        called = st.text_input(_("Name"), view.name, max_chars=LONGEST_NAME)
        with st.container(horizontal=True, gap="small"):
            renamed = st.form_submit_button(_("Rename"), type="primary")
            left = st.form_submit_button(_("Cancel"))
    if left:
        views.renaming = None
        st.rerun()
    if renamed:
        command = ChangeView(view.uuid, called or "", shared=view.shared, is_default=view.is_default)
        _carry_out(spec, principal, command, _("It is called {name} now.", name=plain(called or "")))


def _save(spec: ListSpec, views: Views, asked: Asked, principal: Principal) -> None:
    account = _shared_with(principal)
    with st.form(f"save-{spec.name}-{views.edition}", border=False):
        called = st.text_input(_("Keep what is chosen now as"), max_chars=LONGEST_NAME, placeholder=_("Name"))
        shared = bool(account) and st.checkbox(_("Share with everybody of {account}", account=plain(account)))
        begins = st.checkbox(_("Begin with it when I open this page"))
        saved = st.form_submit_button(_("Save view"), type="primary")
    if not saved:
        return
    query = asked.query(spec, with_place=False)
    command = SaveView(spec.name, called or "", query, shared=shared, is_default=begins)
    _carry_out(spec, principal, command, _("{name} is saved.", name=plain(called or "")), opened=(called or "", query))


def _shared_with(principal: Principal) -> str:
    """The name of the one account in view; none, where there are several or it is staff who look."""
    if principal.is_staff or len(principal.chosen) != 1:
        return ""
    return next((account.name for account in principal.accounts if account.id == principal.chosen[0]), "")


def _carry_out(
    spec: ListSpec, principal: Principal, command: Command, said: str, *, opened: tuple[str, str] | None = None
) -> None:
    views = Views.of(spec.name)
    try:
        execute(app_engine(), principal, command, key=views.key if command.creates else None)
    except (Conflict, Forbidden, Invalid, NotFound) as error:
        tell(_place(spec), bad=sentence(error))
    else:
        tell(_place(spec), said)
        views.renaming, views.key = None, uuid4()
        Beginnings.of("views").by_page = None
        if opened is not None:
            views.edition += 1  # what was typed is saved, and the popover closes over it
            views.opened = opened[0], asked_by(spec, opened[1]).pairs(spec, with_place=False)
    st.rerun()


def _place(spec: ListSpec) -> str:
    return f"views.{spec.name}"
