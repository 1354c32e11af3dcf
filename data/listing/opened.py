"""A list that somebody has open: whatever a page shows of it is read in one transaction under their own policies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from data.database import hat_of, reading
from data.listing.scope import Scope, scope_of
from data.listing.spec import ListSpec
from rules.errors import Forbidden
from rules.permissions import Permission
from rules.principal import Principal


@dataclass(frozen=True)
class Opened:
    """The list, who reads it of which accounts, and the transaction it is read in."""

    spec: ListSpec
    scope: Scope
    connection: Connection


@contextmanager
def opened(
    engine: Engine, principal: Principal, spec: ListSpec, account: str | None = None, time_zone: str = "UTC"
) -> Iterator[Opened]:
    """`account`: the code of the one account it is narrowed to. Forbidden where the list does not exist for them."""
    permission = permission_for(principal, spec)
    with reading(engine, principal, permission) as connection:
        yield Opened(
            spec, scope_of(connection, principal, hat_of(principal, permission), account, time_zone), connection
        )


def permission_for(principal: Principal, spec: ListSpec) -> Permission:
    """The first of the list's functions that is theirs; Forbidden if none is."""
    for permission in spec.permissions:
        if principal.may(permission):
            return permission
    raise Forbidden(" or ".join(spec.permissions))
