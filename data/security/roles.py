"""The database roles: owners without login, hats a request puts on, and the logins that may put them on."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import quoted_name

from data.models.rows import PEOPLE_HATS, Hat

OWNER, AUTHZ, BACKUP = "portal_owner", "portal_authz", "portal_backup"
APP, AUTH, JOBS = "portal_app", "portal_auth", "portal_jobs"
LOGINS = (APP, AUTH, JOBS)

#: Login → hats it may put on; it inherits nothing, so a forgotten hat is an error and not a leak.
MAY_WEAR: dict[str, tuple[Hat, ...]] = {APP: PEOPLE_HATS, AUTH: (), JOBS: (Hat.WORKER,)}

#: Login → time limits; a report streams in pieces under a limit of its own (data/listing/). A server that compiles
#: statements (jit) takes the price of the helpers for a reason to, and works for a second on what takes a millisecond.
LIMITS: dict[str, dict[str, str]] = {
    APP: {
        "statement_timeout": "15s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "30s",
        "jit": "off",
    },
    AUTH: {"statement_timeout": "5s", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "10s", "jit": "off"},
    JOBS: {
        "statement_timeout": "60s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "60s",
        "jit": "off",
    },
}


def _name(role: str) -> str:
    return postgresql.dialect().identifier_preparer.quote(quoted_name(role, quote=True))


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def create_roles(connection: Connection, passwords: dict[str, str]) -> None:
    """Make what is missing, and put right what somebody changed. `passwords`: login → password.

    Works for a superuser and for a managed server's admin, who has CREATEROLE but may not bypass row security."""
    existing = set(connection.scalars(text("select rolname from pg_roles")))
    for role in (OWNER, AUTHZ, BACKUP, *Hat, *LOGINS):
        if role not in existing:
            connection.execute(text(f"create role {_name(role)} nologin noinherit"))
    for login in LOGINS:
        password = f" password {_literal(passwords[login])}" if login in passwords else ""
        connection.execute(text(f"alter role {_name(login)} login noinherit nocreatedb nocreaterole{password}"))
        for setting, value in LIMITS[login].items():
            connection.execute(text(f"alter role {_name(login)} set {setting} = {_literal(value)}"))
    _become_owner(connection)
    _hand_out_hats(connection)


def _become_owner(connection: Connection) -> None:
    """An admin who is no superuser must be a member of the owners to act for them."""
    if connection.scalar(text("select rolsuper from pg_roles where rolname = current_user")):
        return
    how = " with inherit true, set true" if _version(connection) >= 16 else ""
    for role in (OWNER, AUTHZ):
        connection.execute(text(f"grant {_name(role)} to current_user{how}"))


def _hand_out_hats(connection: Connection) -> None:
    how = " with inherit false, set true" if _version(connection) >= 16 else ""
    for login, hats in MAY_WEAR.items():
        for hat in hats:
            connection.execute(text(f"grant {_name(hat)} to {_name(login)}{how}"))


def _version(connection: Connection) -> int:
    return int(connection.scalar(text("show server_version_num"))) // 10000


def create_schemas(connection: Connection) -> None:
    """portal and auth belong to the owner, the helper functions' schemas to portal_authz; PUBLIC gets nothing."""
    database = _name(connection.scalar(text("select current_database()")))
    connection.execute(text("revoke all on schema public from public"))
    connection.execute(text(f"revoke temporary on database {database} from public"))
    connection.execute(text(f"grant temporary on database {database} to {OWNER}, {AUTHZ}"))  # imports are staged in one
    for schema, owner in (("portal", OWNER), ("auth", OWNER), ("authz", AUTHZ), ("signin", AUTHZ)):
        connection.execute(text(f"create schema if not exists {schema} authorization {owner}"))
    everyone = ", ".join((*Hat, BACKUP))
    connection.execute(text(f"grant usage on schema portal to {AUTHZ}, {everyone}"))
    connection.execute(text(f"grant usage on schema auth to {AUTHZ}, {BACKUP}"))
    connection.execute(text(f"grant usage on schema authz to {OWNER}, {APP}, {everyone}"))
    connection.execute(text(f"grant usage on schema signin to {AUTH}"))
