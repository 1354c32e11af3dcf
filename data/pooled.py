"""Nobody finds on a pooled connection what the one before left on it, and nobody is given a dead one."""

from __future__ import annotations

from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

#: What outlives a transaction: held cursors, prepared statements, channels, locks, temporary tables, settings and role.
#: `DISCARD ALL` says the same, but drops the plans of the helper functions too, which cost more than all the rest.
_FORGET = (
    "close all; deallocate all; unlisten *; select pg_advisory_unlock_all(); discard temp; "
    "reset session authorization; reset role; reset all"
)


def begin_clean(engine: Engine) -> None:
    """For an engine without `pool_pre_ping`: one message forgets what was and finds out whether the server is there."""
    event.listen(engine, "checkout", _forget)


def _forget(connection: Any, _record: Any, _pooled: Any) -> None:
    """Outside a transaction: what it takes back must not come back with a rollback."""
    try:
        connection.autocommit = True
        connection.execute(_FORGET)
        connection.autocommit = False
    except psycopg.OperationalError as error:
        raise InvalidatePoolError("the database restarted: all connections of the pool are as dead") from error
