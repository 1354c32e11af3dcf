"""What the demo's stories are told about: places, companies and the people in them, as they stand in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from rules.permissions import SITED, Permission


@dataclass(frozen=True)
class Issuer:
    """A legal entity that sends invoices; the tax is the one usual in its country."""

    id: int
    code: str
    country: str
    currency: str
    time_zone: str
    tax_rounding: str
    tax_rate: Decimal

    def today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.time_zone)).date()


@dataclass(frozen=True)
class Place:
    """A data centre."""

    id: int
    code: str
    city: str
    country: str
    time_zone: str
    issuer: Issuer

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """That hour on the clocks of the site."""
        local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(self.time_zone))
        return local.astimezone(UTC)


@dataclass(frozen=True)
class Someone:
    """A person, what they hold in their company, and at which sites (None: all)."""

    id: int
    name: str
    email: str
    functions: frozenset[Permission] = frozenset()
    site_ids: frozenset[int] | None = None

    def may(self, function: Permission, place: Place) -> bool:
        at_site = function not in SITED or self.site_ids is None or place.id in self.site_ids
        return function in self.functions and at_site


@dataclass(frozen=True)
class Company:
    """A customer account with its people; `size` says how much happens there, `places` has the main site first."""

    id: int
    code: str
    name: str
    country: str
    language: str
    currency: str
    size: int
    places: tuple[Place, ...]
    people: tuple[Someone, ...]
    manager: Someone

    @property
    def is_featured(self) -> bool:
        """Everything the portal can show must be found with these."""
        return self.code in FEATURED

    def who_may(self, function: Permission, place: Place) -> list[Someone]:
        return [person for person in self.people if person.may(function, place)]


#: The companies of the cast.
FEATURED = ("ACME", "ACME-SEOUL", "ACME-OSAKA", "BOLT")


@dataclass(frozen=True)
class World:
    """Everybody and every place, and the moment at which the demo begins."""

    now: datetime
    places: tuple[Place, ...]
    companies: tuple[Company, ...]
    desk: tuple[Someone, ...]
    finance: tuple[Someone, ...]

    def place(self, code: str) -> Place:
        return next(place for place in self.places if place.code == code)

    def company(self, code: str) -> Company:
        return next(company for company in self.companies if company.code == code)
