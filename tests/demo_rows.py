"""The demo's rows for the tests that read them, and a fingerprint of a whole database."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, make_url, text

from data.demo import load
from data.tallies import TALLIES
from tests.cluster import Cluster, Database

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
FEATURED = ("ACME", "ACME-SEOUL", "ACME-OSAKA", "BOLT")

#: They count up with every fold, and the order of their rows means nothing.
COUNTED = {"ticket_tally", "clock_tally", "invoice_tally", "alembic_version"}

#: What data.tallies.drift() says where every tally agrees with its rows.
NO_DRIFT = {tally.name: 0 for tally in TALLIES}

#: Cluster → a database that the demo was loaded into; the tests get copies of it.
_loaded: dict[str, str] = {}


def load_demo(cluster: Cluster) -> Database:
    """A database of its own, freshly loaded."""
    database = Database(cluster.new_database("empty"))
    load(database.owner_url, lambda _line: None, password_hash="a hash", today=NOW)
    return database


@contextmanager
def demo_of(cluster: Cluster) -> Generator[Database]:
    """A copy of the demo."""
    if cluster.url not in _loaded:
        _loaded[cluster.url] = str(make_url(load_demo(cluster).owner_url).database)
    database = Database(cluster.new_database(_loaded[cluster.url]))
    yield database
    database.dispose()


def rows(connection: Connection, query: str) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(text(query)).mappings()]


def fingerprints(database: Database) -> dict[str, str]:
    """Table → a hash of all that stands in it."""
    with database.as_owner() as connection:
        tables = connection.execute(
            text("select schemaname, tablename from pg_tables where schemaname in ('portal', 'auth')")
        ).all()
        return {
            table: connection.scalar(
                text(f"select md5(string_agg(t::text, '|' order by t::text)) from {schema}.{table} t")
            )
            for schema, table in tables
            if table not in COUNTED
        }
