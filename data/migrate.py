"""Brings a database to the state this code needs: roles, tables (Alembic), then functions, policies and grants."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from data.security.apply import apply_security
from data.security.roles import create_roles, create_schemas
from rules.errors import SetupError

#: One migration at a time, however many processes start together.
LOCK = 7301001


def migrate(url: str, passwords: dict[str, str], say: Callable[[str], None]) -> None:
    """Make the database ready. `url`: a login with CREATEROLE; `passwords`: login → password it shall have.

    Raises SetupError with one line when the database is out of reach, too old, or newer than this code."""
    engine = bootstrap_engine(url)
    try:
        with engine.connect() as connection:
            connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": LOCK})
            connection.commit()
            try:
                _migrate(connection, passwords, say)
            finally:
                connection.rollback()
                connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": LOCK})
                connection.commit()
    except OperationalError as error:
        raise SetupError(_unreachable(engine, error)) from error
    finally:
        engine.dispose()


def bootstrap_engine(url: str) -> Engine:
    return create_engine(url, connect_args={"prepare_threshold": None, "connect_timeout": 10})


def _unreachable(engine: Engine, error: OperationalError) -> str:
    reason = str(error.orig).strip().splitlines()[0]
    return (
        f"The database at {engine.url.render_as_string(hide_password=True)} cannot be reached ({reason}): "
        "check DATABASE_URL and that the server is running."
    )


def _migrate(connection: Connection, passwords: dict[str, str], say: Callable[[str], None]) -> None:
    version = int(connection.scalar(text("show server_version_num")))
    if version < 150000:
        raise SetupError(f"PostgreSQL {version // 10000} is too old: the portal needs 15 or newer.")
    create_roles(connection, passwords)
    create_schemas(connection)
    connection.commit()
    config = alembic_config(connection)
    script = ScriptDirectory.from_config(config)
    current = _revision(connection)
    if current is not None and current not in {s.revision for s in script.walk_revisions()}:
        raise SetupError(
            f"The database was migrated by a newer version of the portal (revision {current}): "
            "update the code, or restore a backup from before."
        )
    if current != script.get_current_head():
        say("Bringing the tables up to date")
        command.upgrade(config, "head")
    connection.rollback()
    apply_security(connection)
    connection.commit()


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for an open connection of the bootstrap login."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table_schema": "portal"})
    revision = context.get_current_revision()
    connection.rollback()
    return revision


@lru_cache
def head() -> str | None:
    """The revision this code was written for."""
    return ScriptDirectory(str(Path(__file__).parent / "migrations")).get_current_head()


def is_current(connection: Connection) -> bool:
    """Is the schema the one this code was written for?"""
    return _revision(connection) == head()
