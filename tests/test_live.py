"""`/live`: what an open tab hears without a click is its own person's and nobody else's."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette

from auth import presence
from auth.sessions import hashed
from data import live as news_of
from data.models import Account, Notice
from rules.looking import ALL
from rules.principal import Principal
from shell import live
from shell import said as words
from tests.asgi import Answer, ask
from tests.cluster import Database
from tests.door import Door

APP = Starlette(routes=live.routes)
SignIn = Callable[[str], Principal]


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch) -> news_of.News:
    """Nothing was heard, counted or remembered before."""
    news = news_of.News()
    for module in (words, presence):
        monkeypatch.setattr(module, "news", news)
    monkeypatch.setattr(live, "badges", words.Badges())
    monkeypatch.setattr(presence, "presences", presence.Presences())
    return news


@pytest.fixture
def door(database: Database) -> Door:
    return Door(database)


def asked(token: str | None, path: str = "/live", *, method: str = "GET", language: str = "", **query: str) -> Answer:
    cookie = f"portal_session={token}; portal_language={language}" if token else ""
    return ask(APP, path, method=method, headers={"cookie": cookie}, query=urlencode(query))


def said(token: str | None, **query: str) -> dict[str, Any]:
    answer = asked(token, **query)
    assert answer.status == 200
    assert answer.header("cache-control") == "no-store"
    words: dict[str, Any] = json.loads(answer.body)
    return words


# --- who is told, and what


@pytest.mark.parametrize("token", [None, "invented", "x" * 5000, "\x7f"])
def test_a_stranger_is_told_nothing(token: str | None) -> None:
    assert said(token) == {"ended": True}


def test_everybody_hears_of_their_own_accounts_and_no_others(sign_in: SignIn) -> None:
    ana, bea = said(sign_in("ana").token), said(sign_in("bea").token)
    assert ana["header"]["account"]["name"] == "Ana Acme"
    assert ana["header"]["company"]["all"] == "All accounts"
    options = [["ACME", "Acme Group", 0], ["ACME-OSAKA", "Acme Osaka", 1], ["ACME-SEOUL", "Acme Seoul", 1]]
    assert ana["header"]["company"]["options"] == options, "a parent, and below it what it manages"
    assert bea["header"]["company"] is None
    assert "Acme" not in str(bea)
    assert ana["mark"] != bea["mark"]


def test_only_what_may_be_opened_is_offered(sign_in: SignIn) -> None:
    abel, ada = said(sign_in("abel").token), said(sign_in("ada").token)
    for hears in (abel, ada):
        assert [entry["path"] for entry in hears["header"]["news"]] == ["notices"]
        assert "messages" not in hears["unread"]
    assert set(abel["lists"]) == {"", "tickets", "waiting", "notices"}
    assert set(ada["lists"]) == {"", "notices"}


def test_the_header_travels_once(sign_in: SignIn) -> None:
    token = sign_in("ana").token
    first = said(token)
    again = said(token, mark=first["mark"])
    assert "header" not in again
    assert again == {name: value for name, value in first.items() if name != "header"}


def test_accounts_are_chosen_among_ones_own(database: Database, sign_in: SignIn) -> None:
    with database.as_owner() as connection:
        bolt = connection.execute(select(Account.uuid).where(Account.code == "BOLT")).scalar_one()
    ana, bea = sign_in("ana"), sign_in("bea")
    for word, seen in (
        ("ACME-SEOUL", "ACME-SEOUL"),
        ("ACME-SEOUL,ACME-OSAKA", "ACME-OSAKA,ACME-SEOUL"),
        ("BOLT,ACME-OSAKA,ACME-OSAKA", "ACME-OSAKA"),
        ("ACME,ACME-SEOUL,ACME-OSAKA", ALL),
    ):
        assert said(ana.token, accounts=word)["accounts"] == seen
    for word in ("BOLT", str(bolt), "all", "acme-seoul", "'; drop table", ",,,", "", "x" * 5000):
        assert said(ana.token, accounts=word)["accounts"] == ALL, word
        assert said(bea.token, accounts="ACME-SEOUL")["accounts"] == ALL


def test_another_choice_is_no_other_header(sign_in: SignIn) -> None:
    """It would be drawn anew under the hand that moves the switches."""
    token = sign_in("ana").token
    first = said(token)
    assert "header" not in said(token, mark=first["mark"], accounts="ACME-SEOUL")
    assert said(token, accounts="ACME-SEOUL")["lists"] != {} and "header" in said(token, accounts="ACME-SEOUL")


def test_a_choice_is_where_the_next_sign_in_begins(door: Door, sign_in: SignIn) -> None:
    ana, bea = sign_in("ana"), sign_in("bea")
    try:
        assert asked(ana.token, "/live/accounts", method="POST", accounts="ACME-SEOUL,BOLT").status == 204
        assert said(ana.token)["accounts"] == "ACME-SEOUL", "also in a tab that has not heard of it"
        assert said(door.signed_in("ana"))["accounts"] == "ACME-SEOUL"
        assert said(ana.token, accounts="all")["accounts"] == ALL, "an address counts before what is remembered"
        assert said(bea.token)["accounts"] == ALL
        asked(ana.token, "/live/accounts", method="POST", accounts="BOLT")
        assert said(ana.token)["accounts"] == "ACME-SEOUL", "a stranger's account is no choice"
    finally:
        asked(ana.token, "/live/accounts", method="POST", accounts="all")
    assert said(door.signed_in("ana"))["accounts"] == ALL


@pytest.mark.parametrize("token", ["", "invented"])
def test_a_stranger_chooses_nothing(door: Door, token: str) -> None:
    asked(token, "/live/accounts", method="POST", accounts="ACME-SEOUL")
    assert said(door.signed_in("ana"))["accounts"] == ALL


def test_lists_move_for_the_accounts_in_view(sign_in: SignIn, heard: news_of.News) -> None:
    ana = sign_in("ana")
    seoul = next(account.uuid for account in ana.accounts if account.code == "ACME-SEOUL")
    before = {word: said(ana.token, accounts=word)["lists"] for word in ("ACME-SEOUL", "ACME-OSAKA", "all")}
    heard.hear(f"T{seoul}")
    after = {word: said(ana.token, accounts=word)["lists"] for word in before}
    assert after["ACME-OSAKA"] == before["ACME-OSAKA"]
    assert after["ACME-SEOUL"]["tickets"] != before["ACME-SEOUL"]["tickets"]
    assert after["all"]["tickets"] != before["all"]["tickets"]


def test_the_words_are_in_the_language_chosen_here(sign_in: SignIn) -> None:
    token = sign_in("ana").token
    header = json.loads(asked(token, language="ko").body)["header"]
    assert header["language"]["chosen"] == "ko"
    assert header["account"]["out"] == "로그아웃"
    assert "Sign out" not in str(header)
    assert said(token)["header"]["account"]["out"] == "Sign out"


# --- what is new


def test_a_list_moves_for_those_whose_account_it_is(sign_in: SignIn, heard: news_of.News) -> None:
    ana, bea, dee = (sign_in(name) for name in ("ana", "bea", "dee"))
    before = {who: said(who.token)["lists"] for who in (ana, bea, dee)}
    heard.hear(f"T{bea.accounts[0].uuid}")
    after = {who: said(who.token)["lists"] for who in (ana, bea, dee)}
    assert after[ana] == before[ana]
    for who in (bea, dee):
        assert after[who]["tickets"] != before[who]["tickets"]
        assert after[who]["inventory"] == before[who]["inventory"]


def test_the_badge_counts_anew_when_something_was_heard(
    database: Database, sign_in: SignIn, heard: news_of.News
) -> None:
    ana = sign_in("ana")
    assert said(ana.token)["unread"] == {}
    with database.as_owner() as connection:
        connection.execute(
            insert(Notice).values(category="advisory", title="Hello", everyone=True, published_at=datetime.now(UTC))
        )
    assert said(ana.token)["unread"] == {}, "asked of the database only when there is a reason"
    heard.hear("N")
    assert said(ana.token)["unread"] == {"notices": [1, "Notices, 1 unread"]}


def test_where_things_are_read_every_answer_is_counted_anew(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []
    unread = words.unread
    monkeypatch.setattr(words, "unread", lambda *who: counted.append("unread") or unread(*who))
    token = sign_in("ana").token
    for page, times in (("orders", 1), ("orders", 1), ("notices", 2), ("notices", 3), ("orders", 4), ("orders", 4)):
        said(token, page=page)
        assert len(counted) == times, page


# --- what somebody may do


@pytest.mark.parametrize(("who", "hears"), [("bea", True), ("mia", True), ("ana", False), ("dee", False)])
def test_rights_are_asked_anew_where_they_may_have_changed(
    who: str, hears: bool, sign_in: SignIn, heard: news_of.News, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A customer's in their own accounts; an account manager may look after any account next."""
    bolt, token = sign_in("bea").accounts[0].uuid, sign_in(who).token
    said(token)
    asked_anew = []
    who_is = presence.sessions.who
    monkeypatch.setattr(presence.sessions, "who", lambda *a, **k: asked_anew.append(a) or who_is(*a, **k))
    said(token)
    assert not asked_anew
    heard.hear(f"G{bolt}")
    said(token)
    said(token)
    assert len(asked_anew) == hears


