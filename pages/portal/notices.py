"""Notices: incidents, maintenance and other news behind the bell, the newest first."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import streamlit as st

from data.engines import app_engine
from data.notices import NoticeDetail, NoticeRow, NoticesAsked, Within, get_notice, list_notices, mark_read
from data.sites import list_sites
from rules.errors import NotFound
from rules.notices import NoticeCategory, Says
from rules.principal import Principal
from ui import links, look, table
from ui.asking import choose_among, choose_one, choose_some, page_number, page_turner, words_to_look_for
from ui.errors import telling
from ui.look import status_badge
from ui.text import _, ago_text, date_text, n_, plain, reader, term, terms, time_text


def show(principal: Principal) -> None:
    opened = _opened(principal)
    asked = _asked_above(principal)
    found = list_notices(app_engine(), principal, asked, language=reader().language)
    with look.card(key="notices"):
        if found.unread:
            _unread(principal, found.unread)
        if found.rows:
            notice_table(found.rows)
            page_turner(found.pages)
        else:
            st.markdown(f":material/notifications_off: {_('There is no such notice.')}")
    if opened is not None:
        _drawer(opened)


def _asked_above(principal: Principal) -> NoticesAsked:
    look.title(_("Notices"))
    with st.container(horizontal=True, vertical_alignment="center", key="asking"):
        states = {"all": _("All"), "open": _("Going on"), "unread": _("Unread")}
        state = choose_one("state", _("Which notices"), states)
        categories = choose_some("category", _("Category"), terms("notice.category", NoticeCategory))
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters-notices"):
        words = words_to_look_for(_("Words in a notice"))
        places = {site.code: site.name for site in list_sites(app_engine(), principal)}
        site = choose_among("site", _("Site"), places)
        when = {Within.WEEK: _("Next 7 days"), Within.MONTH: _("Next 30 days"), Within.OVER: _("Over")}
        within = choose_among("when", _("Window"), {str(one): word for one, word in when.items()})
    return NoticesAsked(
        categories=categories,
        only_open=state == "open",
        only_unread=state == "unread",
        words=words,
        site=site,
        within=Within(within) if within else None,
        page=page_number(),
    )


def _unread(principal: Principal, n: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{n_('{n} unread notice', '{n} unread notices', n)}**", width="stretch")
        if st.button(_("Mark all as read"), icon=":material/done_all:", key="notices.read"):
            mark_read(app_engine(), principal)
            st.rerun()


def notice_table(rows: tuple[NoticeRow, ...]) -> None:
    def opened(at: int) -> None:
        st.query_params["notice"] = str(rows[at].uuid)

    table.show(
        {
            "new": table.badges("", [_("New") if row.is_unread else "" for row in rows], "blue", 62),
            "title": table.link(_("Notice"), [title_of(row) for row in rows], opened, width=400, pinned=False),
            "category": table.states(_("Category"), "notice.category", [row.category for row in rows], 125),
            "sites": table.words(_("Sites"), [", ".join(row.sites) for row in rows], 170),
            "window": table.words(_("When"), [_window(row) for row in rows], 220),
            "respond_by": table.words(_("Answer by"), [_answer_by(row) for row in rows], 150),
            "news_at": table.moments(_("Latest news"), [row.updated_at or row.published_at for row in rows], 150),
        },
        key="notices",
        label=_("Notices"),
    )


def title_of(row: NoticeRow) -> str:
    """As somebody wrote it; what the portal says by itself, in the reader's words."""
    if row.says is None:
        return row.title
    says, named = Says(row.says), row.promise or ""
    if says is Says.ACCESS_ASKED:
        return _("{name} asks for access: {function}", name=row.title, function=term("permission", named))
    if says is Says.INVOICES_ISSUED:
        return " · ".join(filter(None, (n_("{n} new invoice", "{n} new invoices", int(named)), row.account)))
    return " · ".join(filter(None, (row.title, _what_of_it(says, named), row.account)))


