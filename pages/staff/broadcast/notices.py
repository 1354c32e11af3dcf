"""Notices that staff write: all of them with how far each is, a form for a new one, a drawer for each."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from data.engines import app_engine
from data.noticing import Editable, Written, WrittenAsked, editable, list_written
from pages.staff.broadcast.notice_drawer import show_drawer
from pages.staff.broadcast.notice_form import show_form
from rules.errors import NotFound
from rules.notices import WRITTEN
from rules.principal import Principal
from ui import look, table
from ui.asking import choose_one, choose_some, page_number, page_turner, words_to_look_for
from ui.errors import telling
from ui.news import show_news
from ui.text import _, n_, terms, time_text

#: `/broadcast?new=notice` writes one, `?edit=<uuid>` changes a draft, `?notice=<uuid>` opens one.
NEW, NOTICE, EDIT = "new", "notice", "edit"


def show(principal: Principal) -> None:
    show_news("written")
    asked = _asked_above()
    rows, pages = list_written(app_engine(), principal, asked)
    with look.card(key="written"):
        if rows:
            _table(rows)
            page_turner(pages)
        else:
            st.markdown(f":material/campaign: {_('There is no such notice.')}")
    if st.query_params.get(NEW) == NOTICE:
        _form(principal, None)
    elif (wanted := st.query_params.get(EDIT)) is not None:
        _form(principal, _known(principal, wanted))
    elif (wanted := st.query_params.get(NOTICE)) is not None:
        _drawer(principal, wanted)


def _asked_above() -> WrittenAsked:
    with st.container(horizontal=True, vertical_alignment="center", key="asking"):
        states = {"all": _("All"), "draft": _("Drafts"), "open": _("Going on or planned")}
        state = choose_one("state", _("Which notices"), states)
        categories = choose_some("category", _("Category"), terms("notice.category", WRITTEN))
        words = words_to_look_for(_("Words in a notice"))
        st.space("stretch")
        if st.button(_("New notice"), icon=":material/add:", type="primary", key="notice.new"):
            st.query_params.from_dict({NEW: NOTICE})
            st.rerun()
    return WrittenAsked("" if state == "all" else state, categories, words, page_number())


def _table(rows: tuple[Written, ...]) -> None:
    def opened(at: int) -> None:
        st.query_params[NOTICE] = str(rows[at].uuid)

    table.show(
        {
            "state": table.states(_("Status"), "notice.state", [row.state for row in rows], 100),
            "title": table.link(_("Notice"), [row.title for row in rows], opened, width=290, pinned=False),
            "category": table.states(_("Category"), "notice.category", [row.category for row in rows], 120),
            "for": table.words(_("For"), [whom(row) for row in rows], 125),
            "sites": table.words(_("Sites"), [", ".join(row.sites) for row in rows], 140),
            "starts_at": table.words(_("Begins"), [time_text(row.starts_at) for row in rows], 155),
            "published_at": table.words(_("Published"), [time_text(row.published_at) for row in rows], 155),
            "updates": table.counts(_("Updates"), [row.updates for row in rows], table.fitting(_("Updates"), ())),
            "by": table.words(_("Written by"), [row.written_by or "" for row in rows], 110),
        },
        key="written",
        label=_("Notices"),
    )


def whom(row: Written) -> str:
    if not row.accounts:
        return _("Everyone")
    return row.accounts[0] if len(row.accounts) == 1 else n_("{n} account", "{n} accounts", len(row.accounts))


def _known(principal: Principal, asked: str) -> Editable:
    try:
        return editable(app_engine(), principal, UUID(asked))
    except ValueError:
        raise NotFound(asked) from None


def _form(principal: Principal, draft: Editable | None) -> None:
    def closed() -> None:
        for name in (NEW, EDIT):
            st.query_params.pop(name, None)

    title = _("New notice") if draft is None else _("Change the draft")

    @st.dialog(title, width="large", icon=":material/campaign:", on_dismiss=closed)
    def dialog() -> None:
        with telling():
            saved = show_form(principal, draft)
            if saved is not None:
                st.query_params.from_dict({NOTICE: saved["uuid"]})
                st.rerun()

    dialog()


def _drawer(principal: Principal, wanted: str) -> None:
    def closed() -> None:
        st.query_params.pop(NOTICE, None)

    @st.dialog(_("Notice"), width="medium", position="right", on_dismiss=closed)
    def drawer() -> None:
        with telling():
            leads = show_drawer(principal, _known(principal, wanted))
            if leads is not None:
                st.query_params.from_dict(leads)
                st.rerun()

    drawer()
