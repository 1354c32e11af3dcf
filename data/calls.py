"""A function of the database, called at every click: straight to the driver, on connections kept for nothing else."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from data.driver import Answer, answer

MOST_KEPT = 5


class Calls:
    """Costs a third of what the same call costs through the engine, whose connections it takes and whose end it shares.

    Only for functions that commit by themselves, leave nothing behind on the connection, and may be called again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: deque[Any] = deque()  # the last one used is the first to be used again
        event.listen(engine, "engine_disposed", self._close_all)

    def row(self, statement: bytes, values: tuple[bytes | None, ...]) -> Answer:
        """The one row it returns, as text. A connection that died while it waited is replaced, once."""
        try:
            kept = self._idle.pop()
        except IndexError:
            return self._ask(self._fresh(), statement, values)
        try:
            return self._ask(kept, statement, values)
        except OperationalError:
            self._close_all()  # the database restarted since: the others are as dead
            return self._ask(self._fresh(), statement, values)

    def _fresh(self) -> Any:
        connection = self._engine.raw_connection()  # looked at as every connection of ours is (data/database.py)
        driver: Any = connection.driver_connection
        connection.detach()
        return driver

    def _ask(self, driver: Any, statement: bytes, values: tuple[bytes | None, ...]) -> Answer:
        try:
            row = answer(driver, statement, values)
        except psycopg.Error as error:
            driver.close()  # nobody knows what state it is in
            if error.sqlstate is None or isinstance(error, psycopg.OperationalError):
                raise OperationalError(None, None, error) from error
            raise
        if len(self._idle) < MOST_KEPT:
            self._idle.append(driver)
        else:
            driver.close()
        return row

    def _close_all(self, _engine: Engine | None = None) -> None:
        with suppress(IndexError):  # several threads may find out at once
            while True:
                self._idle.pop().close()


@cache
def calls(engine: Engine) -> Calls:
    return Calls(engine)
