"""Kept statements: asked by one person, run for another, and still only that one's rows."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy.exc import OperationalError

from data.listing import opened, page_of, read_asked, summary_of
from data.listing.kept import Kept
from data.lists import LISTS
from data.tickets import TICKETS
from rules.principal import Principal
from tests.cluster import Database
from tests.scene import set_the_scene
from tests.sent import sent

SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module", autouse=True)
def scene(database: Database) -> None:
    with database.as_owner() as connection:
        set_the_scene(connection)


def _one(principal: Principal, code: str) -> Principal:
    return principal.looking_at(tuple(a.id for a in principal.accounts if a.code == code))


@pytest.mark.parametrize("name", LISTS)
def test_the_second_who_asks_the_same_gets_their_own_rows(name: str, database: Database, sign_in: SignIn) -> None:
    spec = LISTS[name]
    asked = read_asked(spec, {"stage": ["any"]})
    ana, bea = _one(sign_in("ana"), "ACME-SEOUL"), sign_in("bea")
    for principal, account in ((ana, "Acme Seoul"), (bea, "Bolt"), (ana, "Acme Seoul")):
        page = page_of(database.app, principal, spec, asked)
        assert set(page.rows["account"]) == {account}
        counted = summary_of(database.app, principal, spec, asked)
        assert len(counted.charts) == len(spec.charts)
        assert all(sum(n for *_, n in chart.cells) == page.count.n for chart in counted.charts[:1])


def test_those_who_see_only_their_own_share_no_row(database: Database, sign_in: SignIn) -> None:
    asked = read_asked(TICKETS, {"stage": ["any"]})
    abel, gus = sign_in("abel"), _one(sign_in("ana"), "ACME-SEOUL")
    his = set(page_of(database.app, abel, TICKETS, asked).rows["number"])
    everybodys = set(page_of(database.app, gus, TICKETS, asked).rows["number"])
    assert his < everybodys
    assert set(page_of(database.app, abel, TICKETS, asked).rows["number"]) == his


def test_the_same_question_is_built_once(database: Database, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    from data.listing import query

    built = []
    page_query = query._page_query
    monkeypatch.setattr(query, "_page_query", lambda *asked: built.append(asked) or page_query(*asked))
    asked = read_asked(TICKETS, {"kind": ["fault"], "sort": ["oldest"]})
    for name in ("bea", "bea", "vic"):
        page_of(database.app, sign_in(name), TICKETS, asked)
    assert len(built) == 1
    page_of(database.app, sign_in("dee"), TICKETS, asked)  # staff ask without an account: another statement
    assert len(built) == 2
    for _ in range(2):
        page_of(database.app, sign_in("bea"), TICKETS, read_asked(TICKETS, {"q": ["fault"]}))
    assert len(built) == 4, "what words find changes, so a search is never kept"


def test_accounts_travel_as_values_and_never_as_text(database: Database, sign_in: SignIn) -> None:
    bea = sign_in("bea")
    with sent() as told:
        page_of(database.app, bea, TICKETS, read_asked(TICKETS, {}))
    lists = [(statement, parameters) for statement, parameters in told if "portal.ticket" in statement]
    assert lists
    for statement, parameters in lists:
        assert re.search(r"account_id = (ANY \()?[$]\d", statement)
        assert bea.accounts[0].id.to_bytes(2) in parameters  # as the driver writes a small number


def test_what_the_driver_refuses_has_the_name_that_pages_know(database: Database, sign_in: SignIn) -> None:
    bea = sign_in("bea")
    slow = Kept(b"select pg_sleep($1)", (60,))
    with opened(database.app, bea, TICKETS) as its:
        its.connection.exec_driver_sql("set local statement_timeout = '10ms'")
        with pytest.raises(OperationalError) as refused:
            slow.run(its.connection, its.scope)
    assert "60" not in str(refused.value)
