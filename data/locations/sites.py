"""What an administrator does to data centers: a new one, its facts, and whom to call there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql

from data.audit import Deed, record
from data.commands import Work
from data.imports.fields import COUNTRIES, ZONES, Unexpected, language_code
from data.locations.checking import ByAdministrator, Typed, add_by_code, changed_meanwhile
from data.locations.reading import Site, SiteContactRow, site_of
from data.models import LegalEntity, SiteContact
from data.models import Site as SiteRow
from rules.errors import Invalid, NotFound
from rules.locations import ContactKind, SiteStatus
from rules.permissions import Permission
from rules.words import N_

P = Permission
_s, _c, _e = SiteRow.__table__, SiteContact.__table__, LegalEntity.__table__
_MOST_LANGUAGES = 20


@dataclass(frozen=True)
class _Facts(ByAdministrator):
    """What is known of a site; coordinates as they were typed, its issuing entity by its code."""

    called: str
    country: str
    city: str
    time_zone: str
    status: str = SiteStatus.ACTIVE
    address: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    issuer: str | None = None

    def _facts(self, work: Work) -> dict[str, Any]:
        """As they are stored."""
        typed = Typed()
        facts = {
            "name": typed.line("called", self.called),
            "country": typed.one_of("country", self.country, COUNTRIES),
            "city": typed.line("city", self.city, longest=100),
            "address": typed.text("address", self.address),
            "latitude": typed.degrees("latitude", self.latitude, 90),
            "longitude": typed.degrees("longitude", self.longitude, 180),
            "time_zone": typed.one_of("time_zone", self.time_zone, ZONES),
            "status": typed.one_of("status", self.status, tuple(SiteStatus)),
        }
        if (facts["latitude"] is None) != (facts["longitude"] is None):
            field = "latitude" if facts["latitude"] is None else "longitude"
            typed.wrong.append(Invalid(N_("Give both latitude and longitude, or neither."), field))
        entity = None
        if self.issuer is not None:
            entity = work.connection.scalar(select(_e.c.id).where(_e.c.code == self.issuer))
            if entity is None:
                typed.wrong.append(Invalid(N_("Choose one of the list."), "issuer"))
        typed.done()
        return {**facts, "legal_entity_id": entity}


@dataclass(frozen=True)
class CreateSite(_Facts):
    """A data center nobody knew of until now."""

    name: ClassVar = "site.create"
    creates: ClassVar = True

    code: str = ""

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        code, facts = self.code.strip(), self._facts(work)
        uuid = add_by_code(work, _s, code, facts)
        after = {"code": code, **_said(facts, self.issuer)}
        _note(work, self.name, uuid, facts["name"], after={k: v for k, v in after.items() if v is not None})
        return {"uuid": str(uuid)}


@dataclass(frozen=True)
class _OfSite:
    """Which one, as whoever does it saw it. Its code stays: addresses, grants and files name it by that."""

    site: UUID
    version: int


@dataclass(frozen=True)
class ChangeSite(_Facts, _OfSite):
    """Its facts, among them whether anything can be asked for there."""

    name: ClassVar = "site.change"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        site = site_of(work.connection, self.site, locked=True)
        if site.version != self.version:
            raise changed_meanwhile(site.name)
        facts = self._facts(work)
        was, becomes = _as_said(site), _said(facts, self.issuer)
        changed = {name: value for name, value in becomes.items() if was[name] != value}
        if not changed:
            return {"changed": False}
        work.connection.execute(update(_s).where(_s.c.id == site.id).values(version=site.version + 1, **facts))
        _note(work, self.name, site.uuid, site.name, before={name: was[name] for name in changed}, after=changed)
        return {"changed": True}


def _said(facts: Mapping[str, Any], issuer: str | None) -> dict[str, Any]:
    """As the log says it: degrees without zeros behind them, the entity by its code."""
    said = {name: value for name, value in facts.items() if name not in ("legal_entity_id", "status")}
    at = {"latitude": _degrees(said["latitude"]), "longitude": _degrees(said["longitude"])}
    return {**said, **at, "site_status": facts["status"], "entity": issuer}


def _as_said(site: Site) -> dict[str, Any]:
    names = ("name", "country", "city", "address", "latitude", "longitude", "time_zone", "status")
    return _said({name: getattr(site, name) for name in names}, site.issuer)


def _degrees(number: Any) -> str | None:
    return None if number is None else f"{number.normalize():f}"


# --- whom to call there


@dataclass(frozen=True)
class _Card(ByAdministrator):
    """What stands on somebody's card; languages by their codes."""

    kind: str
    called: str
    phone: str | None = None
    email: str | None = None
    languages: tuple[str, ...] = ()
    hours: str | None = None

    def _card(self) -> dict[str, Any]:
        typed = Typed()
        card = {
            "kind": typed.one_of("kind", self.kind, tuple(ContactKind)),
            "name": typed.line("called", self.called, longest=100),
            "phone": typed.phone("phone", self.phone),
            "email": typed.email("email", self.email),
            "languages": list(dict.fromkeys(self.languages)),
            "hours": typed.optional_line("hours", self.hours, longest=100),
        }
        if not card["phone"] and not card["email"] and not typed.wrong:
            typed.wrong.append(Invalid(N_("Give a phone number or an e-mail address."), "phone"))
        try:
            for code in self.languages:
                language_code(code)
        except Unexpected:
            typed.wrong.append(Invalid(N_("Choose one of the list."), "languages"))
        if len(card["languages"]) > _MOST_LANGUAGES:
            typed.wrong.append(Invalid(N_("Choose at most {most}."), "languages", most=_MOST_LANGUAGES))
        typed.done()
        return card


