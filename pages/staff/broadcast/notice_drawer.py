"""One notice as its writers see it: how far it is, whom it concerns, what it says, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import streamlit as st

from data.commands import Command, Done, execute
from data.engines import app_engine
from data.notices import get_notice
from data.noticing import AddToNotice, Editable, PublishNotice, WithdrawNotice
from pages.staff.broadcast.notice_form import clock_of, key_of, reach_words
from rules.errors import Conflict, Invalid
from rules.fields import Field, FieldKind, Values
from rules.notices import LONGEST_BODY, ONGOING, NoticeState
from rules.principal import Principal
from rules.words import N_
from ui.errors import sentence
from ui.form.short import ShortForm, show_short_form
from ui.formats import language_name
from ui.look import status_badge
from ui.news import show_news, tell
from ui.reader import zone_of
from ui.text import _, plain, reader, time_text

K = FieldKind
S = NoticeState
_BODY = Field("body", N_("What became known"), K.LONG_TEXT, required=True, longest=LONGEST_BODY)
_OVER = Field("resolves", N_("It is over"), K.TICK)
_MOVED = (
    Field("starts_at", N_("New beginning"), K.MOMENT),
    Field("ends_at", N_("New end"), K.MOMENT),
)


def show_drawer(principal: Principal, known: Editable) -> Mapping[str, str] | None:
    """Where to go next, if something was done that leads away from here."""
    show_news(key_of(known.row.uuid))
    _head(principal, known)
    leads = _deeds(principal, known) if known.row.is_mine else None
    _said(known)
    if known.row.published_at is not None:
        _updates(principal, known)
    return leads


def _head(principal: Principal, known: Editable) -> None:
    row = known.row
    st.subheader(plain(row.title), anchor=False)
    with st.container(horizontal=True, gap="small"):
        status_badge("notice.state", row.state)
        status_badge("notice.category", row.category)
        if row.service_impacting:
            st.badge(_("Service affected"), color="red", icon=":material/warning:")
    here = zone_of(clock_of(known))
    facts = {
        _("For"): ", ".join(row.accounts) or _("Everyone"),
        _("Sites"): ", ".join(row.sites),
        _("Begins"): _on(row.starts_at, here),
        _("Ends"): _on(row.ends_at, here),
        _("Please answer by"): _on(row.respond_by, here),
        _("Resolved"): _on(row.resolved_at, here),
        _("Published"): time_text(row.published_at) if row.published_at else "",
        _("Written by"): row.written_by or "",
    }
    st.table({name: plain(value) for name, value in facts.items() if value}, border="horizontal")
    words = reach_words(principal, known.notice) if row.is_mine else ""
    if words:
        st.markdown(f":material/groups: {words}")


def _on(at: Any, here: Any) -> str:
    """On that clock, by its name."""
    return time_text(at, zone=str(here)) if at else ""


def _deeds(principal: Principal, known: Editable) -> Mapping[str, str] | None:
    row = known.row
    if row.published_at is None:
        return _of_a_draft(principal, known)
    if row.resolved_at is None:
        _add(principal, known)
    return None


def _of_a_draft(principal: Principal, known: Editable) -> Mapping[str, str] | None:
    row, leads = known.row, None
    with st.container(horizontal=True, gap="small"):
        if st.button(_("Publish now"), icon=":material/campaign:", type="primary", key="notice.publish"):
            done = _do(principal, row.uuid, PublishNotice(row.uuid, row.version))
            if done:
                tell(key_of(row.uuid), _("Published. Open pages show it at once, and mail is on its way."))
            leads = {"notice": str(row.uuid)}
        if st.button(_("Change"), icon=":material/edit:", key="notice.edit"):
            leads = {"edit": str(row.uuid)}
    with st.expander(_("Delete the draft"), icon=":material/delete:"):  # the keyboard enters no popover from a drawer
        st.markdown(_("Nobody was told of it. It cannot be brought back."))
        if st.button(_("Delete"), key="notice.withdraw", type="primary"):
            if _do(principal, row.uuid, WithdrawNotice(row.uuid, row.version)):
                tell("written", _("The draft is deleted."))
                leads = {}
            else:
                leads = {"notice": str(row.uuid)}
    return leads


def _do(principal: Principal, uuid: UUID, command: Command) -> bool:
    try:
        execute(app_engine(), principal, command)
    except (Conflict, Invalid) as refused:
        tell(key_of(uuid), bad=sentence(refused))
        return False
    return True


def _add(principal: Principal, known: Editable) -> None:
    row = known.row
    name = f"notice.add.{row.uuid}"
    deed = _adding(principal, known)
    words = N_("Add an update"), "add_comment", _fields(known), N_("Send the update")
    form = ShortForm(name, *words, deed, zone=clock_of(known))
    with st.container(border=True, key="notice-add"):
        done = show_short_form(principal, form)
    if done is not None:
        tell(key_of(row.uuid), _("The update is out."))
        st.rerun()


def _fields(known: Editable) -> tuple[Field, ...]:
    """In each language that the notice has; and what changes about its window, where it has one."""
    translations = tuple(
        Field(f"body_{code}", _("In {language}", language=language_name(code)), K.LONG_TEXT, longest=LONGEST_BODY)
        for code in known.notice.texts
    )
    if known.row.category not in ONGOING:
        return (_BODY, *translations)
    return (_BODY, *translations, _OVER, *_MOVED)


def _adding(principal: Principal, known: Editable) -> Callable[[Values, UUID], Done]:
    def deed(values: Values, key: UUID) -> Done:
        texts = {code: words for code in known.notice.texts if (words := values.get(f"body_{code}"))}
        command = AddToNotice(
            known.row.uuid,
            known.row.version,
            body=values["body"] or "",
            texts=texts,
            resolves=bool(values.get("resolves")),
            starts_at=values.get("starts_at"),
            ends_at=values.get("ends_at"),
        )
        return execute(app_engine(), principal, command, key=key)

    return deed


def _said(known: Editable) -> None:
    """As customers read it, in English and then the others."""
    notice = known.notice
    if notice.body:
        st.text(notice.body)
    for code, words in notice.texts.items():
        with st.expander(f"{language_name(code)} · {plain(words.title)}"):
            st.text(words.body or notice.body)


def _updates(principal: Principal, known: Editable) -> None:
    detail = get_notice(app_engine(), principal, known.row.uuid, language=reader().language)
    for update in detail.updates:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f":small[:gray[{_('Update')} · {time_text(update.written_at)}]]")
            st.text(update.body)
