"""`/live`, asked by a tab that says what it has seen: answered when there is something new for its reader."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from auth import presence
from auth.sessions import hashed
from data import live as news_of
from data.news import Unread
from rules.principal import Principal
from shell import holding, live
from shell import said as words
from tests.asgi import ask
from tests.patience import PATIENCE
from web.observed import WAITED, Observed

APP = Starlette(routes=live.routes)
SignIn = Callable[[str], Principal]

pytestmark = pytest.mark.usefixtures("configured")


class Looks:
    """Counts how often questions looked whether there is something for them."""

    def __init__(self) -> None:
        self.n, self._looked, self._is_new = 0, Event(), holding._is_new

    def __call__(self, *asked: Any, **more: Any) -> bool:
        found = self._is_new(*asked, **more)
        self.n += 1
        self._looked.set()
        return found

    def another(self) -> None:
        self._looked.clear()
        assert self._looked.wait(PATIENCE)


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch) -> news_of.News:
    """Nothing was heard, counted or remembered before; a question would wait for longer than any test takes."""
    news = news_of.News()
    news.is_on = True
    for module in (words, presence, holding):
        monkeypatch.setattr(module, "news", news)
    monkeypatch.setattr(live, "badges", words.Badges())
    monkeypatch.setattr(presence, "presences", presence.Presences())
    monkeypatch.setattr(holding, "LONGEST", 10 * PATIENCE)
    monkeypatch.setattr(holding, "LIST_EVERY", 10 * PATIENCE)
    monkeypatch.setattr(holding, "LOOK", 0.01)
    return news


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    looks = Looks()
    monkeypatch.setattr(holding, "_is_new", looks)
    return looks


@pytest.fixture
def tabs(heard: news_of.News) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as tabs:
        yield tabs
        heard.is_on = False  # what waits still waits no longer


def said(who: Principal, **query: str) -> dict[str, Any]:
    cookie = {"cookie": f"portal_session={who.token}"}
    answer: dict[str, Any] = json.loads(ask(APP, "/live", headers=cookie, query=urlencode(query)).body)
    return answer


def waits(tabs: ThreadPoolExecutor, looks: Looks, who: Principal, **query: str) -> Future[dict[str, Any]]:
    """A question of a tab that knows all there is; it has looked once, and found nothing."""
    seen = said(who, **query)["seen"]
    looks._looked.clear()
    waiting = tabs.submit(said, who, **query, seen=seen)
    assert looks._looked.wait(PATIENCE)
    assert not waiting.done()
    return waiting


def account_of(who: Principal, code: str) -> UUID:
    return next(account.uuid for account in who.accounts if account.code == code)


def test_it_is_answered_by_news_of_ones_own_accounts_and_by_no_others(sign_in, heard, looks, tabs) -> None:
    ana, bea = sign_in("ana"), sign_in("bea")
    waiting = waits(tabs, looks, ana)
    for others in (
        f"M{account_of(bea, 'BOLT')}",
        "P",
        f"E{account_of(ana, 'ACME-SEOUL')}",
        f"W{account_of(ana, 'ACME')}",
    ):
        heard.hear(others)
        looks.another()
    assert not waiting.done()
    heard.hear(f"M{account_of(ana, 'ACME-SEOUL')}")
    answer = waiting.result(PATIENCE)
    assert answer["lists"]["messages"] == 1
    again = tabs.submit(said, ana, seen=answer["seen"])
    looks.another()
    assert not again.done(), "what was told once is not news any more"
    heard.hear("N")  # a notice for everybody
    assert again.result(PATIENCE)["lists"]["notices"] == 1


def test_a_list_is_told_of_less_often_than_a_badge(sign_in, heard, looks, tabs, monkeypatch) -> None:
    ana = sign_in("ana")
    waiting = waits(tabs, looks, ana, page="tickets")
    heard.hear(f"T{account_of(ana, 'ACME-SEOUL')}")
    looks.another()
    assert not waiting.done()
    monkeypatch.setattr(holding, "LIST_EVERY", 0.0)
    assert waiting.result(PATIENCE)["lists"]["tickets"] == 1
    elsewhere = waits(tabs, looks, ana, page="orders")
    heard.hear(f"T{account_of(ana, 'ACME-SEOUL')}")
    looks.another()
    assert not elsewhere.done(), "of a list that it does not show"
    on_home = waits(tabs, looks, ana, page="")
    heard.hear(f"O{account_of(ana, 'ACME-OSAKA')}")
    assert on_home.result(PATIENCE)["lists"][""] > 0
    assert elsewhere.result(PATIENCE)["lists"]["orders"] == 1


def test_a_session_that_ends_and_rights_that_change_are_told_at_once(sign_in, heard, looks, tabs, database) -> None:
    ana, bea = sign_in("ana"), sign_in("bea")
    waiting, of_bea = waits(tabs, looks, ana), waits(tabs, looks, bea)
    heard.hear(f"G{account_of(ana, 'ACME-SEOUL')}")
    assert waiting.result(PATIENCE)["lists"]
    assert not of_bea.done()
    with database.as_owner() as connection:
        connection.execute(text("delete from auth.session where token_hash = :t"), {"t": hashed(bea.token)})
    heard.hear("S" + hashed(bea.token).hex())
    assert of_bea.result(PATIENCE) == {"ended": True}


@pytest.mark.parametrize("seen", ["", "nonsense", "x" * 5000, "00000000.0.1.0.0", "...."])
def test_what_a_tab_says_that_it_was_never_told_is_answered_at_once(sign_in, seen: str) -> None:
    assert said(sign_in("ana"), seen=seen)["seen"]
    assert said(sign_in("ana"), seen=seen, page="nonsense")["seen"]


@pytest.mark.parametrize("page", ["notices", "messages"])
def test_where_things_are_read_nothing_waits(sign_in, page: str) -> None:
    ana = sign_in("ana")
    elsewhere = said(ana)["seen"]
    assert "seen" not in said(ana, page=page)
    assert "seen" not in said(ana, page=page, seen=elsewhere)


def test_nothing_waits_for_who_is_not_in_nor_for_news_that_nobody_listens_to(sign_in, heard) -> None:
    ana = sign_in("ana")
    seen = said(ana)["seen"]
    stranger = json.loads(ask(APP, "/live", headers={"cookie": "portal_session=guess"}, query=f"seen={seen}").body)
    assert stranger == {"ended": True}
    heard.is_on = False
    assert "seen" not in said(ana, seen=seen)


def test_what_a_question_waits_is_counted_apart_from_its_work(sign_in, heard, tabs) -> None:
    ana, asked = sign_in("ana"), list[Scope]()

    async def remembering(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope)
        await APP(scope, receive, send)

    def again(**query: str) -> None:
        cookie = {"cookie": f"portal_session={ana.token}"}
        ask(Observed(remembering), "/live", headers=cookie, query=urlencode(query))

    seen = said(ana)["seen"]
    waiting = tabs.submit(again, seen=seen)
    while not (asked and asked[0][WAITED]):
        assert not waiting.done()
    heard.hear("N")
    waiting.result(PATIENCE)
    again()
    assert asked[1][WAITED] == [], "it was answered at once"


def test_a_tab_that_is_gone_is_waited_with_no_longer(sign_in) -> None:
    ana = sign_in("ana")
    seen = said(ana)["seen"]
    asked = 0

    async def receive() -> Message:
        nonlocal asked
        asked += 1
        return {"type": "http.disconnect"}

    async def send(_message: Message) -> None:
        pass

    query = urlencode({"seen": seen}).encode()
    headers = [(b"cookie", f"portal_session={ana.token}".encode())]
    scope = {
        "type": "http",
        "path": "/live",
        "method": "GET",
        "query_string": query,
        "headers": headers,
        "client": None,
    }
    asyncio.run(APP(scope, receive, send))
    assert asked == 1


def test_a_second_tab_is_not_told_that_it_knows_what_is_still_being_counted(sign_in, tabs, monkeypatch) -> None:
    ana = sign_in("ana")
    counting, may_go_on = Event(), Event()

    def slowly(*_asked: object) -> Unread:
        counting.set()
        assert may_go_on.wait(PATIENCE)
        return Unread(0, 7)

    monkeypatch.setattr(words, "unread", slowly)
    first = tabs.submit(said, ana)
    assert counting.wait(PATIENCE)
    counting.clear()
    second = tabs.submit(said, ana)
    assert counting.wait(PATIENCE), "it counts for itself"
    may_go_on.set()
    assert first.result(PATIENCE)["unread"]["messages"][0] == second.result(PATIENCE)["unread"]["messages"][0] == 7
