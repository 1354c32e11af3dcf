"""Who is reading: their language and their clock, known in every script run, fragment, route and mail."""

from __future__ import annotations

import re
import sys
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale

from rules.looks import Theme
from ui import catalog

SOURCE_LANGUAGE = catalog.SOURCE


@dataclass(frozen=True)
class Reader:
    """Whose language and clock the words are for, and in which light they stand: None, as the device says."""

    language: str = SOURCE_LANGUAGE
    time_zone: str = "UTC"
    theme: Theme | None = None

    @property
    def tag(self) -> str:
        return tag_of(self.language)

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


#: Where Babel's name for a language is not what its readers call it, or says more than a choice needs.
_OWN_NAMES = {"id": "Bahasa Indonesia", "zh_Hans": "简体中文"}
#: What browsers and imported files call a language otherwise: the code before 1989, Mandarin by its own name.
_ALSO_KNOWN_AS = {"in": "id", "cmn": "zh"}


@cache
def languages() -> dict[str, str]:
    """Every language with a catalog: code → its name for itself. English first."""
    codes = sorted(catalog.languages(), key=lambda code: (code != SOURCE_LANGUAGE, code))
    return {code: _OWN_NAMES.get(code) or str(locale_of(code).get_display_name(code) or code) for code in codes}


@lru_cache(maxsize=1_000)  # browsers ask for few combinations, and every run of a page asks
def language_for(preferences: str | None) -> str:
    """The best of "ko-KR,ko;q=0.9,en;q=0.8" that we have: what a browser asks for, what a row names; else English.

    Who asks for Chinese in traditional letters reads simplified ones rather than English: docs/decisions/0033."""
    asked = (_asked(part) for part in (preferences or "").split(","))
    for _weight, wanted in sorted((each for each in asked if each[0] > 0), key=lambda each: -each[0]):
        for code in languages():
            if wanted == code.partition("_")[0]:
                return code
    return SOURCE_LANGUAGE


def _asked(part: str) -> tuple[float, str]:
    """ "zh-TW;q=0.8" as its weight and the language alone."""
    tag, *parameters = (piece.strip().lower() for piece in part.split(";"))
    language = re.split("[-_]", tag)[0]
    weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
    return float(weight) if _WEIGHT.fullmatch(weight) else 0.0, _ALSO_KNOWN_AS.get(language, language)


_WEIGHT = re.compile(r"[01](\.\d{0,3})?")


def language_of_page(chosen_here: str | None, own: str | None, preferred: str | None) -> str:
    """What was chosen in this browser, else the person's own, else what the browser prefers; only what we have."""
    for code in (chosen_here, own):
        if code in languages():
            return str(code)
    return language_for((preferred or "")[:_LONGEST])


_LONGEST = 200  # an honest Accept-Language is far shorter


def tag_of(language: str) -> str:
    """As web pages and mails write it: "zh-Hans"."""
    return language.replace("_", "-")


@cache
def locale_of(language: str) -> Locale:
    return Locale.parse(language)


@cache
def zone_of(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a browser may name anything
        return UTC
