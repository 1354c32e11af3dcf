"""The matrix against the pages: everybody opens every address, and gets the page, a refusal, or the way in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import pages
from auth import visitor
from pages import PAGES, pages_for
from rules.errors import Forbidden
from tests.cluster import Cluster
from tests.matrix.doors import doors, knows, opens
from tests.matrix.people import Identity, identities
from tests.matrix.stage import PEOPLE, Matrix, portal_on

ENTRY = Path(__file__).parent.parent / "shell" / "main.py"


@pytest.fixture(scope="module")
def matrix(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    with portal_on(cluster, tmp_path_factory) as planted:
        yield planted


@pytest.fixture
def shell(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The real shell around pages that only say that they were shown."""
    shown = SimpleNamespace(show=lambda _principal: st.title("shown"))
    monkeypatch.setattr(pages, "import_module", lambda _name: shown)
    monkeypatch.setattr(visitor, "browser", lambda: "B" * 43)
    return monkeypatch


def _at_each_address(shell: pytest.MonkeyPatch, token: str) -> dict[str, str]:
    """What stands at every page's address, for a tab of a browser with this cookie."""
    shell.setattr(visitor, "session_token", lambda: token or None)
    app = AppTest.from_file(ENTRY, default_timeout=60)
    return {page.path: _found(app, page.path) for page in PAGES}


def _found(app: AppTest, path: str) -> str:
    app._page_hash = calc_hash(path) if path else ""
    app.run()
    assert not app.exception, path
    titles = [title.value for title in app.title]
    sent_away = any('content="0;url=/auth/signout?' in text.value for text in app.markdown)  # takes the dead cookie
    if not titles and (sent_away or any(field.label == "Password" for field in app.text_input)):
        return "the way in"
    if titles == ["shown"]:
        return "the page"
    told = " ".join(box.value for box in app.info)
    is_refused = "not available to you" in told or "for another role" in told
    return "not found" if titles == ["Page not found"] else "not available" if is_refused else "?"


def _expected(identity: Identity, path: str) -> str:
    if not identity.comes_in:
        return "the way in"
    if opens(identity, "pages", path):
        return "the page"
    return "not available" if knows(identity, path) else "not found"


def test_every_page_stands_in_the_matrix() -> None:
    add = "say in tests/matrix/doors.yaml, under `pages`, who may open it and who knows of it"
    assert {page.path for page in PAGES} - set(doors()["pages"]) == set(), f"a page the matrix does not know: {add}"
    assert set(doors()["pages"]) == {page.path for page in PAGES}


@pytest.mark.parametrize("name", PEOPLE)
def test_every_address_answers_each_as_the_rules_say(name: str, matrix: Matrix, shell: pytest.MonkeyPatch) -> None:
    identity = identities()[name]
    assert _at_each_address(shell, matrix.token(identity)) == {
        page.path: _expected(identity, page.path) for page in PAGES
    }


@pytest.mark.parametrize("name", PEOPLE)
def test_the_menu_names_just_the_pages_that_open(name: str, matrix: Matrix) -> None:
    identity = identities()[name]
    principal = matrix.principal(identity)
    named = {page.path for page in pages_for(principal)} if principal else set()
    assert named == {path for path in doors()["pages"] if identity.comes_in and opens(identity, "pages", path)}


@pytest.mark.parametrize("name", PEOPLE)
def test_no_way_around_the_menu_draws_a_page(name: str, matrix: Matrix, shell: pytest.MonkeyPatch) -> None:
    identity = identities()[name]
    principal = matrix.principal(identity)
    for page in PAGES:
        if principal is not None and not opens(identity, "pages", page.path):
            with pytest.raises(Forbidden):
                page.show(principal)


def test_a_page_that_the_matrix_does_not_know_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten = pages.PageSpec("forgotten", "Forgotten", "x", "pages.portal.home")
    monkeypatch.setattr(sys.modules[__name__], "PAGES", (*PAGES, forgotten))
    with pytest.raises(AssertionError, match="a page the matrix does not know"):
        test_every_page_stands_in_the_matrix()
