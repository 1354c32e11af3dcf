"""Loading in bulk: triggers rest, indexes and references are made at the end; an error undoes all of it."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager

from sqlalchemy import Connection, text

_TRIGGERS = """
    select quote_ident(tgname) from pg_trigger
    where tgrelid = cast(:table as regclass) and not tgisinternal and tgenabled <> 'D' order by tgname
"""

_INDEXES = """
    select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i
    where i.indrelid = cast(:table as regclass)
      and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
    order by 1
"""

#: Those that another table refers to must stay.
_UNIQUE = """
    select quote_ident(u.conname), pg_get_constraintdef(u.oid) from pg_constraint u
    where u.conrelid = cast(:table as regclass) and u.contype = 'u'
      and not exists (select from pg_constraint f where f.contype = 'f' and f.conindid = u.conindid)
    order by u.conname
"""

_REFERENCES = """
    select quote_ident(conname), pg_get_constraintdef(oid) from pg_constraint
    where conrelid = cast(:table as regclass) and contype = 'f' order by conname
"""


@contextmanager
def without_triggers(connection: Connection, tables: Iterable[str]) -> Generator[None]:
    """Balances and tallies are the caller's care meanwhile. An exception must end the transaction."""
    resting = [
        (table, trigger) for table in tables for trigger in connection.scalars(text(_TRIGGERS), {"table": table}).all()
    ]
    for table, trigger in resting:
        connection.exec_driver_sql(f"alter table {table} disable trigger {trigger}")
    yield
    for table, trigger in resting:
        connection.exec_driver_sql(f"alter table {table} enable trigger {trigger}")


@contextmanager
def without_indexes(connection: Connection, tables: Iterable[str]) -> Generator[None]:
    """A million rows without them, then each from the sorted whole. An exception must end the transaction."""
    indexes = [index for table in tables for index in connection.execute(text(_INDEXES), {"table": table}).all()]
    for name, _definition in indexes:
        connection.exec_driver_sql(f"drop index {name}")
    with _without_constraints(connection, tables, _UNIQUE):
        yield
    for _name, definition in indexes:
        connection.exec_driver_sql(definition.replace("%", "%%"))


@contextmanager
def without_references(connection: Connection, tables: Iterable[str]) -> Generator[None]:
    """A foreign key checked for all rows in one join rather than row by row. An exception must end the transaction."""
    with _without_constraints(connection, tables, _REFERENCES):
        yield


@contextmanager
def _without_constraints(connection: Connection, tables: Iterable[str], query: str) -> Generator[None]:
    found = [
        (table, name, definition)
        for table in tables
        for name, definition in connection.execute(text(query), {"table": table}).all()
    ]
    for table, name, _definition in found:
        connection.exec_driver_sql(f"alter table {table} drop constraint {name}")
    yield
    for table, name, definition in found:
        connection.exec_driver_sql(f"alter table {table} add constraint {name} {definition}")
