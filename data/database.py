"""The way into the database: a transaction of somebody, for a function they hold; row security does the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from data.driver import Answer, said
from data.models.rows import Hat
from data.pooled import begin_clean, begun
from rules.errors import Forbidden, SetupError, SignedOut
from rules.permissions import Permission, StaffRole
from rules.principal import Principal

#: One statement puts on the hat and says who asks; all of it ends with the transaction.
_WEAR = (
    "select set_config('role', %(hat)s, true), set_config('portal.session', %(token)s, true), "
    "set_config('portal.account', %(account)s, true), set_config('portal.accounts', %(accounts)s, true), "
    "set_config('transaction_read_only', %(read_only)s, true), authz.me()"
)

_TOO_POWERFUL = """
select r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolreplication
    or exists (select from pg_class c where c.relowner = r.oid)
    or (r.rolinherit and exists (select from pg_auth_members m where m.member = r.oid))
from pg_roles r where r.rolname = session_user
"""


@cache  # a pool that was forgotten would leave its connections open
def engine_for(url: str, pool_size: int = 10) -> Engine:
    """One pool per login. Statements are not prepared on the server: plans shared by hats cost seconds (FINDINGS)."""
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=5,
        pool_recycle=1800,
        hide_parameters=True,  # a session's token is one of them, and errors are logged
        connect_args={"prepare_threshold": None, "connect_timeout": 10, "application_name": "portal"},
    )
    event.listen(engine, "connect", _refuse_power)
    begin_clean(engine)
    return engine


def _refuse_power(connection: Any, _record: Any) -> None:
    """A login that may bypass row security would make every promise here void."""
    with connection.cursor() as cursor:
        cursor.execute(_TOO_POWERFUL)
        too_powerful = cursor.fetchone()[0]
    connection.rollback()
    if too_powerful:
        raise SetupError(
            "The database login can bypass row security (superuser, owner of tables, or inheriting a role): "
            "use portal_app, portal_auth and portal_jobs as `./portal migrate` makes them."
        )


def hat_of(principal: Principal, permission: Permission) -> Hat:
    """What this person puts on to use this function."""
    if principal.role is StaffRole.ACCOUNT_MANAGER:
        return Hat.MANAGER
    if principal.is_staff:
        return Hat.STAFF
    if permission is Permission.TICKET_VIEW_OWN:
        return Hat.OWN
    return Hat.CUSTOMER if len(principal.chosen) == 1 else Hat.MANY


@contextmanager
def reading(engine: Engine, principal: Principal, *permissions: Permission) -> Iterator[Connection]:
    """A read-only transaction for the first of these functions that the person holds; Forbidden if none is theirs."""
    with _transaction(engine, principal, permissions, read_only=True) as connection:
        yield connection


@contextmanager
def writing(engine: Engine, principal: Principal, *permissions: Permission) -> Iterator[Connection]:
    """The same for a change: leaving it commits, an exception keeps nothing."""
    with _transaction(engine, principal, permissions, read_only=False) as connection:
        yield connection


@contextmanager
def belonging(engine: Engine, principal: Principal) -> Iterator[Connection]:
    """A change by somebody who belongs to the one account in view, whatever they hold there: policies, which ask for
    functions, show them nothing. Forbidden to staff, and to whoever looks at several accounts or none."""
    if principal.is_staff or len(principal.chosen) != 1:
        raise Forbidden("belonging")
    with _begun_as(engine, principal, Hat.CUSTOMER, read_only=False) as connection:
        yield connection


@contextmanager
def acquainted(engine: Engine, principal: Principal) -> Iterator[Connection]:
    """A read-only transaction of anybody signed in, whatever they hold: for what is the same for everyone, such as whom
    to call. Policies that ask for a function show nothing in it."""
    hat = Hat.MANY if len(principal.chosen) > 1 else Hat.CUSTOMER
    if principal.is_staff:
        hat = Hat.MANAGER if principal.role is StaffRole.ACCOUNT_MANAGER else Hat.STAFF
    with _begun_as(engine, principal, hat, read_only=True) as connection:
        yield connection


@contextmanager
def _transaction(
    engine: Engine, principal: Principal, permissions: tuple[Permission, ...], *, read_only: bool
) -> Iterator[Connection]:
    wearer, hat = _dressed(principal, permissions)
    with _begun_as(engine, wearer, hat, read_only=read_only) as connection:
        yield connection


@contextmanager
def _begun_as(engine: Engine, principal: Principal, hat: Hat, *, read_only: bool) -> Iterator[Connection]:
    with begun(engine, _WEAR, _settings(principal, hat, read_only=read_only)) as (connection, worn):
        _refuse_unknown(worn, hat)
        yield connection


def look_at(connection: Connection, principal: Principal, *permissions: Permission) -> None:
    """In a transaction of `reading`: the same person looks at other accounts from now on."""
    wearer, hat = _dressed(principal, permissions)
    _refuse_unknown(said(connection, _WEAR, _settings(wearer, hat, read_only=True)), hat)


def _refuse_unknown(worn: Answer, hat: Hat) -> None:
    (*_worn, me) = worn
    if me is None:
        raise SignedOut(hat)


def _dressed(principal: Principal, permissions: tuple[Permission, ...]) -> tuple[Principal, Hat]:
    """The person, looking where the first of these functions that is theirs may be used, and their hat for it."""
    permission = next((p for p in permissions if principal.may(p)), None)
    if permission is None:
        raise Forbidden(" or ".join(permissions))
    hat = hat_of(principal, permission)
    return principal.covering(permission) if hat is Hat.OWN else principal, hat


def _settings(principal: Principal, hat: Hat, *, read_only: bool) -> dict[str, str]:
    return context_of(principal, hat) | {"read_only": "on" if read_only else "off"}


def context_of(principal: Principal, hat: Hat) -> dict[str, str]:
    """The settings of one transaction. One account travels as itself, several as a list; never both."""
    one = principal.chosen[0] if len(principal.chosen) == 1 else None
    several = "{" + ",".join(map(str, principal.chosen)) + "}" if hat is Hat.MANY else ""
    return {
        "hat": hat,
        "token": principal.token,
        "account": "" if one is None else str(one),
        "accounts": several,
    }
