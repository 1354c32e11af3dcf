"""How a ticket came here: every change of state, when, by whom and why."""

from __future__ import annotations

import streamlit as st

from data.ticketing import TicketDetail
from data.ticketing.reading import Step
from rules.lifecycle import Actor
from ui.text import _, plain, term, time_text
from ui.tones import tone


def show_reason(detail: TicketDetail) -> None:
    """Why it stands where it stands, beside its state: who looks at it now should not have to look for it."""
    step = detail.last_move
    if step is not None and step.reason:
        by = f":small[:gray[{who_made(step)} · {time_text(step.at)}]]"
        st.markdown(f":material/format_quote: {_in_one_line(step.reason)} {by}")


def _in_one_line(reason: str) -> str:
    return plain(" ".join(reason.split()))


def show_timeline(detail: TicketDetail) -> None:
    """The latest first."""
    with st.container(key="timeline", gap="xsmall"):
        st.markdown("\n\n".join(_step(step) for step in reversed(detail.timeline)))


def _step(step: Step) -> str:
    if step.from_status == step.to_status and step.severity:
        badge = f":{tone('ticket.severity', step.severity).badge}-badge[{term('ticket.severity', step.severity)}]"
    else:
        badge = f":{tone('ticket.status', step.to_status).badge}-badge[{term('ticket.status', step.to_status)}]"
    lines = [f"{badge} :small[:gray[{time_text(step.at)} · {who_made(step)}]]"]
    if step.reason:
        lines.append(plain(step.reason))
    return "  \n".join(lines)


def who_made(step: Step) -> str:
    if step.actor == Actor.SYSTEM:
        return _("by itself")
    if step.who:
        return plain(step.who)
    return _("Service desk") if step.actor == Actor.DESK else _("the customer")