def _what_of_it(says: Says, named: str) -> str:
    match says:
        case Says.SLA_WARNING:
            return _("{promise} at risk", promise=term("clock.promise", named))
        case Says.SLA_BREACH:
            return _("{promise} missed", promise=term("clock.promise", named))
        case Says.TICKET_ANSWERED:
            return _("the service desk has replied")
        case Says.TICKET_STATUS if named == "waiting_customer":
            return _("we need your answer")
        case Says.TICKET_STATUS:
            return term("ticket.status", named)
        case Says.ORDER_STATUS:
            return term("order.status", named)
        case Says.INVOICE_ISSUED:
            return _("new invoice, due {date}", date=date_text(date.fromisoformat(named)))
        case Says.INVOICE_OVERDUE:
            return _("overdue since {date}", date=date_text(date.fromisoformat(named)))
    raise AssertionError(says)


def _answer_by(row: NoticeRow) -> str:
    """Until when staff ask for an answer; that of the portal's own stands in what it says."""
    return time_text(row.due_at) if row.due_at and row.says in (None, Says.TICKET_STATUS) else ""


def _window(row: NoticeRow) -> str:
    """How it stands, for what begins and ends, or is due."""
    if row.says in (Says.SLA_WARNING, Says.SLA_BREACH):
        return _("due {time}", time=time_text(row.due_at)) if row.due_at else ""
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
        detail = get_notice(app_engine(), principal.anywhere(), UUID(asked), language=reader().language)
    except ValueError:
        raise NotFound(asked) from None
    if detail.row.is_unread:
        mark_read(app_engine(), principal.anywhere(), detail.row.uuid)
        st.rerun()
    return detail


def _drawer(detail: NoticeDetail) -> None:
    def closed() -> None:
        st.query_params.pop("notice", None)

    @st.dialog(plain(title_of(detail.row)), width="medium", position="right", on_dismiss=closed)
    def drawer() -> None:
        with telling():
            show_notice(detail)

    drawer()


def show_notice(detail: NoticeDetail) -> None:
    """Everything about one notice; what people wrote is shown letter by letter."""
    row = detail.row
    with st.container(horizontal=True, gap="small"):
        status_badge("notice.category", row.category)
        if row.service_impacting:
            st.badge(_("Service affected"), color="red", icon=":material/warning:")
        if row.resolved_at:
            st.badge(_("Resolved"), color="green", icon=":material/check:")
    facts = {
        _("Sites"): ", ".join(row.sites),
        _("Account"): row.account or "",
        _("Please answer by"): _answer_by(row),
        _("Due"): time_text(row.due_at) if row.due_at and not _answer_by(row) else "",
        _("Begins"): time_text(row.starts_at) if row.starts_at else "",
        _("Ends"): time_text(row.ends_at) if row.ends_at else "",
        _("Resolved"): time_text(row.resolved_at) if row.resolved_at else "",
        _("Published"): time_text(row.published_at),
        _("Updated"): time_text(row.updated_at) if row.updated_at else "",
    }
    st.table({name: plain(value) for name, value in facts.items() if value}, border="horizontal")
    if detail.body:
        st.text(detail.body)
    _where_it_leads(row)
    for update in detail.updates:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f":small[:gray[{_('Update')} · {time_text(update.written_at)}]]")
            st.text(update.body)


def _where_it_leads(row: NoticeRow) -> None:
    """To what it is about; the desk works on tickets in its queue."""
    if row.link is None:
        return
    address = urlsplit(row.link)
    path, asked = address.path.strip("/"), parse_qs(address.query)
    queue = links.page_at("queue") if "ticket" in asked else None
    page = queue or links.page_at(path)
    if page is not None:
        words = _("Open the ticket") if "ticket" in asked else _("Show them in the list")
        if path == "access":
            words = _("Open their access rights")
        st.page_link(page, label=words, icon=":material/arrow_forward:", query_params=asked)
