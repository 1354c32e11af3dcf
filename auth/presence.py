"""Who is signed in in this tab: asked of the database, noted for the heartbeat, and ended by signing out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn
from urllib.parse import urlencode

import streamlit as st

from auth import sessions, visitor
from auth.next_page import HOME, Notice, safe_next
from auth.sessions import Signed, hashed
from data.engines import auth_engine

IDLE_LIMIT = timedelta(minutes=30)  # what signin.who() allows
_PULSE = "portal.pulse"


@dataclass(frozen=True)
class Pulse:
    """What the database said last about this tab's session."""

    session: bytes
    asked_at: float
    idle: timedelta
    expires_at: datetime


def current(is_activity: bool = True) -> Signed | None:
    """Who is signed in, asked each time. A rerun that nobody caused passes `is_activity=False`."""
    token = visitor.session_token()
    signed = sessions.who(auth_engine(), token, is_activity=is_activity)
    if token is not None and signed is not None:
        _note(token, signed)
    return signed


def last_pulse() -> Pulse | None:
    pulse: Pulse | None = st.session_state.get(_PULSE)
    return pulse


def leave(everywhere: bool = False) -> NoReturn:
    """Sign out here, or in every browser the person is signed in with."""
    end = sessions.end_all if everywhere else sessions.end
    end(auth_engine(), visitor.session_token() or "")
    send_away(HOME, Notice.OUT)


def send_away(next_path: str, notice: Notice) -> NoReturn:
    """To the sign-in page, past the route that takes the dead cookie away."""
    visitor.go(f"/auth/signout?{urlencode({'next': safe_next(next_path), 'why': notice})}")


def _note(token: str, signed: Signed) -> None:
    """A tab that reconnects after somebody else signed in here must not show them what the one before was doing."""
    before, session = last_pulse(), hashed(token)
    if before is not None and before.session != session:
        st.session_state.clear()
    idle = timedelta(seconds=signed.idle_seconds)
    st.session_state[_PULSE] = Pulse(session, time.monotonic(), idle, signed.expires_at)
