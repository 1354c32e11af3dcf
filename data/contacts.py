"""Whom to call: every data center with its contacts and the company that invoices there, and what is wrong there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, and_, func, select

from data.database import acquainted, reading
from data.models import LegalEntity, Notice, NoticeSite, NoticeText, Site, SiteContact
from data.notices import IS_OPEN, NoticeCategory
from data.sites import kept_for_a_minute
from rules.permissions import Permission
from rules.principal import Principal

P = Permission
#: Whom customers call first stands first.
CONTACT_KINDS = ("service_desk", "security", "finance")


@dataclass(frozen=True)
class Contact:
    """Somebody to call at a site; languages by their codes, hours as they were written."""

    kind: str
    name: str
    phone: str | None
    email: str | None
    languages: tuple[str, ...]
    hours: str | None


@dataclass(frozen=True)
class Issuer:
    """The company that issues the invoices of a site, and where its finance team is written to."""

    code: str
    name: str
    address: str | None
    finance_email: str | None


@dataclass(frozen=True)
class SiteCard:
    """A data center with all that somebody needs who wants to go, send or call there."""

    id: int
    uuid: UUID
    code: str
    name: str
    country: str
    city: str
    address: str | None
    latitude: float | None
    longitude: float | None
    time_zone: str
    status: str
    issuer: Issuer | None
    contacts: tuple[Contact, ...]


def list_contacts(engine: Engine, principal: Principal) -> tuple[SiteCard, ...]:
    """All data centers of the platform that are open or will be (SPEC R23), by country and name; for everybody."""

    def read() -> tuple[SiteCard, ...]:
        with acquainted(engine, principal) as connection:
            return _cards(connection)

    return kept_for_a_minute(engine, "contacts", read)


def _cards(connection: Connection) -> tuple[SiteCard, ...]:
    e = LegalEntity
    columns = (
        Site.id, Site.uuid, Site.code, Site.name, Site.country, Site.city, Site.address, Site.latitude, Site.longitude,
        Site.time_zone, Site.status,
    )  # fmt: skip
    query = select(*columns, e.code, e.name, e.address, e.finance_email).outerjoin(e, e.id == Site.legal_entity_id)
    rows = connection.execute(query.where(Site.status != "closed").order_by(Site.country, Site.name, Site.id)).all()
    contacts = contacts_of(connection)
    return tuple(_card(row, contacts.get(row[0], ())) for row in rows)


def _card(row: Row[Any], contacts: tuple[Contact, ...]) -> SiteCard:
    *facts, latitude, longitude, zone, status, entity, name, address, email = row
    issuer = Issuer(entity, name, address, email) if entity else None
    return SiteCard(*facts, _degrees(latitude), _degrees(longitude), zone, status, issuer, contacts)


def _degrees(value: object) -> float | None:
    return None if value is None else float(str(value))


def contacts_of(connection: Connection) -> Mapping[int, tuple[Contact, ...]]:
    """Of every site, in the order in which they are called."""
    c = SiteContact
    query = select(c.site_id, c.kind, c.name, c.phone, c.email, c.languages, c.hours).order_by(c.id)
    found: dict[int, list[Contact]] = {}
    for site, kind, name, phone, email, languages, hours in connection.execute(query):
        found.setdefault(site, []).append(Contact(kind, name, phone, email, tuple(languages), hours))
    return {
        site: tuple(sorted(theirs, key=lambda each: CONTACT_KINDS.index(each.kind))) for site, theirs in found.items()
    }


@dataclass(frozen=True)
class Incident:
    """What is wrong at a site now, as the reader may read it under the bell."""

    uuid: UUID
    title: str


def incidents_now(engine: Engine, principal: Principal, *, language: str = "en") -> Mapping[int, tuple[Incident, ...]]:
    """By site, the latest first; nothing to whom no notices are shown, and nothing that is not theirs to read."""
    if not principal.may(P.NOTICE_VIEW):
        return {}
    words = and_(NoticeText.notice_id == Notice.id, NoticeText.language == language)
    title = func.coalesce(func.nullif(NoticeText.title, ""), Notice.title)
    query = (
        select(NoticeSite.site_id, Notice.uuid, title)
        .join(NoticeSite, NoticeSite.notice_id == Notice.id)
        .outerjoin(NoticeText, words)
        .where(IS_OPEN, Notice.category == NoticeCategory.INCIDENT, Notice.published_at.is_not(None))
        .order_by(Notice.starts_at.desc().nulls_last(), Notice.id.desc())
    )
    found: dict[int, list[Incident]] = {}
    with reading(engine, principal, P.NOTICE_VIEW) as connection:
        for site, uuid, said in connection.execute(query):
            found.setdefault(site, []).append(Incident(uuid, said))
    return {site: tuple(theirs) for site, theirs in found.items()}
