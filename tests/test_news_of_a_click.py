"""What is said after a click: it survives a run that is cut short, and is gone a little later."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from ui import news


def _page() -> None:
    import streamlit as st

    from ui.news import has_news, show_news, tell

    if st.button("click"):
        tell("here", "It is done.", bad="But not all of it.")
    show_news("here")
    show_news("elsewhere")
    if has_news("kept"):
        show_news("kept", good_stays=True)
    if st.button("save"):
        tell("kept", "Saved.")
        st.rerun()
    if st.button("clear"):
        tell("kept")


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


def test_a_sentence_that_stays_is_no_toast_and_goes_with_the_next_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = AppTest.from_function(_page).run()
    page.button[1].click().run()
    assert [each.value for each in page.run().success] == ["Saved."], "also by the run that follows a live event"
    assert _said(page) == ([], [])
    assert not page.button[2].click().run().run().success
    page.button[1].click().run()
    monkeypatch.setattr(news, "STANDS", 0.0)
    assert not page.run().success
