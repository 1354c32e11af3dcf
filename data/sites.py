"""Sites and issuing entities, as everybody signed in may know them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, select

from data.database import reading
from data.models import LegalEntity, Site
from rules.permissions import Permission
from rules.principal import Principal


@dataclass(frozen=True)
class SiteRef:
    """A data centre as filters and forms name it."""

    id: int
    uuid: UUID
    code: str
    name: str
    country: str
    city: str
    time_zone: str
    #: Where nothing is asked for any more, or not yet, what is there is still seen.
    status: str = "active"


def list_sites(engine: Engine, principal: Principal) -> tuple[SiteRef, ...]:
    """All data centres of the platform (SPEC R23), by country and name."""
    query = select(Site.id, Site.uuid, Site.code, Site.name, Site.country, Site.city, Site.time_zone, Site.status)

    def read() -> tuple[SiteRef, ...]:
        with reading(engine, principal, *Permission) as connection:
            rows = connection.execute(query.order_by(Site.country, Site.name)).all()
        return tuple(SiteRef(*row) for row in rows)

    return kept_for_a_minute(engine, "sites", read)


@dataclass(frozen=True)
class IssuerRef:
    """A legal entity as a filter names it."""

    code: str
    name: str


def list_issuers(engine: Engine, principal: Principal) -> tuple[IssuerRef, ...]:
    """All entities that issue invoices, by name."""
    query = select(LegalEntity.code, LegalEntity.name).order_by(LegalEntity.name)

    def read() -> tuple[IssuerRef, ...]:
        with reading(engine, principal, *Permission) as connection:
            return tuple(IssuerRef(*row) for row in connection.execute(query))

    return kept_for_a_minute(engine, "named issuers", read)


def issuer_days(connection: Connection) -> dict[int, date]:
    """What day it is at each issuing entity: an invoice is overdue by its issuer's calendar (SPEC §6)."""
    zones = kept_for_a_minute(connection.engine, "issuers", lambda: _zones(connection))
    return {entity: datetime.now(ZoneInfo(zone)).date() for entity, zone in zones}


def _zones(connection: Connection) -> list[tuple[int, str]]:
    zones = select(LegalEntity.id, LegalEntity.time_zone).order_by(LegalEntity.id)
    return [tuple(row) for row in connection.execute(zones)]


def sites_changed(engine: Engine) -> None:
    """Whoever changed a site or issuer sees it at once; other processes within the minute."""
    for key in [key for key in _kept if key[0] is engine]:
        _kept.pop(key, None)


T = TypeVar("T")
_kept: dict[tuple[Engine, str], tuple[float, Any]] = {}


def kept_for_a_minute(engine: Engine, what: str, read: Callable[[], T]) -> T:
    """Sites and issuers are the same for everybody signed in and change rarely: not asked for at each click."""
    at, value = _kept.get((engine, what), (-60.0, None))
    if time.monotonic() - at > 60:
        value = read()
        _kept[engine, what] = time.monotonic(), value
    return value
