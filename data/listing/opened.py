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
    engine: Engine,
    principal: Principal,
    spec: ListSpec,
    account: str | None = None,
    time_zone: str = "UTC",
    *,
    by: Permission | None = None,
) -> Iterator[Opened]:
    """`account`: the code of the one account it is narrowed to; `by`: which of the list's functions opens it. Forbidden
    where the list does not exist for them. Of the accounts in view it covers those where they hold the function."""
    permission = by or permission_for(principal, spec)
    who = principal.covering(permission)
    with reading(engine, who, permission) as connection:
        yield Opened(spec, scope_of(connection, who, hat_of(who, permission), account, time_zone), connection)


def ways_in(principal: Principal, spec: ListSpec) -> Iterator[tuple[Principal, Permission]]:
    """Every way in which somebody may see rows of a list; one's own tickets are seen in one account at a time."""
    permission_for(principal, spec)
    for permission in filter(principal.may, spec.permissions):
        if permission is Permission.TICKET_VIEW_OWN and not principal.is_staff:
            own = (principal.looking_at((account,)) for account in principal.chosen)
            yield from ((who, permission) for who in own if who.may(permission))
        else:
            yield principal, permission


def permission_for(principal: Principal, spec: ListSpec) -> Permission:
    """The first of the list's functions that is theirs; Forbidden if none is."""
    for permission in spec.permissions:
        if principal.may(permission):
            return permission
    raise Forbidden(" or ".join(spec.permissions))
