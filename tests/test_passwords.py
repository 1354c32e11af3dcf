"""Passwords: which are accepted, that every character counts, and the link with which somebody sets theirs."""

from __future__ import annotations

import unicodedata

import bcrypt
import pytest
from argon2 import PasswordHasher
from streamlit.testing.v1 import AppTest

from auth import visitor
from auth.keys import email_key
from auth.passwords import (
    COMMON,
    LONGEST,
    SHORTEST,
    check_password,
    check_rules,
    dummy_hash,
    hash_password,
    needs_upgrade,
)
from auth.set_password import link_owner, use_link
from data.people import Role, add_person, reset_person
from rules.errors import Invalid
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import AN_ADDRESS, BROWSER, HANGUL, NEW, PASSWORD, Door, tries

ANA = CAST["ana"]


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture
def door(database: Database) -> Door:
    return Door(database)


# --- which are accepted


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("tiny", "too short"),
        ("elevenchars", "too short"),
        ("            ", "too short"),
        ("   eleven11   ", "too short"),
        (unicodedata.normalize("NFD", "라일락꽃향기"), "too short"),
        ("x1" * 64 + "y", "too long"),
        ("aaaaaaaaaaaaaa", "too easy"),
        ("abcabcabcabcabc", "too easy"),
        ("qwertyuiop123", "too easy"),
        ("QwertyUiop123", "too easy"),
        ("customer-portal", "must not be"),
        ("Minji.Kim.2026", "must not be"),
        ("kim_MINJI_acme", "must not be"),
        ("Example!Data!Centers", "must not be"),
        ("someone.acme.99", "must not be"),
        ("correct horse battery staple", "too easy"),
        ("비밀번호1234567", "too short"),
        ("비밀번호12345678", "too easy"),
        ("someone@acme.example", "must not be"),
        ("SomeOne@acme.example", "must not be"),
    ],
)
def test_a_password_that_would_be_guessed_is_refused_with_its_reason(password, reason):
    with pytest.raises(Invalid, match=reason) as refused:
        check_rules(password, "someone@acme.example", "Kim Minji")
    assert refused.value.field == "password"
    assert password not in str(refused.value)


@pytest.mark.parametrize(
    "password", [PASSWORD, NEW, HANGUL, "Ἀρχὴ ἥμισυ παντός", "🐢🐢🐢 slow and steady", "x1y2z3!a4b5c6", "y" + "x1" * 63]
)
def test_any_script_and_any_sign_makes_a_password(password):
    check_rules(password, ANA, "Ana Acme")
    assert SHORTEST <= len(password) <= LONGEST


def test_a_password_of_ones_own_may_have_a_name_in_it():
    check_rules("minji counts the herons", "minji@acme.example", "Kim Minji")
    check_rules("example of a quiet harbour", "minji@acme.example", "")


