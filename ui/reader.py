"""Who is reading: their language and their clock, known in every script run, fragment, route and mail."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale

from ui import catalog

SOURCE_LANGUAGE = catalog.SOURCE


@dataclass(frozen=True)
class Reader:
    """Whose language and clock the words are for."""

    language: str = SOURCE_LANGUAGE
    time_zone: str = "UTC"

    @property
    def locale(self) -> Locale:
        return locale_of(self.language)

    @property
    def zone(self) -> tzinfo:
        return zone_of(self.time_zone)


_reading: ContextVar[Reader | None] = ContextVar("reader", default=None)
_SESSION_KEY = "portal.reader"


def reader() -> Reader:
    """Whoever is reading now: named by `reading_as`, else the person of this browser tab, else English and UTC."""
    return _reading.get() or _reader_of_this_tab() or Reader()


@contextmanager
def reading_as(who: Reader) -> Generator[Reader]:
    """Everything inside is for them: mails, routes, reports, tests."""
    token = _reading.set(who)
    try:
        yield who
    finally:
        _reading.reset(token)


def read_as(who: Reader) -> None:
    """The shell says at the start of every run who is reading; reruns of a fragment, which skip it, remember."""
    import streamlit as st  # noqa: PLC0415 - the worker never pays for importing it

    st.session_state[_SESSION_KEY] = who
    _reading.set(who)


def _reader_of_this_tab() -> Reader | None:
    if "streamlit" not in sys.modules:
        return None  # the worker never pays for importing it
    import streamlit as st  # noqa: PLC0415
    from streamlit.runtime.scriptrunner import get_script_run_ctx  # noqa: PLC0415

    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    who: Reader | None = st.session_state.get(_SESSION_KEY)
    if who is not None:
        _reading.set(who)  # a script thread serves one tab, so it need not ask again
    return who


@cache
def languages() -> dict[str, str]:
    """Every language with a catalog: code → its name for itself. English first."""
    codes = sorted(catalog.languages(), key=lambda code: (code != SOURCE_LANGUAGE, code))
    return {code: str(locale_of(code).get_display_name(code) or code).capitalize() for code in codes}


def language_for(preferences: str | None) -> str:
    """The first language we have among "ko-KR,ko;q=0.9,en;q=0.8" (Accept-Language or what the browser names)."""
    for part in (preferences or "").split(","):
        wanted = part.split(";")[0].strip().replace("-", "_")
        for code in languages():
            if wanted and (wanted == code or wanted.split("_")[0] == code.split("_")[0]):
                return code
    return SOURCE_LANGUAGE


@cache
def locale_of(language: str) -> Locale:
    return Locale.parse(language)


@cache
def zone_of(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a browser may name anything
        return UTC
