"""Streams of rows: all of them, a batch at a time, and no cursor that outlives whoever wanted them."""

from __future__ import annotations

from contextlib import closing

import pytest
from psycopg import OperationalError
from sqlalchemy import Connection, Integer, column, func, select, text
from sqlalchemy.exc import DBAPIError

from data.models import Site
from data.streams import BATCH, batches
from tests.cluster import Database

NUMBERS = func.generate_series(1, 5).table_valued(column("n", Integer)).render_derived()


def _open_cursors(connection: Connection) -> int:
    return connection.execute(text("select count(*) from pg_cursors")).scalar_one()


def test_all_rows_come_in_batches_of_their_size_and_none_twice(database: Database) -> None:
    query = select(NUMBERS.c.n).order_by(NUMBERS.c.n)
    with database.as_owner() as connection:
        assert list(batches(connection, query, 2)) == [[(1,), (2,)], [(3,), (4,)], [(5,)]]
        assert list(batches(connection, query, 5)) == [[(1,), (2,), (3,), (4,), (5,)]]
        assert list(batches(connection, query.where(NUMBERS.c.n > 5))) == []
        assert _open_cursors(connection) == 0


def test_rows_are_the_same_as_without_a_cursor(database: Database) -> None:
    some = ("SEL1", "TYO1", "it's")
    query = (
        select(*Site.__table__.columns)
        .where(Site.code.not_in(some), Site.code.is_distinct_from("100%"))
        .order_by(Site.id)
    )
    with database.as_owner() as connection:
        found = [tuple(row) for row in connection.execute(query)]
        assert [row for batch in batches(connection, query, 3) for row in batch] == found
    assert found
    assert not set(some) & {value for row in found for value in row if isinstance(value, str)}


def test_whoever_stops_in_the_middle_leaves_a_connection_that_goes_on(database: Database) -> None:
    with database.as_owner() as connection:
        with closing(batches(connection, select(NUMBERS.c.n), 2)) as rows:
            assert next(rows) == [(1,), (2,)]
            assert _open_cursors(connection) == 1
        assert _open_cursors(connection) == 0


def test_a_connection_that_is_lost_in_the_middle_is_an_error_and_is_used_no_more(database: Database) -> None:
    many = func.generate_series(1, 100_000).table_valued(column("n", Integer)).render_derived()
    lost: list[int] = []

    def read() -> None:
        with database.app.begin() as connection:
            lost.append(connection.execute(select(func.pg_backend_pid())).scalar_one())
            rows = batches(connection, select(many.c.n))
            assert len(next(rows)) == BATCH
            with database.as_owner() as owner:
                owner.execute(text("reset role"))
                assert owner.execute(select(func.pg_terminate_backend(lost[0], 5_000))).scalar_one()
            list(rows)

    with pytest.raises((OperationalError, DBAPIError)):  # whichever of the driver and SQLAlchemy notices first
        read()
    with database.app.begin() as connection:
        assert connection.execute(select(func.pg_backend_pid())).scalar_one() not in lost
