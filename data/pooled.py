"""Nobody finds on a pooled connection what the one before left on it, and nobody is given a dead one.

Whoever begins a transaction has something to say first (data/database.py). It travels with what makes the connection
clean and with BEGIN, in one message straight to libpq: that takes a third of what three of the driver's would.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import InvalidatePoolError

from data.driver import Answer, answer, as_everybody_knows_it, written

#: What outlives a transaction: held cursors, prepared statements, channels, locks, temporary tables, settings and role.
#: `DISCARD ALL` says the same, but drops the plans of the helper functions too, which cost more than all the rest.
_FORGET = (
    b"close all; deallocate all; unlisten *; select pg_advisory_unlock_all(); discard temp; "
    b"reset session authorization; reset role; reset all"
)
#: In a transaction of its own: what is taken back must not come back with a rollback.
_BEGIN = b"begin; " + _FORGET + b"; commit; begin; "
#: By errors of these classes a server says that it goes, or takes nobody; without any, nobody answered.
_GONE = ("08", "57P")
_ANSWER = "answer"

_first_words: ContextVar[tuple[str, Mapping[str, str]] | None] = ContextVar("first words", default=None)


def begin_clean(engine: Engine) -> None:
    """For an engine without `pool_pre_ping`: one message forgets what was and finds out whether the server is there."""
    event.listen(engine, "checkout", partial(_prepare, engine))


@contextmanager
def begun(engine: Engine, words: str, values: Mapping[str, str]) -> Iterator[tuple[Connection, Answer]]:
    """A transaction whose first statement, with `%(name)s` for each value, was said: the connection and its one row, as
    the server wrote it."""
    token = _first_words.set((words, values))
    try:
        opened = engine.connect()
    finally:
        _first_words.reset(token)
    with opened as connection, connection.begin():
        yield connection, connection.info.pop(_ANSWER)


def _prepare(engine: Engine, driver: Any, record: Any, _pooled: Any) -> None:
    words = _first_words.get()
    try:
        if words is None:
            answer(driver, _FORGET)
        else:
            record.info[_ANSWER] = answer(driver, _BEGIN + written(driver, *words))
    except psycopg.Error as error:
        if error.sqlstate is None or error.sqlstate.startswith(_GONE):
            raise InvalidatePoolError("the database restarted: all connections of the pool are as dead") from error
        raise as_everybody_knows_it(error, engine.dialect) from error
