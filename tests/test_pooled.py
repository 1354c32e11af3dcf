"""How a transaction begins: its first statement travels with what makes the connection clean and with BEGIN."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, OperationalError

from data.database import engine_for
from data.pooled import begun
from tests.cluster import Database


@pytest.mark.parametrize("value", ["", "it's", "back\\slash", "%(who)s", "100 %", "'; select 1; --", "한국어", "$1"])
def test_values_are_values_whatever_is_in_them(database: Database, value: str) -> None:
    with begun(database.app, "select %(who)s::text, %(who)s || '!'", {"who": value}) as (_connection, answer):
        assert answer == (value.encode(), f"{value}!".encode())


def test_what_was_said_first_belongs_to_the_transaction(database: Database) -> None:
    words = "select set_config('portal.kept', %(kept)s, true)"
    kept = text("select coalesce(current_setting('portal.kept', true), '')")
    with begun(database.app, words, {"kept": "yes"}) as (connection, answer):
        assert answer == (b"yes",)
        assert connection.scalar(kept) == "yes"
        begins = connection.scalar(text("select now()"))
        assert connection.scalar(text("select now()")) == begins, "each statement would have a time of its own"
    with database.app.connect() as connection:
        assert connection.scalar(kept) == ""


def test_a_second_transaction_of_a_connection_is_one_as_well(database: Database) -> None:
    with database.app.connect() as connection:
        for _time in range(2):
            with connection.begin():
                begins = connection.scalar(text("select now()"))
                assert connection.scalar(text("select now()")) == begins


@pytest.mark.parametrize(("words", "error"), [("select 1 / 0", DataError), ("select pg_sleep(9)", OperationalError)])
def test_words_that_fail_are_said_once_and_harm_nobody(
    database: Database, words: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a connection that died is replaced and asked again."""
    monkeypatch.setattr("data.pooled._BEGIN", b"begin; set local statement_timeout = '50ms'; ")
    engine = engine_for(database.login("portal_app"), pool_size=1)
    try:
        with engine.connect() as connection:
            server = connection.scalar(text("select pg_backend_pid()"))
        with pytest.raises(error), begun(engine, words, {}):
            pytest.fail("begun")
        monkeypatch.undo()
        with begun(engine, "select pg_backend_pid()", {}) as (_connection, (other,)):
            assert other != str(server).encode(), "nobody knows what state the other was in"
    finally:
        engine.dispose()
