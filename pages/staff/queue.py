"""The queue: where the service desk works, the clock that runs out first on top; several can be taken at once."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from data.commands import Command, execute
from data.engines import app_engine
from data.ticketing import Assign, MoveTicket
from data.ticketing.queue import LATE, QUEUE, SOON, VIEWS, count_queue
from pages.portal.ticket.drawer import ticket_drawer
from pages.portal.ticket.requests import request_asked_for, request_buttons
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.principal import Principal
from ui import look
from ui.errors import sentence
from ui.list_view import Selection, list_view
from ui.news import show_news, tell
from ui.text import _, n_, number_text, terms
from ui.tones import TONES

#: The address `/queue?show=late` is one of the chips.
SHOW = "show"


def show(principal: Principal) -> None:
    look.title(_("Queue"), actions=lambda: request_buttons(principal))
    request_asked_for(principal)
    show_news(QUEUE.name)
    _views(principal)
    act = Selection(lambda versions: _take(principal, versions))
    list_view(QUEUE, principal, more=ticket_drawer(principal), fields=False, selection=act)


def _views(principal: Principal) -> None:
    """What is urgent, whose it is: one at a time, each with how many there are."""
    counts = count_queue(app_engine(), principal)
    words = terms("ticket.queue")
    asked = st.query_params.get(SHOW, "")
    current = asked if asked in VIEWS else None
    key = f"show={current}"

    def choose() -> None:
        chosen = st.session_state[key]
        st.query_params.pop("at", None)
        if chosen is None:
            st.query_params.pop(SHOW, None)
        else:
            st.query_params[SHOW] = chosen

    st.pills(
        _("Show"),
        list(VIEWS),
        default=current,
        format_func=lambda view: _chip(view, words[view], counts[view]),
        key=key,
        on_change=choose,
        label_visibility="collapsed",
    )


def _chip(view: str, word: str, n: int) -> str:
    """Red where something is late; the word says it as well."""
    urgent = {LATE: TONES["clock.state"]["breached"], SOON: TONES["clock.state"]["paused"]}.get(view)
    count = number_text(n)
    return f"{word} :{urgent.badge}[**{count}**]" if urgent and n else f"{word} **{count}**"


# --- several at once


def _take(principal: Principal, versions: Mapping[str, int | None]) -> bool:
    """What can be done to all that are selected, as they were seen; True once something was."""
    st.markdown(f"**{n_('{n} selected', '{n} selected', len(versions))}**", width="content")
    keys = st.query_params.get("ticket") is None  # behind an open drawer no key should act on these
    if st.button(_("Acknowledge"), icon=":material/done:", type="primary", shortcut="Alt+A" if keys else None):
        return _do(principal, [MoveTicket(number, "acknowledged", seen) for number, seen in versions.items()])
    if st.button(_("Assign to me"), icon=":material/person_check:", shortcut="Alt+M" if keys else None):
        return _do(principal, [Assign(number, principal.person_id, seen) for number, seen in versions.items()])
    return False


def _do(principal: Principal, commands: list[MoveTicket] | list[Assign]) -> bool:
    """One after the other, each for itself; the result says which could not be done, and why."""
    results = {command.number: _done(principal, command, command.number) for command in commands}
    done = [number for number, refused in results.items() if refused is None]
    good = f"{n_('{n} ticket done.', '{n} tickets done.', len(done))} {', '.join(done)}" if done else ""
    tell(QUEUE.name, good, bad="  \n".join(refused for refused in results.values() if refused is not None))
    return True


def _done(principal: Principal, command: Command, number: str) -> str | None:
    try:
        execute(app_engine(), principal, command)
    except (Invalid, Conflict) as refused:
        return f"**{number}** {sentence(refused)}"
    except (Forbidden, NotFound):
        return f"**{number}** {_('It does not exist, or it is not available to you.')}"
    return None
