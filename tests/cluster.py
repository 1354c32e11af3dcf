"""One PostgreSQL for a test process, and fresh databases cut from a template in a few milliseconds."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text

from data.database import engine_for
from data.migrate import migrate
from data.server import serving

PASSWORDS = {"portal_app": "app-secret", "portal_auth": "auth-secret", "portal_jobs": "jobs-secret"}
#: Nobody misses a test's rows after a power cut.
UNSAFE_AND_FAST = {"fsync": "off", "full_page_writes": "off"}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Database:
    """A database of its own for one test module: the owner's way in, and the logins the portal uses."""

    owner_url: str

    def login(self, name: str) -> str:
        url = make_url(self.owner_url).set(username=name, password=PASSWORDS[name])
        return url.render_as_string(hide_password=False)

    @property
    def app(self) -> Engine:
        return engine_for(self.login("portal_app"))

    @property
    def auth(self) -> Engine:
        return engine_for(self.login("portal_auth"))

    @property
    def jobs(self) -> Engine:
        return engine_for(self.login("portal_jobs"))

    @contextmanager
    def as_owner(self) -> Iterator[Connection]:
        """What an operator does on the server: as the tables' owner, committed at the end."""
        with _owner(self.owner_url).begin() as connection:
            connection.execute(text("set local role portal_owner"))
            yield connection

    def dispose(self) -> None:
        for engine in (self.app, self.auth, self.jobs, _owner(self.owner_url)):
            engine.dispose()


@cache
def _owner(url: str) -> Engine:
    """Connecting takes twenty times as long as most of what is asked: one connection is kept, and is as new to whoever
    comes next."""
    given = {"prepare_threshold": None, "connect_timeout": 10}
    engine = create_engine(url, pool_size=1, max_overflow=-1, pool_pre_ping=True, connect_args=given)
    event.listen(engine, "reset", _as_new)
    return engine


def _as_new(connection: psycopg.Connection, _record: Any, _state: Any) -> None:
    connection.rollback()
    connection.autocommit = True
    connection.execute("discard all")
    connection.autocommit = False


@dataclass(frozen=True)
class Cluster:
    """A running server with a migrated template."""

    url: str

    def new_database(self, template: str) -> str:
        """Another database like the template; its URL."""
        return self.new_template(f"case_{next(_numbers)}", template)

    def new_template(self, name: str, template: str) -> str:
        """The same, under a name that others are made like."""
        _owner(self.at(template)).dispose()  # nobody may be in it while it is copied
        self._execute(f"create database {name} template {template}")
        # a copy has the template's tables but not the rights on the database itself
        self._execute(f"revoke temporary on database {name} from public")
        self._execute(f"grant temporary on database {name} to portal_owner, portal_authz")
        return self.at(name)

    def at(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def make_template(self, name: str) -> str:
        self._execute(f"create database {name} template template0 encoding 'UTF8' locale 'C.UTF-8'")
        migrate(self.at(name), PASSWORDS, lambda _line: None)
        return self.at(name)

    def _execute(self, statement: str) -> None:
        engine = create_engine(make_url(self.url).set(database="postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    with (
        tempfile.TemporaryDirectory(prefix="portal-test-") as folder,
        serving(Path(folder), purpose="tests", say=lambda _line: None, settings=UNSAFE_AND_FAST) as url,
    ):
        yield Cluster(url)
