"""A statement by libpq itself, on a connection of SQLAlchemy's: what wraps it takes longer than asking.

The driver's cursors wait in Python, so that asyncio and signals have their turn; nobody here needs that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import Escaping, ExecStatus
from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError

#: One row, each value as the server writes it.
Answer = tuple[bytes | None, ...]


def fetch(connection: Connection, statement: bytes, values: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
    """All rows of a statement (`$1` for the first value). What fails says nothing of what was asked."""
    driver: Any = connection.connection.driver_connection
    types = Transformer(driver)
    try:
        dumped = types.dump_sequence(values, [PyFormat.AUTO] * len(values))
        result = ask(driver, statement, dumped, types.types, types.formats)
        types.set_pgresult(result)
        found: Sequence[tuple[Any, ...]] = types.load_rows(0, result.ntuples, tuple)
    except psycopg.Error as error:
        raise as_everybody_knows_it(error, connection.dialect) from error
    return found


def said(connection: Connection, words: str, values: Mapping[str, str]) -> Answer:
    """The one row of a statement with `%(name)s` for each value. What fails says nothing of what was asked."""
    driver = connection.connection.driver_connection
    try:
        return answer(driver, written(driver, words, values))
    except psycopg.Error as error:
        raise as_everybody_knows_it(error, connection.dialect) from error


def answer(driver: Any, statements: bytes, values: Sequence[bytes | None] | None = None) -> Answer:
    """The first row of the last statement, or () where there is none. With values (`$1`) it is one statement.
    Raises psycopg's errors."""
    result = ask(driver, statements, values)
    return tuple(result.get_value(0, column) for column in range(result.nfields)) if result.ntuples else ()


def written(driver: Any, words: str, values: Mapping[str, str]) -> bytes:
    """`%(name)s` as literals: several statements in one message are not to be had with values beside them."""
    literal = Escaping(driver.pgconn).escape_literal
    return (words % {name: literal(value.encode()).decode() for name, value in values.items()}).encode()


def ask(driver: Any, statements: bytes, values: Sequence[bytes | None] | None, *how: Any) -> Any:
    """What libpq makes of it. Statements without values are sent as they are, and may be several."""
    server = driver.pgconn
    result = server.exec_(statements) if values is None else server.exec_params(statements, values, *how)
    if result.status not in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}:
        raise error_from_result(result)
    return result


def as_everybody_knows_it(error: psycopg.Error, dialect: Dialect) -> BaseException:
    """The driver's error by SQLAlchemy's name."""
    return DBAPIError.instance(None, None, error, psycopg.Error, dialect=dialect)
