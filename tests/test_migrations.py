"""The migrations make exactly the tables of the models, can be run again, and refuse what they do not know."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, text

from data.database import engine_for
from data.migrate import bootstrap_engine, is_current, migrate
from data.models import Base
from rules.errors import SetupError
from tests.cluster import PASSWORDS, Cluster, Database


def test_the_tables_are_those_of_the_models(empty_database: Database) -> None:
    engine = bootstrap_engine(empty_database.owner_url)
    with engine.connect() as connection:
        options = {
            "include_schemas": True,
            "include_name": lambda name, kind, _parents: kind != "schema" or name in ("portal", "auth"),
            "version_table_schema": "portal",
            "compare_type": True,
        }
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
        assert is_current(connection)
    engine.dispose()
    assert differences == []


CHECKS = """select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
    where contype = 'c' and connamespace in ('portal'::regnamespace, 'auth'::regnamespace)"""


def test_the_checks_are_those_of_the_models(empty_database: Database) -> None:
    """Alembic compares tables, columns, keys and indexes, and no checks: here by name and by the words they accept."""
    declared = {
        (table.fullname, str(check.name)): words_of(str(check.sqltext))
        for table in Base.metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    with empty_database.as_owner() as connection:
        found = {(table, name): words_of(said) for table, name, said in connection.execute(text(CHECKS))}
    assert len(declared) > 50
    assert {check: said for check, said in found.items() if declared.get(check) != said} == {}
    assert found.keys() == declared.keys()


def words_of(check: str) -> list[str]:
    return sorted(re.findall(r"'[a-z]\w*'", check))


def test_migrating_again_changes_nothing(cluster: Cluster) -> None:
    url = cluster.new_database("with_cast")
    people = "select array_agg(p order by p.id) from portal.person p"
    with Database(url).as_owner() as connection:
        before = connection.scalar(text(people))
    migrate(url, PASSWORDS, lambda _line: None)
    with Database(url).as_owner() as connection:
        assert connection.scalar(text(people)) == before


def test_several_may_migrate_at_once(cluster: Cluster) -> None:
    url = cluster.new_database("template0")
    with ThreadPoolExecutor(3) as several:
        for done in [several.submit(migrate, url, PASSWORDS, lambda _line: None) for _ in range(3)]:
            assert done.result() is None
    with Database(url).as_owner() as connection:
        assert connection.scalar(text("select count(*) from portal.alembic_version")) == 1


def test_a_database_of_a_newer_version_is_refused_and_left_alone(cluster: Cluster) -> None:
    url = cluster.new_database("empty")
    with Database(url).as_owner() as connection:
        connection.execute(text("update portal.alembic_version set version_num = '9999'"))
    with pytest.raises(SetupError, match="newer version of the portal"):
        migrate(url, PASSWORDS, lambda _line: None)
    with Database(url).as_owner() as connection:
        assert connection.scalar(text("select version_num from portal.alembic_version")) == "9999"


def test_a_database_out_of_reach_is_said_in_one_line() -> None:
    with pytest.raises(SetupError, match="check DATABASE_URL") as refused:
        migrate("postgresql+psycopg://somebody:secret@127.0.0.1:1/portal", {}, lambda _line: None)
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_login_that_could_bypass_row_security_is_refused(empty_database: Database) -> None:
    with pytest.raises(SetupError, match="bypass row security"), engine_for(empty_database.owner_url).connect():
        pass
    with empty_database.app.connect() as connection:
        assert connection.scalar(text("select 1")) == 1