# --- how it ends


def test_a_tab_hears_that_its_session_ended(sign_in: SignIn, heard: news_of.News) -> None:
    ana, bea = sign_in("ana"), sign_in("bea")
    assert said(ana.token)["lists"] and said(bea.token)["lists"]
    heard.hear(f"S{hashed(ana.token).hex()}")
    assert said(ana.token) == {"ended": True}
    assert "ended" not in said(bea.token)


@pytest.mark.parametrize(("query", "alive_there"), [({}, True), ({"everywhere": ""}, False)])
def test_the_menu_signs_out_and_takes_the_browser_past_the_route(
    door: Door, query: dict[str, str], alive_there: bool
) -> None:
    here, there, somebody = door.signed_in("ana"), door.signed_in("ana"), door.signed_in("bea")
    answer = asked(here, "/live/leave", method="POST", **query)
    assert (answer.status, answer.header("location")) == (303, "/auth/signout?next=%2F&why=out")
    assert not door.is_alive(here)
    assert door.is_alive(there) is alive_there
    assert door.is_alive(somebody)


@pytest.mark.parametrize("path", ["/live/leave", "/live/stay", "/live/role", "/live/accounts"])
def test_a_link_changes_nothing(door: Door, path: str) -> None:
    token = door.signed_in("ana")
    assert asked(token, path).status == 405
    assert door.is_alive(token)


