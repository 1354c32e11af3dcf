"""One data center and one issuing entity as whoever sees to them looks at them, and what is agreed about promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Connection, Engine, select

from data.database import reading
from data.models import LegalEntity, SiteContact
from data.models import Site as SiteRow
from data.models import SlaTarget as TargetRow
from rules.errors import NotFound
from rules.permissions import Permission
from rules.principal import Principal
from rules.request_types import Severity, TicketKind
from rules.sla import Agreed, Clock

P = Permission
_s, _c, _e, _t = SiteRow.__table__, SiteContact.__table__, LegalEntity.__table__, TargetRow.__table__


@dataclass(frozen=True)
class SiteContactRow:
    """Somebody to call, with what a change of it names."""

    uuid: UUID
    kind: str
    name: str
    phone: str | None
    email: str | None
    languages: tuple[str, ...]
    hours: str | None
    version: int


@dataclass(frozen=True)
class Site:
    """Everything that stands in the drawer of one site."""

    id: int
    uuid: UUID
    code: str
    name: str
    country: str
    city: str
    address: str | None
    latitude: Decimal | None
    longitude: Decimal | None
    time_zone: str
    status: str
    version: int
    issuer: str | None
    contacts: tuple[SiteContactRow, ...]


@dataclass(frozen=True)
class Entity:
    """Everything that stands in the drawer of one issuing entity: its bank details do not."""

    id: int
    uuid: UUID
    code: str
    name: str
    country: str
    currency: str
    time_zone: str
    tax_id: str | None
    address: str | None
    finance_email: str | None
    tax_rounding: str
    version: int
    sites: tuple[str, ...]


@dataclass(frozen=True)
class Target:
    """What was agreed about one promise from a moment on; no length: the general one again."""

    kind: str
    severity: str | None
    clock: str
    target: timedelta | None
    since: datetime

    def agreed(self) -> Agreed:
        """As the clocks look at it."""
        severity = Severity(self.severity) if self.severity else None
        return Agreed(TicketKind(self.kind), Clock(self.clock), self.since, self.target, severity)


def get_site(engine: Engine, principal: Principal, uuid: UUID) -> Site:
    with reading(engine, principal, P.SITE_MANAGE) as connection:
        return site_of(connection, uuid)


def site_of(connection: Connection, uuid: UUID, *, locked: bool = False) -> Site:
    columns = (
        _s.c.id, _s.c.uuid, _s.c.code, _s.c.name, _s.c.country, _s.c.city, _s.c.address, _s.c.latitude, _s.c.longitude,
        _s.c.time_zone, _s.c.status, _s.c.version, _e.c.code,
    )  # fmt: skip
    query = select(*columns).outerjoin(_e, _e.c.id == _s.c.legal_entity_id).where(_s.c.uuid == uuid)
    row = connection.execute(query.with_for_update(of=_s) if locked else query).one_or_none()
    if row is None:
        raise NotFound(str(uuid))
    return Site(*row, contacts=_contacts(connection, row[0]))


def _contacts(connection: Connection, site_id: int) -> tuple[SiteContactRow, ...]:
    columns = _c.c.uuid, _c.c.kind, _c.c.name, _c.c.phone, _c.c.email, _c.c.languages, _c.c.hours, _c.c.version
    rows = connection.execute(select(*columns).where(_c.c.site_id == site_id).order_by(_c.c.id))
    return tuple(
        SiteContactRow(uuid, kind, name, phone, email, tuple(languages), hours, version)
        for uuid, kind, name, phone, email, languages, hours, version in rows
    )


def get_entity(engine: Engine, principal: Principal, uuid: UUID) -> Entity:
    with reading(engine, principal, P.SITE_MANAGE) as connection:
        return entity_of(connection, uuid)


def entity_of(connection: Connection, uuid: UUID, *, locked: bool = False) -> Entity:
    columns = (
        _e.c.id, _e.c.uuid, _e.c.code, _e.c.name, _e.c.country, _e.c.currency, _e.c.time_zone, _e.c.tax_id,
        _e.c.address, _e.c.finance_email, _e.c.tax_rounding, _e.c.version,
    )  # fmt: skip
    query = select(*columns).where(_e.c.uuid == uuid)
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        raise NotFound(str(uuid))
    sites = connection.scalars(select(_s.c.name).where(_s.c.legal_entity_id == row[0]).order_by(_s.c.name))
    return Entity(*row, sites=tuple(sites))


def entities_to_choose(engine: Engine, principal: Principal) -> dict[str, str]:
    """Code → name, by name."""
    with reading(engine, principal, P.SITE_MANAGE) as connection:
        rows = connection.execute(select(_e.c.code, _e.c.name).order_by(_e.c.name))
        return {row.code: row.name for row in rows}


def list_targets(engine: Engine, principal: Principal) -> tuple[Target, ...]:
    """All that was ever agreed, the newest first."""
    columns = _t.c.kind, _t.c.severity, _t.c.clock, _t.c.minutes, _t.c.since
    with reading(engine, principal, P.SITE_MANAGE) as connection:
        rows = connection.execute(select(*columns).order_by(_t.c.since.desc(), _t.c.id.desc())).all()
    return tuple(
        Target(kind, severity, clock, None if minutes is None else timedelta(minutes=minutes), since)
        for kind, severity, clock, minutes, since in rows
    )
