"""Who is signed in in this tab: asked of the database at every run, remembered for the tab's poll, ended by leaving."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import NoReturn
from urllib.parse import urlencode

import streamlit as st

from auth import sessions, visitor
from auth.next_page import Notice, safe_next
from auth.sessions import Signed, hashed
from data.engines import auth_engine
from data.live import news
from rules.permissions import StaffRole

IDLE_LIMIT = timedelta(minutes=30)  # what signin.who() allows
ASK_AFTER = 30  # seconds without having asked the database
_SESSION = "portal.session"


@dataclass(frozen=True)
class Known:
    """What the database said last about a session."""

    signed: Signed
    asked_at: float
    #: Changes whenever somebody's rights in one of their accounts did.
    rights: int = 0

    @property
    def idle(self) -> timedelta:
        return timedelta(seconds=self.signed.idle_seconds + time.monotonic() - self.asked_at)


class Presences:
    """The sessions whose tabs are open, by the hash of their token; the least lately seen are forgotten first."""

    def __init__(self, most: int = 10_000) -> None:
        self._known: OrderedDict[bytes, Known] = OrderedDict()
        self._most = most
        self._lock = Lock()

    def get(self, session: bytes) -> Known | None:
        return self._known.get(session)

    def note(self, session: bytes, signed: Signed | None) -> Known | None:
        known = None if signed is None else Known(signed, time.monotonic(), rights_of(signed))
        with self._lock:
            self._known.pop(session, None)
            if known is not None:
                self._known[session] = known
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return known


presences = Presences()


def rights_of(signed: Signed) -> int:
    """What was heard of rights in their accounts. Staff hold theirs by their role; which account a manager looks after
    next, nobody knows beforehand."""
    principal = signed.principal
    if principal.is_staff:
        return news.version_anywhere("G") if principal.role is StaffRole.ACCOUNT_MANAGER else 0
    return news.version("G", *(account.uuid for account in principal.accounts))


def current() -> Signed | None:
    """Who is signed in, asked at each run of the script; a run is something the person did."""
    token = visitor.session_token()
    signed = sessions.who(auth_engine(), token, address=visitor.address())
    if token is not None and signed is not None:
        session = hashed(token)
        _belongs_to((session, signed.principal.role))
        presences.note(session, signed)
    return signed


def present(token: str) -> Known | None:
    """For an open tab that asks by itself: it never counts as activity, so it alone keeps nobody signed in.

    Cheap as long as nothing was heard: what the listener knows costs nothing, the database is asked now and then."""
    session = hashed(token)
    if news.ended(session):
        return presences.note(session, None)
    known = presences.get(session)
    if known is not None and time.monotonic() - known.asked_at < ASK_AFTER and known.rights == rights_of(known.signed):
        return known
    return presences.note(session, sessions.who(auth_engine(), token, is_activity=False))


def last_known(token: str) -> Known | None:
    """Without asking anybody."""
    return presences.get(hashed(token))


def stay(token: str) -> Known | None:
    """Somebody said that they are still there."""
    return presences.note(hashed(token), sessions.who(auth_engine(), token))


def forget(token: str) -> None:
    """The session goes on under another token."""
    presences.note(hashed(token), None)


def leave(token: str, *, everywhere: bool = False, address: str | None = None) -> None:
    """Sign out here, or in every browser the person is signed in with."""
    (sessions.end_all if everywhere else sessions.end)(auth_engine(), token, address=address)
    presences.note(hashed(token), None)


def send_away(next_path: str, notice: Notice) -> NoReturn:
    """To the sign-in page, past the route that takes the dead cookie away."""
    visitor.go(f"/auth/signout?{urlencode({'next': safe_next(next_path), 'why': notice})}")


def _belongs_to(worker: tuple[bytes, StaffRole | None]) -> None:
    """A tab that reconnects after somebody else signed in here must not show what the one before did; neither
    must one in which somebody works in another role by now."""
    if st.session_state.setdefault(_SESSION, worker) != worker:
        st.session_state.clear()
        st.session_state[_SESSION] = worker
