"""Home of somebody without a dashboard: a greeting, how things stand, and what they may do here."""

from __future__ import annotations

import streamlit as st

from data.engines import app_engine
from data.sites import list_sites
from data.summary import home_of
from pages.portal.board import (
    all_contacts,
    figures,
    not_to_be_missed,
    team_text,
    tickets_that_run_out,
)
from pages.portal.ticket.requests import request_buttons
from rules.permissions import CUSTOMER_FUNCTIONS, Permission
from rules.principal import Principal
from ui import look, wall
from ui.in_view import tell_parts_left_out
from ui.text import _, plain, reader, term


def show_welcome(principal: Principal) -> None:
    welcome = _("Welcome, {name}", name=plain(principal.name))
    look.title(welcome, actions=lambda: request_buttons(principal, elsewhere=True))
    board = home_of(app_engine(), principal, time_zone=reader().time_zone, language=reader().language)
    tell_parts_left_out(principal)
    not_to_be_missed(board, principal)
    figures(board, columns=4)
    cards = wall.cards()
    if board.tickets and board.tickets.going_on.n:
        with cards.cell(column_span=2):
            tickets_that_run_out(board.tickets, None)
    with cards.cell():
        st.markdown(_what_they_may_do(principal))
        if board.team:
            st.markdown(team_text(board.team, principal))
            all_contacts()


def _what_they_may_do(principal: Principal) -> str:
    lines = [f"## {_('What you can do here')}"]
    names = {site.id: site.name for site in list_sites(app_engine(), principal)}
    held = [function for function in CUSTOMER_FUNCTIONS if principal.may(function)]
    lines += [f":green[:material/check:] {term('permission', f)}{_where(principal, f, names)}" for f in held]
    if not held:
        lines.append(_("Nothing yet."))
    lines.append(f":small[:gray[{_('If you need more, ask the administrator of your account.')}]]")
    return "\n\n".join(lines)


def _where(principal: Principal, function: Permission, names: dict[int, str]) -> str:
    """The accounts in view and the sites to which a function is limited, if it is."""
    accounts = [account for account in principal.chosen if principal.may(function, account)]
    held = [principal.sites(function, account) for account in accounts]
    words = [a.name for a in principal.accounts if a.id in accounts] if len(held) < len(principal.chosen) else []
    if None not in held:
        words += sorted(names[site] for site in frozenset().union(*(sites or () for sites in held)) if site in names)
    return f" :gray[· {', '.join(map(plain, words))}]" if words else ""
