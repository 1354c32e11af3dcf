"""Many rows: a cursor in the database, read a batch at a time, the rows as the driver gives them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, Select

BATCH = 2_000
Batch = Sequence[tuple[Any, ...]]


def batches(connection: Connection, query: Select[*tuple[Any, ...]], size: int = BATCH) -> Generator[Batch]:
    """All rows, never more of them here than a batch. SQLAlchemy's own rows would cost as much as fetching them."""
    compiled = query.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    with closing(connection.connection.cursor(name="rows")) as cursor:
        cursor.execute(str(compiled), compiled.params)
        while rows := cursor.fetchmany(size):
            yield rows
