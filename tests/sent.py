"""What goes to the database, as the driver sends it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from data import driver


@contextmanager
def sent() -> Iterator[list[tuple[str, Any]]]:
    """Every statement that goes to the database, with its values, whoever sends it; not what a pool asks for itself."""
    told: list[tuple[str, Any]] = []
    execute, ask = psycopg.Cursor.execute, driver.ask

    def note(statement: str, values: Any) -> None:
        if "portal." in statement or "authz." in statement:
            told.append((statement, values))

    def by_cursor(cursor: psycopg.Cursor[Any], query: Any, values: Any = None, **how: Any) -> psycopg.Cursor[Any]:
        note(str(query), values)
        return execute(cursor, query, values, **how)

    def straight(connection: Any, statements: bytes, values: Any, *how: Any) -> Any:
        note(statements.decode(), values)
        return ask(connection, statements, values, *how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", by_cursor)
        patch.setattr(driver, "ask", straight)
        yield told
