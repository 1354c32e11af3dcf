"""Where the benchmark plays: a database server of its own, databases in it, and people signed in."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, make_url, text

from auth.sessions import hashed, new_token, who
from data.database import engine_for
from data.instance import Login
from data.migrate import bootstrap_engine, migrate
from data.security.roles import OWNER
from data.server import EmbeddedServer, Say
from data.settings import CHECKOUT
from rules.principal import Principal

Fill = Callable[[str], None]
#: What decides how a kept database looks; it is filled anew when one of them changed.
SOURCES = ("data/models", "data/migrations/versions", "data/demo")


@dataclass(frozen=True)
class Data:
    """A filled database, and who may log in to it."""

    owner_url: str
    passwords: dict[str, str] = field(repr=False)

    def url(self, login: Login) -> str:
        url = make_url(self.owner_url).set(username=login, password=self.passwords[login])
        return url.render_as_string(hide_password=False)

    @property
    def app(self) -> Engine:
        return engine_for(self.url(Login.APP))

    @property
    def auth(self) -> Engine:
        return engine_for(self.url(Login.AUTH))

    @contextmanager
    def as_owner(self) -> Generator[Connection]:
        engine = bootstrap_engine(self.owner_url)
        with engine.begin() as connection:
            connection.execute(text(f"set local role {OWNER}"))
            yield connection
        engine.dispose()

    def token_of(self, email: str) -> str:
        """A session of this person, as signing in would have opened it."""
        token = new_token()
        opening = text(
            "insert into auth.session (token_hash, person_id, role, expires_at, proved_by) "
            "select :token, p.id, (select min(m.role) from portal.staff_member m where m.person_id = p.id), "
            "now() + interval '12 hours', 'code' from portal.person p where p.email = :email"
        )
        with self.as_owner() as connection:
            opened = connection.execute(opening, {"token": hashed(token), "email": email}).rowcount
        if opened != 1:
            raise LookupError(f"nobody is called {email}")
        return token

    def principal(self, email: str) -> Principal:
        signed = who(self.auth, self.token_of(email))
        assert signed is not None
        return signed.principal


@dataclass(frozen=True)
class Stage:
    """A running database server; its databases are filled when they are first asked for."""

    folder: Path
    server_url: str
    say: Say
    passwords: dict[str, str] = field(default_factory=lambda: {str(each): secrets.token_urlsafe(16) for each in Login})

    def data(self, name: str, fill: Fill) -> Data:
        """The database of this name, filled by `fill(url)` unless a kept one was made by the same code."""
        database = f"{name}_{_fingerprint()}"
        data = Data(self._at(database), self.passwords)
        existing = self._existing()
        if database not in existing:
            for outdated in sorted(each for each in existing if each.startswith(f"{name}_")):
                self._execute(f"drop database if exists {outdated} with (force)")
            self._fill(f"{database}_new", database, fill)
        else:
            migrate(data.owner_url, self.passwords, _silent)  # this run's passwords
        return data

    def fresh(self, name: str) -> Data:
        """Migrated and empty; whoever asked removes it."""
        database = f"{name}_{secrets.token_hex(4)}"
        self._make(database)
        return Data(self._at(database), self.passwords)

    def seconds_to_fill(self, data: Data) -> float:
        """How long it took when it was filled, in this run or an earlier one."""
        told = text("select shobj_description(oid, 'pg_database') from pg_database where datname = :name")
        with self._connected() as connection:
            return float(connection.scalar(told, {"name": make_url(data.owner_url).database}) or 0)

    def remove(self, data: Data) -> None:
        engine_for.cache_clear()
        self._execute(f"drop database if exists {make_url(data.owner_url).database} with (force)")

    def _fill(self, draft: str, database: str, fill: Fill) -> None:
        """Under another name until it is whole: an interruption leaves nothing that looks finished."""
        self._make(draft)
        started = time.monotonic()
        fill(self._at(draft))
        self._execute(f"comment on database {draft} is '{time.monotonic() - started:.1f}'")
        self._execute(f"alter database {draft} rename to {database}")

    def _make(self, database: str) -> None:
        self._execute(f"create database {database} template template0 encoding 'UTF8' locale 'C.UTF-8'")
        migrate(self._at(database), self.passwords, _silent)

    def _existing(self) -> set[str]:
        with self._connected() as connection:
            return set(connection.scalars(text("select datname from pg_database")))

    def _execute(self, statement: str) -> None:
        with self._connected() as connection:
            connection.execute(text(statement))

    @contextmanager
    def _connected(self) -> Generator[Connection]:
        engine = create_engine(self._at("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield connection
        engine.dispose()

    def _at(self, database: str) -> str:
        return make_url(self.server_url).set(database=database).render_as_string(hide_password=False)


@contextmanager
def stage(*, keep: bool, say: Say) -> Generator[Stage]:
    """`keep`: databases survive for the next run, which begins at once then; building a million rows takes minutes.

    Raises InUse while another benchmark runs: each would measure what the other costs."""
    folder = Path(tempfile.gettempdir()) / f"portal-bench-{os.geteuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    server = EmbeddedServer(folder, purpose="./portal bench", say=say)
    url = server.start()
    try:
        yield Stage(folder, url, say)
    finally:
        server.stop()
        if not keep:
            shutil.rmtree(folder)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for source in SOURCES:
        for file in sorted((CHECKOUT / source).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:8]


def _silent(_line: str) -> None: ...
