"""The stage for attacks: a database with the scene in it, and ways to come to it as anybody, in any hat and context."""

from __future__ import annotations

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, Engine, Table, TextClause, insert, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from auth.sessions import hashed, new_token
from data.models import Base, SignInSession, StaffMember
from data.models.rows import Hat
from rules.permissions import Permission
from tests.cluster import Database
from tests.scene import Scene, set_the_scene

ACME = ("group", "seoul", "osaka")
#: The hat that fits each of the cast and the accounts they look at, when nobody attacks anything.
USUAL: dict[str, tuple[Hat, tuple[str, ...]]] = {
    "ana": (Hat.MANY, ACME),
    "abel": (Hat.CUSTOMER, ("seoul",)),
    "vic": (Hat.CUSTOMER, ("seoul",)),
    "gus": (Hat.CUSTOMER, ("seoul",)),
    "bea": (Hat.CUSTOMER, ("bolt",)),
    "mia": (Hat.MANAGER, ()),
    "fin": (Hat.STAFF, ()),
    "dee": (Hat.STAFF, ()),
    "ada": (Hat.STAFF, ()),
}
_WEAR = text(
    "select set_config('role', :hat, true), set_config('portal.session', :token, true), "
    "set_config('portal.account', :account, true), set_config('portal.accounts', :accounts, true)"
)


@dataclass(frozen=True)
class Stage:
    """Everything done on it is rolled back, so that scenes do not disturb each other."""

    database: Database
    scene: Scene
    _tokens: dict[str, str] = field(default_factory=dict)
    _readable: dict[str, list[Table]] = field(default_factory=dict)

    def token(self, name: str) -> str:
        """The token of a live session of this person, in a browser."""
        if name not in self._tokens:
            self._tokens[name] = self.session(name)
        return self._tokens[name]

    def session(self, name: str, **session: Any) -> str:
        """The token of a new session with something particular about it."""
        token, person = new_token(), self.scene.people[name]
        with self.database.as_owner() as connection:
            role = connection.execute(select(StaffMember.role).where(StaffMember.person_id == person)).scalar()
            later = text("now() + interval '1 hour'")  # what they proved lasts as long as the scene
            if session.get("kind", "web") != "web":
                soon = text("now() + interval '15 minutes'")
                session = {"functions": list(Permission), "expires_at": soon, **session}
            values = {"role": role, "expires_at": later, "proved_at": later, **session}
            connection.execute(insert(SignInSession).values(token_hash=hashed(token), person_id=person, **values))
        return token

    @contextmanager
    def wearing(
        self,
        hat: Hat | str,
        *,
        token: str,
        account: str | None = None,
        accounts: tuple[str, ...] = (),
        read_only: bool = False,
    ) -> Generator[Connection]:
        """A transaction as the application opens it, with whatever is claimed."""
        with self.passing(self.database.app) as connection:
            if read_only:
                connection.execute(text("set transaction read only"))
            self.put_on(connection, hat, token=token, account=account, accounts=accounts)
            yield connection

    def put_on(
        self, connection: Connection, hat: Hat | str, *, token: str, account: str | None = None,
        accounts: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        ids = [str(self.scene.accounts[name]) for name in accounts]
        context = {
            "hat": str(hat),
            "token": token,
            "account": str(self.scene.accounts[account]) if account else "",
            "accounts": "{" + ",".join(ids) + "}" if ids else "",
        }
        connection.execute(_WEAR, context)

    @contextmanager
    def signed_in(self, name: str, hat: Hat | None = None, account: str | None = None) -> Generator[Connection]:
        """The person in the hat that fits them, looking at their accounts (or the one named)."""
        usual, looked_at = USUAL[name]
        chosen = (account,) if account else looked_at
        hat = hat or (usual if account is None or usual in (Hat.STAFF, Hat.MANAGER) else Hat.CUSTOMER)
        one = chosen[0] if len(chosen) == 1 else None
        several = chosen if hat is Hat.MANY else ()
        with self.wearing(hat, token=self.token(name), account=one, accounts=several) as connection:
            yield connection

    @contextmanager
    def passing(self, engine: Engine) -> Generator[Connection]:
        """A transaction of which nothing stays."""
        with engine.connect() as connection:
            transaction = connection.begin()
            try:
                yield connection
            finally:
                transaction.rollback()

    @contextmanager
    def changed(self, change: str, undo: str, **values: Any) -> Generator[None]:
        """Something that the operator did, and takes back afterwards."""
        with self.database.as_owner() as connection:
            connection.execute(text(change), values)
        try:
            yield
        finally:
            with self.database.as_owner() as connection:
                connection.execute(text(undo), values)

    def everything(self, connection: Connection, hat: Hat, column: str | None = None) -> dict[str, set[str]]:
        """Table → the keys (or another column) of all its rows that are shown; one statement over all tables."""
        tables = [t for t in self._tables_for(connection, hat) if column is None or column in t.columns]
        selects = " union all ".join(f"select '{t.name}', {_key(t, column)}::text from {t}" for t in tables)
        found: dict[str, set[str]] = {}
        for table, key in connection.execute(text(selects)):
            found.setdefault(table, set()).add(key)
        return found

    def _tables_for(self, connection: Connection, hat: Hat) -> list[Table]:
        """Those on which the hat has any grant."""
        if hat not in self._readable:
            granted = text("select has_any_column_privilege(cast(:hat as name), to_regclass(:table), 'select')")
            tables = [t for t in Base.metadata.sorted_tables if t.schema == "portal"]
            self._readable[hat] = [t for t in tables if connection.scalar(granted, {"hat": str(hat), "table": str(t)})]
        return self._readable[hat]

    def id_of(self, account: str) -> int:
        return self.scene.accounts[account]


def stage_on(database: Database) -> Stage:
    with database.as_owner() as connection:
        return Stage(database, set_the_scene(connection))


def rows(connection: Connection, statement: str | TextClause, **values: Any) -> set[Any]:
    """The first column of what comes back."""
    return set(connection.scalars(text(statement) if isinstance(statement, str) else statement, values))


def shown(connection: Connection, statement: str) -> set[Any]:
    """The same; where nothing is granted, nothing is shown."""
    try:
        return rows(connection, statement)
    except ProgrammingError as error:
        if isinstance(error.orig, InsufficientPrivilege):
            return set()
        raise


def refused(connection: Connection, statement: str, because: str = "permission denied", **values: Any) -> None:
    """The statement fails, for this reason; the transaction goes on."""
    savepoint = connection.begin_nested()
    with pytest.raises(DBAPIError, match=because):
        connection.execute(text(statement), values)
    savepoint.rollback()


def _key(table: Table, column: str | None) -> str:
    names = ", ".join(f'"{c.name}"' for c in table.primary_key)
    return f'"{column}"' if column else f"row({names})"


def anything(prefix: str) -> str:
    """A value nobody used yet."""
    return f"{prefix}-{secrets.token_hex(4)}"
