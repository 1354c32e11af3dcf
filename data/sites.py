"""Sites and issuing entities, as everybody signed in may know them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
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


def list_sites(engine: Engine, principal: Principal) -> tuple[SiteRef, ...]:
    """All data centres of the platform (SPEC R23), by country and name."""
    query = select(Site.id, Site.uuid, Site.code, Site.name, Site.country, Site.city, Site.time_zone)
    with reading(engine, principal, *Permission) as connection:
        rows = connection.execute(query.order_by(Site.country, Site.name)).all()
    return tuple(SiteRef(*row) for row in rows)


def issuer_days(connection: Connection) -> dict[int, date]:
    """What day it is at each issuing entity: an invoice is overdue by its issuer's calendar (SPEC §6)."""
    rows = connection.execute(select(LegalEntity.id, LegalEntity.time_zone)).all()
    return {entity: datetime.now(ZoneInfo(zone)).date() for entity, zone in rows}
