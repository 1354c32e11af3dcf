"""What Streamlit says by itself is said in the reader's language, and nothing that people wrote is."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
import streamlit

from ui.streamlits_words import PLACES, said_in
from ui.text import languages
from web.index_page import pages_from

STATIC = Path(streamlit.__file__).parent / "static"
#: What is said alike, as in English.
SAME = {"id": {"Error", "Error:", "Format", "Sidebar"}}
WORDS = sorted({word.message for place in PLACES for word in place.words})
#: Streamlit puts these together when it says them.
COMPOSED = {
    "Error:": ("`Error: `",),
    "Press Enter to apply": ("`Press Enter to ${", "`apply`"),
    "Press Enter to submit form": ("`Press Enter to ${", "`submit form`"),
    "Press {key}+Enter to apply": ("+Enter to ${", "`apply`"),
    "Press {key}+Enter to submit form": ("+Enter to ${", "`submit form`"),
    "Connection failed with status {status}": ("`Connection failed with status ${",),
    ": Number is outside the allowed range. Please enter a value between {least} and {most}.": (
        "`**Error**: ${", "`Number is outside the allowed range. Please enter a value between ${",
    ),
}  # fmt: skip


@cache
def _bundle() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted((STATIC / "static" / "js").glob("*.js")))


def _stands_there(word: str) -> bool:
    word = f"**Error**{word}" if word.startswith(": ") else word
    form = re.sub(r"\\\{\w+\\\}", r"\\$\\{.{1,60}?\\}", re.escape(word))
    return re.search(f"[`\"']{form}[`\"']", _bundle()) is not None


@pytest.mark.parametrize("word", WORDS)
def test_the_installed_streamlit_still_says_so(word: str) -> None:
    if word in COMPOSED:
        assert all(part in _bundle() for part in COMPOSED[word])
    else:
        assert _stands_there(word), "Streamlit says something else now: look at the page, then mend the table"


def test_a_word_that_streamlit_does_not_say_would_be_noticed() -> None:
    assert not _stands_there("Skip to the main content")
    assert not _stands_there("{size} for each file")


def test_the_installed_streamlit_still_has_these_places() -> None:
    names = {name for place in PLACES for name in place.at}
    assert len(names) > 20
    assert {name for name in names if f"`{name}`" not in _bundle()} == set()


@pytest.mark.parametrize("language", [language for language in languages() if language != "en"])
def test_every_word_is_said_in_every_other_language(language: str) -> None:
    said = [(word, theirs) for *_place, words in said_in(language) for word, theirs in words.items()]
    assert {word for word, _theirs in said} == set(WORDS)
    assert {word for word, theirs in said if theirs == word} <= SAME.get(language, set())


def test_english_readers_load_nothing_and_korean_ones_a_table_that_no_browser_runs() -> None:
    assert said_in("en") == []
    pages = pages_from((STATIC / "index.html").read_text("utf-8"), title="Portal", icon="data:,")
    assert "portal-words" not in pages["en"]
    assert "words.js" not in pages["en"]
    table = re.search(r'<script type="application/json" id="portal-words">(.*?)</script>', pages["ko"])
    assert table is not None
    assert [["stPagination"], "[role=navigation]", {"Pagination": "페이지 이동"}] in json.loads(table[1])
