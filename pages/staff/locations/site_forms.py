"""The forms about sites: a new one, its facts, and somebody to call there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from data.commands import Done, execute
from data.engines import app_engine
from data.locations import (
    AddContact,
    ChangeContact,
    ChangeSite,
    CreateSite,
    Site,
    SiteContactRow,
    entities_to_choose,
)
from pages.staff.locations.choices import countries, spoken, zones
from rules.fields import Field, FieldKind, Values
from rules.locations import LONGEST_LINE, LONGEST_PHONE, LONGEST_TEXT, ContactKind, SiteStatus
from rules.principal import Principal
from rules.words import N_
from ui.form.short import Options, ShortForm, show_short_form

K = FieldKind
_CODE = Field("code", N_("Code"), required=True, longest=50,
              hint=N_("Used in addresses and files, permanent: letters, digits, “-”, “_” and “.”."))  # fmt: skip
_FACTS = (
    Field("called", N_("Name"), required=True, longest=LONGEST_LINE),
    Field("status", N_("Status"), K.CHOICE, required=True, choices=tuple(SiteStatus), vocabulary="site.status",
          default=SiteStatus.ACTIVE,
          hint=N_("Requests are made at sites in operation only. What is at a closed site stays to be seen.")),
    Field("country", N_("Country"), K.SPACE, required=True),
    Field("city", N_("City"), required=True, longest=100),
    Field("time_zone", N_("Time zone"), K.SPACE, required=True,
          hint=N_("Visits and scheduled work are planned on the clock of the site.")),
    Field("address", N_("Address"), K.LONG_TEXT, longest=LONGEST_TEXT),
    Field("latitude", N_("Latitude"), longest=20, hint=N_("Degrees north, such as 37.5665; south is negative.")),
    Field("longitude", N_("Longitude"), longest=20, hint=N_("Degrees east, such as 126.9780; west is negative.")),
    Field("issuer", N_("Issued by"), K.SPACE, hint=N_("The legal entity that invoices for this site.")),
)  # fmt: skip
_CARD = (
    Field("kind", N_("Contact for"), K.CHOICE, required=True, choices=tuple(ContactKind), vocabulary="site.contact"),
    Field("called", N_("Name"), required=True, longest=100),
    Field("phone", N_("Phone"), longest=LONGEST_PHONE, either=True),
    Field("email", N_("E-mail"), longest=254, either=True),
    Field("languages", N_("Languages"), K.ITEMS),
    Field("hours", N_("Hours"), longest=100, hint=N_("On the clock of the site, such as “Mon–Fri 09:00–18:00”.")),
)  # fmt: skip


def create(principal: Principal) -> Mapping[str, Any] | None:
    """What came of it, once it was sent."""

    def deed(values: Values, key: UUID) -> Done:
        return execute(app_engine(), principal, CreateSite(**values), key=key)

    name, *others = _FACTS
    form = ShortForm(
        "site.new", N_("The site"), "location_on", (name, _CODE, *others), N_("Create"), deed,
        lambda _values: _choices(principal),
    )  # fmt: skip
    return show_short_form(principal, form)


def change(principal: Principal, site: Site, version: int) -> Mapping[str, Any] | None:
    def deed(values: Values, key: UUID) -> Done:
        return execute(app_engine(), principal, ChangeSite(site=site.uuid, version=version, **values), key=key)

    facts = {
        "called": site.name, "status": site.status, "country": site.country, "city": site.city,
        "time_zone": site.time_zone, "address": site.address, "latitude": _degrees(site.latitude),
        "longitude": _degrees(site.longitude), "issuer": site.issuer,
    }  # fmt: skip
    form = ShortForm(
        f"site.change.{site.uuid}.{version}", N_("The site"), "edit", _filled(_FACTS, facts), N_("Save"), deed,
        lambda _values: _choices(principal, site),
    )  # fmt: skip
    return show_short_form(principal, form)


def add_contact(principal: Principal, site: Site) -> Mapping[str, Any] | None:
    def deed(values: Values, key: UUID) -> Done:
        return execute(app_engine(), principal, AddContact(**_card(values), site=site.uuid), key=key)

    name = f"site.contact.{site.uuid}.new"
    form = ShortForm(name, N_("Whom to call"), "call", _CARD, N_("Add"), deed, lambda _values: {"languages": spoken()})
    return show_short_form(principal, form)


def change_contact(principal: Principal, contact: SiteContactRow, version: int) -> Mapping[str, Any] | None:
    def deed(values: Values, key: UUID) -> Done:
        command = ChangeContact(contact=contact.uuid, version=version, **_card(values))
        return execute(app_engine(), principal, command, key=key)

    card = {
        "kind": contact.kind, "called": contact.name, "phone": contact.phone, "email": contact.email,
        "languages": list(contact.languages), "hours": contact.hours,
    }  # fmt: skip
    form = ShortForm(
        f"site.contact.{contact.uuid}.{version}", N_("Whom to call"), "call", _filled(_CARD, card), N_("Save"),
        deed, lambda _values: {"languages": spoken(contact.languages)},
    )  # fmt: skip
    return show_short_form(principal, form)


def _filled(fields: tuple[Field, ...], facts: Mapping[str, Any]) -> tuple[Field, ...]:
    return tuple(replace(field, default=facts[field.name]) for field in fields)


def _card(values: Values) -> dict[str, Any]:
    return {**values, "languages": tuple(values["languages"] or ())}


def _choices(principal: Principal, site: Site | None = None) -> Options:
    entities = entities_to_choose(app_engine(), principal)
    named = {code: f"{name} ({code})" for code, name in entities.items()}
    return {"country": countries(), "time_zone": zones(site.time_zone if site else None), "issuer": named}


def _degrees(number: Any) -> str | None:
    return None if number is None else f"{number.normalize():f}"
