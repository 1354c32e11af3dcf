"""No word is hard-coded: in a language that has every message in brackets, whatever stands outside them is data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl
from zoneinfo import available_timezones

import pytest
from sqlalchemy import String, select
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import ui.words
from auth import visitor
from data.engines import app_engine
from data.imports.fields import COUNTRIES
from data.models import Base
from rules.money import CURRENCIES
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import settings_for
from tests.everywhere import come_in, places_of
from tests.pseudo import BEGIN, Pseudo, outside, said_on, words
from ui.text import languages

ENTRY = Path(__file__).parent.parent / "shell" / "main.py"
#: Written in each language as a whole, not message by message.
GUIDES = Path(__file__).parent.parent / "docs" / "help"
#: Written alike everywhere: zones, countries' and currencies' codes, units, formats of files, languages' own names.
CODES = {"KST", "JST", "PST", "WIB", "IST", "UTC", "PDF", "CSV", "kW", "kVA", "IP"}
UNTRANSLATED = CODES.union(CURRENCIES, COUNTRIES, *map(words, languages().values()), *map(words, available_timezones()))


@pytest.fixture(scope="module", autouse=True)
def _here(demo: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with settings_for(demo, tmp_path_factory.mktemp("home") / "instance"):
        yield


#: What people write at length: it stands on a page as it is, and a single word of it proves nothing.
PROSE = {"subject", "description", "body", "title", "reason", "note", "purpose", "markdown", "rating_comment", "value"}


@dataclass(frozen=True)
class Data:
    """What rows hold: whole lines that somebody wrote, and the words of names and numbers."""

    lines: frozenset[str]
    names: frozenset[str]

    def lacks(self, said: str) -> set[str]:
        """The words of a text that come neither from a catalog nor from a row."""
        unknown = (part for part in outside(said) if part not in self.lines)
        return {word for part in unknown for word in words(part)} - self.names - UNTRANSLATED


@pytest.fixture(scope="module")
def data(demo: Database) -> Data:
    """Not the codes that the portal itself writes into rows, such as a state. Guides are written as a whole."""
    lines: set[str] = set()
    names: set[str] = set()
    with demo.as_owner() as connection:
        for table in (table for table in Base.metadata.sorted_tables if table.schema == "portal"):
            for column in (column for column in table.columns if isinstance(column.type, String)):
                rows = connection.scalars(select(column).distinct().where(column.is_not(None)))
                written = [row for row in rows if not re.fullmatch(r"[a-z_]+", row)]
                lines.update(part for row in written for part in outside(row))
                if column.name not in PROSE:
                    names.update(word for row in written for word in words(row))
    for guide in GUIDES.rglob("*.md"):
        lines.update(outside(guide.read_text("utf-8")))
    return Data(frozenset(lines), frozenset(names))


@pytest.fixture
def _nobodys_language(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = Pseudo()
    monkeypatch.setattr(ui.words, "translations", lambda _language: catalog)


def _opened(app: AppTest, address: str) -> AppTest:
    path, _, query = address.partition("?")
    app.query_params.clear()
    for name, value in parse_qsl(query):
        app.query_params[name] = value
    app._page_hash = calc_hash(path) if path else ""
    return app.run()


@pytest.mark.usefixtures("_nobodys_language")
@pytest.mark.parametrize("name", CAST)
def test_no_word_on_any_page_is_hard_coded(
    name: str, demo: Database, data: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    principal = come_in(demo, name, language="ko")
    app = _at_the_door(monkeypatch, principal.token)
    hard_coded, in_brackets = {}, 0
    for address in (place.address for place in places_of(app_engine(), principal)):
        _opened(app, address)
        assert not app.exception, address
        for said in said_on(app._tree):
            in_brackets += BEGIN in said
            if left := data.lacks(said):
                hard_coded[address, said[:120]] = left
    assert in_brackets > 50
    assert hard_coded == {}


@pytest.mark.usefixtures("_nobodys_language")
@pytest.mark.parametrize("address", ["", "password?link=unknown", "forgot", "invitation?link=unknown"])
def test_no_word_at_the_front_door_is_hard_coded(address: str, data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor, "language", lambda _own=None: "ko")
    app = _opened(_at_the_door(monkeypatch, None), address)
    assert not app.exception
    said = list(said_on(app._tree))
    assert any(BEGIN in each for each in said)
    assert {each[:120]: left for each in said if (left := data.lacks(each))} == {}


@pytest.mark.usefixtures("_nobodys_language")
def test_a_word_that_no_catalog_holds_is_found_wherever_it_stands() -> None:
    def page() -> None:
        import pandas as pd
        import streamlit as st

        from ui.text import _

        st.title(_("Tickets"))
        st.text(f"{_('Tickets')} Abel beside")
        st.selectbox(_("Site"), ["one"], format_func=lambda _value: "Chosen")
        st.text_input(_("Name"), placeholder="Placed", help="Helping")
        st.html('<style>p { color: red }</style><p title="Titled">Marked</p>')
        st.dataframe(pd.DataFrame({"Columned": ["Celled"]}))
        st.plotly_chart({"data": [{"type": "bar", "x": ["Barred"], "y": [1]}], "layout": {"title": {"text": "Drawn"}}})
        st.button(_("Save"), icon=":material/save:", key="saved")

    app = AppTest.from_function(page).run()
    assert not app.exception
    data = Data(frozenset(), frozenset({"Abel"}))
    found = set().union(*map(data.lacks, said_on(app._tree)))
    assert found == {
        "beside", "Chosen", "Placed", "Helping", "Titled", "Marked", "Columned", "Celled", "Barred", "Drawn",
    }  # fmt: skip


def _at_the_door(monkeypatch: pytest.MonkeyPatch, token: str | None) -> AppTest:
    monkeypatch.setattr(visitor, "session_token", lambda: token)
    monkeypatch.setattr(visitor, "browser", lambda: "B" * 43)
    return AppTest.from_file(ENTRY, default_timeout=60)