@dataclass(frozen=True)
class AddContact(_Card):
    """One more to call at a site."""

    name: ClassVar = "site.add_contact"
    creates: ClassVar = True

    site: UUID | None = None

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        card = self._card()
        site = work.connection.execute(select(_s.c.id, _s.c.name).where(_s.c.uuid == self.site)).one_or_none()
        if self.site is None or site is None:
            raise NotFound(str(self.site))
        adding = postgresql.insert(_c).values(site_id=site.id, **card).returning(_c.c.uuid)
        uuid = work.connection.execute(adding).scalar_one()
        _note(work, self.name, self.site, site.name, after=_told(card))
        return {"uuid": str(uuid)}


@dataclass(frozen=True)
class _OfContact:
    contact: UUID
    version: int


@dataclass(frozen=True)
class ChangeContact(_Card, _OfContact):
    """Another number, other hours."""

    name: ClassVar = "site.change_contact"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        site, contact = _contact(work, self.contact, self.version)
        card = self._card()
        was = {**{name: getattr(contact, name) for name in card}, "languages": list(contact.languages)}
        changed = {name: value for name, value in card.items() if was[name] != value}
        if not changed:
            return {"changed": False}
        change = update(_c).where(_c.c.uuid == self.contact).values(version=contact.version + 1, **card)
        work.connection.execute(change)
        before = {name: was[name] for name in changed}
        _note(work, self.name, site.uuid, site.name, before=_told(before), after=_told(changed))
        return {"changed": True}


@dataclass(frozen=True)
class RemoveContact(ByAdministrator):
    """Nobody calls them any more."""

    name: ClassVar = "site.remove_contact"

    contact: UUID
    version: int

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        site, contact = _contact(work, self.contact, self.version)
        work.connection.execute(delete(_c).where(_c.c.uuid == self.contact))
        said = {"kind": contact.kind, "name": contact.name, "phone": contact.phone, "email": contact.email}
        _note(work, self.name, site.uuid, site.name, before=_told(said))
        return {"changed": True}


def _contact(work: Work, uuid: UUID, version: int) -> tuple[Site, SiteContactRow]:
    """As it stands now, with its site, which nobody else changes until this transaction ends."""
    of = select(_s.c.uuid).join(_c, _c.c.site_id == _s.c.id).where(_c.c.uuid == uuid)
    found = work.connection.scalar(of)
    if found is None:
        raise NotFound(str(uuid))
    site = site_of(work.connection, found, locked=True)
    contact = next((each for each in site.contacts if each.uuid == uuid), None)
    if contact is None or contact.version != version:
        raise changed_meanwhile(site.name)
    return site, contact


def _told(card: Mapping[str, Any]) -> dict[str, Any]:
    """As the log says it."""
    return {("contact_kind" if name == "kind" else name): value for name, value in card.items() if value}


def _note(
    work: Work,
    action: str,
    uuid: UUID,
    name: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    deed = Deed(action, "site", str(uuid), name, function=P.SITE_MANAGE, before=before, after=after)
    record(work.connection, work.principal, deed)
