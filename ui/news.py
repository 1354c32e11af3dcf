"""What became of the last click, said once the page shows what it led to."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

import streamlit as st

from ui.state import Remembered

#: Seconds. A run that is cut short, by the next click or by what somebody else did, takes along what it has drawn and
#: not sent yet; so a sentence is drawn again by the runs that follow at once.
STANDS = 5.0


@dataclass
class News(Remembered):
    """A good sentence and a bad one of one place, and since when they are drawn."""

    good: str = ""
    bad: str = ""
    since: float | None = None


def tell(place: str, good: str = "", *, bad: str = "") -> None:
    """To be shown in that place, instead of what was said there before."""
    news = News.of(place)
    news.good, news.bad, news.since = good, bad, None


def has_news(place: str) -> bool:
    """Is there something to be said? For a place that is drawn only then."""
    news = News.of(place)
    if news.since is not None and monotonic() - news.since > STANDS:
        news.good = news.bad = ""
    return bool(news.good or news.bad)


def show_news(place: str, *, good_stays: bool = False) -> None:
    """A good sentence is a toast, or stays where it is drawn; a bad one always stays. Until the next run but for the
    first `STANDS` seconds."""
    if not has_news(place):
        return
    news = News.of(place)
    news.since = news.since or monotonic()
    if news.good and good_stays:
        st.success(news.good, icon=":material/task_alt:")
    elif news.good:
        st.toast(news.good, icon=":material/task_alt:")
    if news.bad:
        st.warning(news.bad, icon=":material/sync_problem:")
