"""The page of service levels: its filters, and which of its two views is looked at."""

from __future__ import annotations

from datetime import UTC, date, datetime

import streamlit as st

from data.engines import app_engine
from data.sites import list_sites
from data.ticketing.service import LAST, NOWHERE, OUTCOMES, TICKETS, ServiceAsked, read_service
from pages.portal.service.months import show_months
from pages.portal.service.promises import show_promises
from rules.permissions import Permission
from rules.principal import Principal
from rules.request_types import TicketKind
from rules.sla import Clock
from ui import look
from ui.asking import choose_among, choose_one, choose_several
from ui.in_view import tell_left_out
from ui.taking_along import report_buttons
from ui.text import _, month_text, n_, terms

#: Single months that can be chosen.
_MONTHS_BACK = 12


def show(principal: Principal) -> None:
    asked = read_service({name: st.query_params.get_all(name) for name in st.query_params})
    look.title(_("Service levels"), actions=lambda: _report(principal, asked))
    choose_one("show", _("Show"), {"months": _("By month"), TICKETS: _("Tickets behind it")})
    _filters(principal, asked)
    tell_left_out(principal, Permission.TICKET_VIEW_COMPANY)
    if asked.tickets:
        st.query_params["show"] = TICKETS  # a link to the page it stands on leaves the address bar as it was
        show_promises(principal, asked)
    else:
        show_months(principal, asked)


def _report(principal: Principal, asked: ServiceAsked) -> None:
    pairs = [(key, value) for key, values in asked.parameters().items() for value in values]
    report_buttons(principal, "service", pairs)


def _filters(principal: Principal, asked: ServiceAsked) -> None:
    """What they say stands in the address already; a change writes it there, and the page runs again."""
    sites = {site.code: site.name for site in list_sites(app_engine(), principal)}
    if NOWHERE in asked.sites:
        sites[NOWHERE] = _("no site")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="filters-service"):
        choose_among("period", _("Period"), _periods(asked), default=ServiceAsked.period)
        choose_several("kind", _("Type"), terms("ticket.kind", TicketKind))
        choose_several("site", _("Site"), sites)
        _account(principal)
        choose_among("clock", _("Promise"), terms("clock", Clock))
        if asked.tickets:
            choose_among("outcome", _("Outcome"), terms("clock.outcome", OUTCOMES))


def _periods(asked: ServiceAsked) -> dict[str, str]:
    words = {last: n_("Last {n} month", "Last {n} months", n) for last, n in LAST.items()}
    today = datetime.now(UTC).date()
    for back in range(_MONTHS_BACK):
        at = today.year * 12 + today.month - 1 - back
        month = date(at // 12, at % 12 + 1, 1)
        words[f"{month:%Y-%m}"] = month_text(month)
    return words | ({} if asked.period in words else {asked.period: month_text(asked.months()[0])})


def _account(principal: Principal) -> None:
    """What a customer looks at is chosen at the top right, and narrowed here; the desk names an account by its code."""
    if principal.is_staff and not principal.accounts:
        code = _("Account code")
        st.text_input(code, "", key="account", max_chars=64, bind="query-params", width=195)
        return
    in_view = principal.accounts if principal.is_staff else [a for a in principal.accounts if a.id in principal.chosen]
    if len(in_view) > 1:
        choose_among("account", _("Account"), {account.code: account.name for account in in_view})
