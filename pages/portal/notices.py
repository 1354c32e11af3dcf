"""Notices: incidents, maintenance and other news behind the bell, the newest first."""

from __future__ import annotations

from uuid import UUID

import pandas as pd
import streamlit as st

from data.engines import app_engine
from data.notices import NoticeCategory, NoticeDetail, NoticeRow, NoticesAsked, get_notice, list_notices, mark_read
from rules.errors import NotFound
from rules.principal import Principal
from ui import look
from ui.asking import choose_one, choose_some, page_number, page_turner
from ui.errors import telling
from ui.look import status_badge, status_column
from ui.text import _, ago_text, date_pattern, n_, plain, reader, terms, time_text


def show(principal: Principal) -> None:
    opened = _opened(principal)
    asked = _asked_above()
    found = list_notices(app_engine(), principal, asked, language=reader().language)
    with look.card(key="notices"):
        if found.unread:
            _unread(principal, found.unread)
        if found.rows:
            _table(found.rows)
            page_turner(found.pages)
        else:
            st.markdown(f":material/notifications_off: {_('There is no such notice.')}")
    if opened is not None:
        _drawer(opened)


def _asked_above() -> NoticesAsked:
    look.title(_("Notices"))
    with st.container(horizontal=True, vertical_alignment="center", key="asking"):
        states = {"all": _("All"), "open": _("Going on"), "unread": _("Unread")}
        state = choose_one("state", _("Which notices"), states)
        categories = choose_some("category", _("Category"), terms("notice.category", NoticeCategory))
    return NoticesAsked(categories, state == "open", state == "unread", page_number())


def _unread(principal: Principal, n: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{n_('{n} unread notice', '{n} unread notices', n)}**", width="stretch")
        if st.button(_("Mark all as read"), icon=":material/done_all:", key="notices.read"):
            mark_read(app_engine(), principal)
            st.rerun()


def _table(rows: tuple[NoticeRow, ...]) -> None:
    def on_open() -> None:
        click = st.session_state["notices.open"]
        if click is not None:
            st.query_params["notice"] = str(rows[int(click["row"])].uuid)

    new = _("New")
    frame = {
        "new": [[new] if row.is_unread else [] for row in rows],
        "category": [[row.category] for row in rows],
        "title": [row.title for row in rows],
        "sites": [", ".join(row.sites) for row in rows],
        "window": [_window(row) for row in rows],
        "published_at": [row.published_at for row in rows],
    }
    column = st.column_config
    st.dataframe(
        pd.DataFrame(frame),
        hide_index=True,
        column_config={
            "new": column.MultiselectColumn("", width=62, options=[new], color="blue"),
            "category": status_column(_("Category"), "notice.category", width=125),
            "title": column.ButtonColumn(
                _("Notice"), width=400, type="tertiary", alignment="left", key="notices.open", on_click=on_open
            ),
            "sites": column.TextColumn(_("Sites"), width=170),
            "window": column.TextColumn(_("When"), width=220),
            "published_at": column.DatetimeColumn(
                _("Published"), width=150, format=date_pattern(with_time=True), timezone=reader().time_zone
            ),
        },
        row_height=36,
        height="content",
        key="notices.table",
        alt=_("Notices"),
    )


def _window(row: NoticeRow) -> str:
    """How it stands, for what begins and ends."""
    if row.resolved_at is not None:
        return _("resolved {ago}", ago=ago_text(row.resolved_at))
    if row.starts_at is None:
        return ""
    if row.ends_at is None:
        return _("since {time}", time=time_text(row.starts_at))
    return time_text(row.starts_at)


def _opened(principal: Principal) -> NoticeDetail | None:
    """The notice in the address. Opening is reading, and the bell above, drawn before, is drawn again."""
    asked = st.query_params.get("notice")
    if asked is None:
        return None
    try:
        detail = get_notice(app_engine(), principal, UUID(asked), language=reader().language)
    except ValueError:
        raise NotFound(asked) from None
    if detail.row.is_unread:
        mark_read(app_engine(), principal, detail.row.uuid)
        st.rerun()
    return detail


def _drawer(detail: NoticeDetail) -> None:
    def closed() -> None:
        st.query_params.pop("notice", None)

    @st.dialog(_("Notice"), width="medium", position="right", on_dismiss=closed)
    def drawer() -> None:
        with telling():
            show_notice(detail)

    drawer()


def show_notice(detail: NoticeDetail) -> None:
    """Everything about one notice; what people wrote is shown letter by letter."""
    row = detail.row
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(plain(row.title), anchor=False)
    with st.container(horizontal=True, gap="small"):
        status_badge("notice.category", row.category)
        if row.service_impacting:
            st.badge(_("Service affected"), color="red", icon=":material/warning:")
        if row.resolved_at:
            st.badge(_("Resolved"), color="green", icon=":material/check:")
    facts = {
        _("Sites"): ", ".join(row.sites),
        _("Begins"): time_text(row.starts_at) if row.starts_at else "",
        _("Ends"): time_text(row.ends_at) if row.ends_at else "",
        _("Resolved"): time_text(row.resolved_at) if row.resolved_at else "",
        _("Published"): time_text(row.published_at),
    }
    st.table({name: plain(value) for name, value in facts.items() if value}, border="horizontal")
    if detail.body:
        st.text(detail.body)
    for update in detail.updates:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f":small[:gray[{_('Update')} · {time_text(update.written_at)}]]")
            st.text(update.body)
