"""The heartbeat of an open tab: it notices that its session has ended, and asks who has been away whether to stay."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from auth.presence import IDLE_LIMIT, Pulse, current, last_pulse
from data.live import news
from ui.text import _, hour_text, n_

EVERY = 4  # seconds: with what a rerun takes, a signed-out tab goes within five
ASK_AFTER = 30  # seconds without having asked the database
OFFER_AFTER = timedelta(minutes=25)
LAST_MINUTES = timedelta(minutes=5)


@st.fragment(run_every=EVERY)
def heartbeat() -> None:
    """The shell calls it once a run. It never counts as activity: an open tab alone keeps nobody signed in."""
    pulse = beat()
    if pulse is None:
        st.rerun()  # the shell finds nobody signed in, and sends the tab to the sign-in page
    if pulse.idle >= OFFER_AFTER:
        _offer_to_stay(pulse)
    elif pulse.expires_at - datetime.now(UTC) < LAST_MINUTES:
        with _reminder():
            st.write(_("Your session ends at {time}. Please sign in again then.", time=hour_text(pulse.expires_at)))


def beat() -> Pulse | None:
    """Cheap as long as nothing was heard: what the listener knows costs nothing, the database is asked now and then."""
    pulse = last_pulse()
    if pulse is not None and news.ended(pulse.session):
        return None
    if pulse is None or time.monotonic() - pulse.asked_at >= ASK_AFTER:
        return last_pulse() if current(is_activity=False) else None
    return pulse


def _offer_to_stay(pulse: Pulse) -> None:
    minutes = max(1, math.ceil((IDLE_LIMIT - pulse.idle) / timedelta(minutes=1)))
    with _reminder():
        st.write(
            n_(
                "Nothing has happened here for a while: you will be signed out in {n} minute.",
                "Nothing has happened here for a while: you will be signed out in {n} minutes.",
                minutes,
            )
        )
        st.button(_("Stay signed in"), type="primary", key="stay", on_click=_stay)


def _stay() -> None:
    current()  # is activity


def _reminder() -> DeltaGenerator:
    """At the lower edge, over whatever page is open."""
    st.html(
        "<style>.st-key-card-presence { position: fixed; bottom: 1.25rem; left: 50%; transform: translateX(-50%); "
        "z-index: 999990; width: min(34rem, calc(100vw - 2rem)); box-shadow: 0 8px 30px rgb(0 0 0 / 25%); }</style>"
    )
    return st.container(key="card-presence", border=True, horizontal=True, vertical_alignment="center")
