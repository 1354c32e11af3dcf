"""The front door for tests: settings that lead to a test's database, people with a password, what is asked of both."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import Engine, event, select, text

from auth import codes, keys, passwords, sessions
from auth.directory import Directory
from auth.passwords import check_password, hash_password
from auth.sessions import hashed
from data.engines import app_engine, auth_engine, jobs_engine, report_engine
from data.models import Person
from data.settings import settings
from rules.principal import Principal
from tests.cluster import Database
from tests.conftest import CAST
from web.reports import spool

PASSWORD = "a quiet harbour at dawn"
#: Others that will do, too.
NEW = "seven herons over the river"
HANGUL = "라일락꽃향기가나는오월의어느저녁골목길을걷는다네"
BROWSER = "B" * 43
AN_ADDRESS, ANOTHER_ADDRESS = "198.51.100.7", "198.51.100.8"


#: A hash takes a tenth of a second, which is what it is for; tests need one of each password.
_kept = cache(hash_password)


@contextmanager
def settings_for(database: Database, home: Path, base_url: str = "http://127.0.0.1:8501") -> Generator[None]:
    """As an operator would set them; read anew inside and after."""
    given = {
        "PORTAL_APP_URL": database.login("portal_app"),
        "PORTAL_AUTH_URL": database.login("portal_auth"),
        "PORTAL_JOBS_URL": database.login("portal_jobs"),
        "PORTAL_HOME": str(home),
        "PORTAL_BASE_URL": base_url,
        "PORTAL_SECRET": "only-for-tests-only-for-tests-only-for-tests",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(name, value)
        _forget()
        yield
    _forget()


def _forget() -> None:
    for engine in (app_engine, auth_engine, jobs_engine, report_engine):
        if engine.cache_info().currsize:
            engine().dispose()
        engine.cache_clear()
    for kept in (settings, keys._secret, spool):
        kept.cache_clear()


@dataclass
class Door:
    """What a test does to the portal from outside, and as its owner."""

    database: Database

    def give_password(self, name: str, password: str = PASSWORD, *, stored: str | None = None) -> None:
        self.owner(
            "insert into auth.credential (person_id, password_hash) values (:person, :hash) "
            "on conflict (person_id) do update set password_hash = excluded.password_hash",
            person=self.person(name),
            hash=stored or _kept(password),
        )

    def give_factor(self, name: str, *recovery: str) -> str:
        """A second factor of theirs, none of whose codes was used yet; its secret."""
        person, secret = self.person(name), codes.new_secret()
        self.owner(
            "insert into auth.second_factor (person_id, secret, last_step, recovery_hashes) "
            "values (:person, :secret, 0, :hashes) on conflict (person_id) do update set "
            "secret = excluded.secret, last_step = 0, recovery_hashes = excluded.recovery_hashes",
            person=person,
            secret=codes.sealed(secret, person),
            hashes=codes.recovery_hashes(person, recovery),
        )
        return secret

    def person(self, name: str) -> int:
        with self.database.as_owner() as connection:
            return connection.scalars(select(Person.id).where(Person.email == CAST[name])).one()

    def owner(self, statement: str, **values: object) -> Any:
        """What only time or an operator could do; the first value it returns, if any."""
        with self.database.as_owner() as connection:
            result = connection.execute(text(statement), values)
            return result.scalar() if result.returns_rows else None

    def signed_in(self, name: str, *, browser: str = BROWSER, old_token: str | None = None) -> str:
        """The token of a session begun as the sign-in page and its route do it."""
        role = {"dee": "service_desk", "ada": "administrator"}.get(name)
        code = sessions.issue_code(auth_engine(), self.person(name), browser=browser, role=role, then_to="/")
        redeemed = sessions.redeem_code(
            auth_engine(), code, browser=browser, old_token=old_token, device="test", address=AN_ADDRESS
        )
        assert redeemed is not None
        return redeemed[0]

    def is_alive(self, token: str) -> bool:
        return sessions.who(auth_engine(), token, is_activity=False) is not None

    def move(self, token: str, **columns: str) -> None:
        """Sets times of a session: `move(token, last_seen="now() - interval '1 hour'")`."""
        changes = ", ".join(f"{column} = {value}" for column, value in columns.items())
        self.owner(f"update auth.session set {changes} where token_hash = :token", token=hashed(token))


#: What makes a session a job's: `door.move(token, **DELEGATED)`.
DELEGATED = {
    "kind": "'job'",
    "functions": "array['ticket.view_company', 'user.manage']",
    "expires_at": "created_at + interval '15 minutes'",
}


def code_of(secret: str, steps_from_now: int = 0) -> str:
    """What the app on a phone shows now, or showed."""
    return pyotp.TOTP(secret).generate_otp(int(time.time()) // codes.STEP + steps_from_now)


def tries(email: str, password: str, address: str | None = AN_ADDRESS) -> bool:
    return Directory(auth_engine(), address).proves(email, password)


@dataclass
class Work:
    """The statements that were sent, and the hashes that passwords were tried against."""

    statements: list[str] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)

    @property
    def costs(self) -> list[str]:
        """Algorithm and parameters, without salt and result."""
        return [stored.rpartition("$")[0].rpartition("$")[0] for stored in self.hashes]


@contextmanager
def recorded(engine: Engine) -> Generator[Work]:
    work = Work()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        work.statements.append(statement.partition("(")[0])

    def check(password: str, stored_hash: str) -> bool:
        work.hashes.append(stored_hash)
        return check_password(password, stored_hash)

    event.listen(engine, "before_cursor_execute", note)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "check_password", check)
        try:
            yield work
        finally:
            event.remove(engine, "before_cursor_execute", note)


def principal_of(token: str) -> Principal:
    """Whom a live session is of."""
    signed = sessions.who(auth_engine(), token)
    assert signed is not None
    return signed.principal
