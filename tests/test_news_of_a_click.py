"""What is said after a click: it survives a run that is cut short, and is gone a little later."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from ui import news


def _page() -> None:
    import streamlit as st

    from ui.news import show_news, tell

    if st.button("click"):
        tell("here", "It is done.", bad="But not all of it.")
    show_news("here")
    show_news("elsewhere")


def _said(page: AppTest) -> tuple[list[str], list[str]]:
    return [toast.value for toast in page.toast], [warning.value for warning in page.warning]


def test_a_sentence_is_drawn_again_by_the_run_that_follows_at_once() -> None:
    page = AppTest.from_function(_page).run()
    assert _said(page) == ([], [])
    assert _said(page.button[0].click().run()) == (["It is done."], ["But not all of it."])
    assert _said(page.run()) == (["It is done."], ["But not all of it."])


def test_a_sentence_is_gone_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    page = AppTest.from_function(_page).run().button[0].click().run()
    monkeypatch.setattr(news, "STANDS", 0.0)
    assert _said(page.run()) == ([], [])
    assert _said(page.run()) == ([], [])
