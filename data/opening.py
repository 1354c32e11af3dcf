"""Opens an instance's database: its server runs, its tables are current, and it is known to be a demo or real."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from data.database import engine_for
from data.demo import load
from data.instance import (
    Kind,
    Login,
    adopt_demo_password,
    agreed_kind,
    demo_password,
    login_url,
    open_home,
    passwords_to_set,
)
from data.migrate import bootstrap_engine, is_current, migrate
from data.security.roles import OWNER
from data.server import Say, serving
from data.settings import Settings
from rules.errors import SetupError

HashPassword = Callable[[str], str]


@dataclass(frozen=True)
class Opened:
    """`url` is the administrator's: for migrations and the operator's commands, never for a request."""

    url: str
    kind: Kind


@contextmanager
def opened(config: Settings, *, purpose: str, say: Say, hash_password: HashPassword | None = None) -> Generator[Opened]:
    """For a command beside the portal. Somebody's own PostgreSQL is migrated by `run` and `migrate` only."""
    open_home(config.home)
    if config.database_url is not None:
        yield Opened(config.database_url, checked(config, config.database_url))
        return
    with serving(config.home, purpose=purpose, say=say) as url:
        yield Opened(url, prepare(config, url, say, hash_password))


def checked(config: Settings, url: str) -> Kind:
    """What a database is, without changing it."""
    with _connected(url) as connection:
        if not is_current(connection):
            raise SetupError("the database is not prepared for this version: run ./portal migrate first")
    with _as_owner(url) as connection:
        return agreed_kind(config, _marked(connection, "kind"))


def prepare(config: Settings, url: str, say: Say, hash_password: HashPassword | None) -> Kind:
    """Tables, roles and policies, then the mark, then a demo's rows; each step can be interrupted and done again.

    Who cannot hash a password (auth/ is above us) cannot make the demo people, and leaves that to `./portal run`."""
    migrate(url, passwords_to_set(config), say)
    with _as_owner(url) as connection:
        kind = agreed_kind(config, _marked(connection, "kind"))
        is_empty_demo = kind is Kind.DEMO and _marked(connection, "demo_rows") is None
        if is_empty_demo and hash_password is None:
            raise SetupError(
                "this is a demo whose people are not made yet: start it once with ./portal run, "
                "or set PORTAL_DEMO=0 for a real instance"
            )
        _mark(connection, "kind", kind)
    if is_empty_demo and hash_password:
        adopt_demo_password(config)
        load(url, say, password_hash=hash_password(demo_password(config)))
        with _as_owner(url) as connection:
            _mark(connection, "demo_rows", "loaded")
    return kind


def check_logins(config: Settings) -> None:
    """What web, sign-in and worker connect with works and is not too powerful: better told now than to a reader."""
    for login in Login:
        engine = engine_for(login_url(config, login))
        try:
            engine.connect().close()
        except OperationalError as error:
            name = f"PORTAL_{login.removeprefix('portal_').upper()}_URL"
            raise SetupError(f"{login} cannot sign in to the database ({_first_line(error)}): check {name}") from error
        finally:
            engine.dispose()


@contextmanager
def _as_owner(url: str) -> Generator[Connection]:
    """One transaction with the rights of the tables' owner, which an administrator without superuser lacks."""
    with _connected(url) as connection, connection.begin():
        connection.execute(text(f"set local role {OWNER}"))
        yield connection


@contextmanager
def _connected(url: str) -> Generator[Connection]:
    engine = bootstrap_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    except OperationalError as error:
        raise SetupError(f"the database cannot be reached ({_first_line(error)}): check DATABASE_URL") from error
    finally:
        engine.dispose()


def _first_line(error: OperationalError) -> str:
    return str(error.orig).strip().splitlines()[0]


def _marked(connection: Connection, key: str) -> str | None:
    return connection.scalar(text("select value from portal.instance where key = :key"), {"key": key})


def _mark(connection: Connection, key: str, value: str) -> None:
    connection.execute(
        text("insert into portal.instance (key, value) values (:key, :value) on conflict do nothing"),
        {"key": key, "value": value},
    )
