"""What goes to the database, as the driver sends it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest


@contextmanager
def sent() -> Iterator[list[tuple[str, Any]]]:
    """Every statement that goes to the database, with its values, whoever sends it; not what a pool asks for itself."""
    told: list[tuple[str, Any]] = []
    execute = psycopg.Cursor.execute

    def note(cursor: psycopg.Cursor[Any], query: Any, values: Any = None, **options: Any) -> psycopg.Cursor[Any]:
        if "portal." in str(query) or "authz." in str(query):
            told.append((str(query), values))
        return execute(cursor, query, values, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", note)
        yield told
