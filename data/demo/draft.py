"""The demo's rows before they are written: their ids are ours, so that the same seed gives the same database."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from random import Random
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Table, func, select, text

from data.models import Base

Row = dict[str, Any]
_AT_ONCE = 4000


class Draft:
    """Rows by table, in the order they were added. A row's id is known at once, so that others can name it."""

    def __init__(self, rng: Random, last_ids: dict[str, int]) -> None:
        self._rng = rng
        self._last_ids = last_ids
        self._ids: dict[str, Iterator[int]] = {}
        self._rows: dict[str, list[Row]] = defaultdict(list)

    def add(self, model: type[Base], /, **values: Any) -> int:
        """Keep a row for writing; its id, or 0 where the table has none. What is left out is NULL."""
        name, columns = model.__tablename__, model.__table__.columns
        if "uuid" in columns and "uuid" not in values:
            values["uuid"] = self.new_uuid()
        if "id" in columns:
            values["id"] = next(self._ids.setdefault(name, count(self._last_ids.get(name, 0) + 1)))
        self._rows[name].append(values)
        return cast("int", values.get("id", 0))

    def new_uuid(self) -> UUID:
        return UUID(int=self._rng.getrandbits(128), version=4)

    def rows(self, model: type[Base]) -> list[Row]:
        return self._rows[model.__tablename__]

    @property
    def count(self) -> int:
        return sum(map(len, self._rows.values()))

    def write(self, connection: Connection) -> None:
        """All of it, parents first."""
        for table in Base.metadata.sorted_tables:
            if rows := self._rows.get(table.name):
                _insert(connection, table, rows)
                if "id" in table.columns:
                    advance_ids(connection, table)


def last_ids(connection: Connection) -> dict[str, int]:
    """Table → the highest id that is taken."""
    tables = [table for table in Base.metadata.sorted_tables if "id" in table.columns]
    found = {table.name: connection.scalar(select(func.max(table.columns["id"]))) for table in tables}
    return {name: highest for name, highest in found.items() if highest}


def advance_ids(connection: Connection, table: Table) -> None:
    """The next row of the portal itself must not get an id of ours."""
    connection.execute(
        text(f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))"),
    )


def _insert(connection: Connection, table: Table, rows: list[Row]) -> None:
    """As JSON, a few thousand rows at a time: under row security there is no COPY."""
    columns = ", ".join(dict.fromkeys(column for row in rows for column in row))
    statement = text(
        f"insert into {table} ({columns}) overriding system value "
        f"select {columns} from json_populate_recordset(null::{table}, cast(:rows as json))"
    )
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(statement, {"rows": json.dumps(rows[start : start + _AT_ONCE], default=str)})