@pytest.mark.parametrize(("minutes", "is_offered"), [(24, False), (26, True)])
def test_staying_is_offered_from_25_idle_minutes(door: Door, minutes: int, is_offered: bool) -> None:
    token = door.signed_in("ana")
    door.move(token, last_seen=f"now() - interval '{minutes} minutes'")
    reminder = said(token)["reminder"]
    assert (reminder is not None) is is_offered
    if is_offered:
        assert "4 minutes" in reminder["text"] and reminder["may_stay"]
        assert said(token)["reminder"], "asking keeps nobody signed in"
        assert json.loads(asked(token, "/live/stay", method="POST").body)["reminder"] is None
        assert said(token)["reminder"] is None


def test_the_last_minutes_before_the_absolute_end_are_announced(door: Door) -> None:
    token = door.signed_in("ana")
    door.move(token, expires_at="now() + interval '4 minutes'")
    reminder = said(token)["reminder"]
    assert "ends at" in reminder["text"]
    assert not reminder["may_stay"]


def test_a_role_that_is_not_theirs_is_not_put_on(door: Door) -> None:
    dee, ana = door.signed_in("dee"), door.signed_in("ana")
    for token, role in ((dee, "finance"), (dee, "invented"), (ana, "administrator")):
        assert asked(token, "/live/role", method="POST", role=role).status == 303
    assert said(dee)["header"]["account"]["name"].endswith("Service desk")
    assert said(ana)["header"]["account"]["roles"] == []


def test_the_other_role_comes_with_another_cookie_and_the_one_before_is_dead(door: Door) -> None:
    door.owner("insert into portal.staff_member (person_id, role) values (:dee, 'finance')", dee=door.person("dee"))
    try:
        token, elsewhere = door.signed_in("dee"), door.signed_in("dee")
        assert said(token)["header"]["account"]["name"].endswith("Service desk")
        answer = asked(token, "/live/role", method="POST", role="finance")
        (cookie,) = answer.all("set-cookie")
        fresh = cookie.partition("=")[2].partition(";")[0]
        assert cookie.startswith("portal_session=") and "HttpOnly" in cookie and "samesite=lax" in cookie.lower()
        assert fresh not in {token, ""}
        assert said(token) == {"ended": True}, "at once, not when it is asked about the next time"
        assert said(fresh)["header"]["account"]["name"].endswith("Finance")
        assert said(elsewhere)["header"]["account"]["name"].endswith("Service desk")
        assert not asked(token, "/live/role", method="POST", role="service_desk").all("set-cookie")
    finally:
        door.owner(
            "delete from portal.staff_member where role = 'finance' and person_id = :dee", dee=door.person("dee")
        )


def test_while_the_database_is_away_the_tab_stays_as_it_is(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_given: object, **_more: object) -> None:
        raise OperationalError("select", None, Exception("away"))

    token = sign_in("ana").token
    monkeypatch.setattr(presence.sessions, "who", away)
    answer = asked(token)
    assert answer.status == 503
    assert b"ended" not in answer.body
