"""What became of the last click in a drawer, said once the drawer shows what it led to."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from ui.state import Remembered


@dataclass
class News(Remembered):
    """A good sentence is a toast, a bad one stays in the drawer until the next click."""

    good: str = ""
    bad: str = ""


def tell(number: str, good: str = "", *, bad: str = "") -> None:
    news = News.of(number)
    news.good, news.bad = good, bad


def show_news(number: str) -> None:
    news = News.of(number)
    if news.good:
        st.toast(news.good, icon=":material/task_alt:")
    if news.bad:
        st.warning(news.bad, icon=":material/sync_problem:")
    news.good = news.bad = ""