def test_the_common_ones_are_long_enough_to_be_wanted():
    listed = [line for line in COMMON.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert len(listed) > 400
    assert len(set(listed)) == len(listed)
    assert [line for line in listed if len(line) < SHORTEST or line != line.casefold()] == []
    assert not any(word == PASSWORD for word in listed)


# --- every character counts


def test_every_syllable_of_a_long_password_counts():
    stored = hash_password(HANGUL * 2)
    assert check_password(HANGUL * 2, stored)
    assert not check_password(HANGUL * 2 + "요", stored)
    assert not check_password((HANGUL * 2)[:-1], stored)


def test_a_password_at_the_limit_is_not_cut():
    stored = hash_password("x" * LONGEST)
    assert check_password("x" * LONGEST, stored)
    assert not check_password("x" * (LONGEST + 1), stored)
    assert not check_password("x" * 100_000, stored)


def test_the_same_word_from_another_keyboard_is_the_same_password():
    apart = unicodedata.normalize("NFD", HANGUL)
    assert apart != HANGUL
    assert check_password(apart, hash_password(HANGUL))
    assert check_password(f"  {HANGUL} ", hash_password(HANGUL)), "the form drops blanks at both ends"


@pytest.mark.parametrize(
    "stored", ["", "x", "$argon2id$v=19$m=1", "$2b$04$short", "$2b$99$" + "x" * 53, "plain text password"]
)
def test_what_is_no_hash_proves_nothing(stored):
    assert not check_password("plain text password", stored)
    assert not check_password("", stored)


def test_nothing_fits_the_hash_of_nobody():
    for guess in ("", " ", "password", PASSWORD):
        assert not check_password(guess, dummy_hash())


def test_cheaper_and_older_hashes_are_replaced_and_new_ones_stay():
    assert needs_upgrade(bcrypt.hashpw(b"x", bcrypt.gensalt(4)).decode())
    assert needs_upgrade(PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash("x"))
    assert not needs_upgrade(hash_password("x"))


# --- the link


@pytest.fixture
def link(door) -> str:
    with door.database.as_owner() as connection:
        return reset_person(connection, ANA).token


def test_looking_at_a_link_does_not_use_it_up(door, link, monkeypatch):
    for _ in range(3):
        assert set_password(monkeypatch, link).text_input[0].value == ANA
        assert link_owner(link) == ANA
    assert use_link(link, ANA, NEW, NEW)


def test_a_link_sets_one_password_and_ends_every_session(door, link):
    token = door.signed_in("ana")
    assert use_link(link, ANA, NEW, NEW)

    assert tries(ANA, NEW)
    assert not door.is_alive(token)
    assert link_owner(link) is None
    assert not use_link(link, ANA, "somebody else was later", "somebody else was later")
    assert not tries(ANA, "somebody else was later")


def test_an_expired_or_invented_link_opens_nothing(door, link, monkeypatch):
    door.owner("update auth.link set expires_at = now()")
    for dead in (link, "invented", ""):
        assert link_owner(dead) is None
        assert not use_link(dead, ANA, NEW, NEW)
        app = set_password(monkeypatch, dead)
        assert "expired or was used" in app.error[0].value
        assert not app.text_input


def test_the_form_says_what_is_wrong_and_keeps_the_link(door, link, monkeypatch):
    app = set_password(monkeypatch, link)
    for first, second, reason in (
        (NEW, NEW + "!", "not the same"),
        ("short", "short", "too short"),
        (ANA, ANA, "must not be"),
        ("Ana Acme 2026", "Ana Acme 2026", "must not be"),
    ):
        app.text_input[1].input(first)
        app.text_input[2].input(second)
        app.button[0].click().run()
        (beside_its_field,) = [words.value for words in app.markdown if ":red[" in words.value]
        assert reason in beside_its_field
        assert not app.error
        assert link_owner(link) == ANA

    assert "At least 12 characters" in app.caption[0].value
    app.text_input[1].input(NEW)
    app.text_input[2].input(NEW)
    app.button[0].click().run()
    assert any('url=/?login=ready"' in words.value for words in app.markdown)
    assert tries(ANA, NEW)


def test_the_form_speaks_the_readers_language(door, link, monkeypatch):
    app = set_password(monkeypatch, link, language="ko")
    app.text_input[1].input("short")
    app.button[0].click().run()
    problems = [words.value for words in app.markdown if ":red[" in words.value]
    assert len(problems) == 2, "too short, and not repeated"
    assert all(any("가" <= letter <= "힣" for letter in problem) for problem in problems)
    assert app.text_input[0].value == ANA


def test_a_first_password_comes_by_link_as_well(door):
    with door.database.as_owner() as connection:
        link = add_person(connection, "first@acme.example", Role.PAA, account_code="ACME")
    assert link is not None
    assert not tries("first@acme.example", NEW)
    assert use_link(link.token, "first@acme.example", NEW, NEW)
    assert tries("first@acme.example", NEW)
    assert door.owner("select count(*) from auth.throttle where key = :k", k=email_key("first@acme.example")) == 1


def set_password(monkeypatch, token: str, language: str = "en") -> AppTest:
    from ui.text import Reader

    monkeypatch.setattr(visitor, "reader", lambda: Reader(language))
    monkeypatch.setattr(visitor, "browser", lambda: BROWSER)
    monkeypatch.setattr(visitor, "address", lambda: AN_ADDRESS)

    def script(token: str) -> None:
        from auth.set_password import set_password_page

        set_password_page(token)

    app = AppTest.from_function(script, args=(token,), default_timeout=20).run()
    assert not app.exception
    return app
