"""What a page is asked stands in its address, in words of no language."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from ui.asking import choose_one, choose_some, page_number, page_turner, words_to_look_for

    words = words_to_look_for("Search")
    order = choose_one("sort", "Order", {"newest": "Neueste", "name": "Nach Namen"})
    kinds = choose_some("kind", "Kind", {"a": "Erste", "b": "Zweite"})
    st.text(f"{words}|{order}|{','.join(kinds)}|{page_number()}")
    page_turner(5)


@pytest.fixture
def ask() -> Any:
    def asked(**address: str | list[str]) -> AppTest:
        app = AppTest.from_function(page)
        for name, value in address.items():
            app.query_params[name] = value
        return app.run()

    return asked


def answer(app: AppTest) -> str:
    assert not app.exception
    return app.text[0].value


def test_nothing_asked_is_the_first_choice_all_kinds_and_the_first_page(ask: Any) -> None:
    assert answer(ask()) == "|newest||1"


def test_the_address_is_read(ask: Any) -> None:
    assert answer(ask(q="rack", sort="name", kind=["b", "a"], page="3")) == "rack|name|b,a|3"


@pytest.mark.parametrize("page_asked", ["0", "-1", "x", "²", "99999999999", ""])
def test_what_nobody_could_ask_is_left_alone(page_asked: str, ask: Any) -> None:
    assert answer(ask(sort="Nach Namen", kind=["c"], page=page_asked)) == "|newest||1"


def test_a_choice_goes_into_the_address_and_begins_at_the_first_page(ask: Any) -> None:
    app = ask(page="3")
    app.get("button_group")[0].set_value("name").run()
    assert dict(app.query_params) == {"sort": "name"}
    assert answer(app) == "|name||1"
    app.get("button_group")[1].set_value(["b"]).run()
    assert dict(app.query_params) == {"sort": "name", "kind": "b"}
    assert answer(app) == "|name|b|1"


def test_the_first_choice_and_none_at_all_leave_the_address_short(ask: Any) -> None:
    app = ask(sort="name", kind=["a"])
    app.get("button_group")[0].set_value("newest").run()
    app.get("button_group")[1].set_value([]).run()
    assert dict(app.query_params) == {}
    assert answer(app) == "|newest||1"
