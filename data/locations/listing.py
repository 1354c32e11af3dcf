"""The lists of data centers and of issuing entities, for whoever sees to them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Text, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from data.listing.search import in_texts
from data.listing.spec import HIDDEN, NOT_IN_TABLE, REPORT, TABLE, Choice, Column, Country, Kind, ListSpec, Sort
from data.models import LegalEntity, Site, SiteContact
from rules.locations import ContactKind, SiteStatus
from rules.money import CURRENCIES
from rules.permissions import Permission
from rules.words import N_

_s = Site.__table__
_e = LegalEntity.__table__
_NOT_IN_DRAWER = frozenset({TABLE, REPORT})


def _contact(kind: ContactKind) -> ColumnElement[str]:
    said = func.concat_ws(" ", SiteContact.name, SiteContact.phone, SiteContact.email)
    those = SiteContact.site_id == _s.c.id, SiteContact.kind == kind
    in_order = aggregate_order_by(literal("; "), SiteContact.id)
    return select(func.string_agg(said, in_order)).where(*those).scalar_subquery()


_contacts = select(func.count()).where(SiteContact.site_id == _s.c.id).scalar_subquery()
_sites = select(func.count()).where(_s.c.legal_entity_id == _e.c.id).scalar_subquery()
_LACKING = {
    "desk": ~select(SiteContact.id).where(SiteContact.site_id == _s.c.id, SiteContact.kind == "service_desk").exists(),
    "issuer": _s.c.legal_entity_id.is_(None),
    "coordinates": _s.c.latitude.is_(None),
}


SITES = ListSpec(
    name="sites",
    title=N_("Sites"),
    permissions=(Permission.SITE_MANAGE,),
    table=_s,
    source=_s.outerjoin(_e, _e.c.id == _s.c.legal_entity_id),
    columns=(
        Column("name", N_("Site"), _s.c.name, Kind.NUMBER, width=150),
        Column("code", N_("Code"), _s.c.code, width=75),
        Column("status", N_("Status"), _s.c.status, Kind.TERM, "site.status", width=115),
        Column("country", N_("Country"), _s.c.country, Kind.COUNTRY, width=110),
        Column("city", N_("City"), _s.c.city, width=130),
        Column("time_zone", N_("Time zone"), _s.c.time_zone, width=140),
        Column("issuer", N_("Issued by"), _e.c.name, width=240),
        Column("contacts", N_("Contacts"), _contacts, Kind.INTEGER, shown=_NOT_IN_DRAWER, width=85),
        Column("address", N_("Address"), _s.c.address, shown=NOT_IN_TABLE),
        Column("latitude", N_("Latitude"), cast(_s.c.latitude, Text), shown=frozenset({REPORT})),
        Column("longitude", N_("Longitude"), cast(_s.c.longitude, Text), shown=frozenset({REPORT})),
        Column("service_desk", N_("Service desk"), _contact(ContactKind.SERVICE_DESK), shown=frozenset({REPORT})),
        Column("security", N_("Security"), _contact(ContactKind.SECURITY), shown=frozenset({REPORT})),
        Column("finance", N_("Finance"), _contact(ContactKind.FINANCE), shown=frozenset({REPORT})),
        Column("uuid", "", _s.c.uuid, shown=HIDDEN),
    ),
    filters=(
        Choice("status", N_("Status"), "site.status", tuple(SiteStatus), lambda _c, values: _s.c.status.in_(values)),
        Country(_s.c.country),
        Choice("lacks", N_("Without"), "site.lacks", tuple(_LACKING),
               lambda _c, values: or_(*(_LACKING[each] for each in values))),
    ),
    sorts=(Sort("name", N_("By name"), _s.c.name), Sort("code", N_("By code"), _s.c.code)),
    bar=("status", "country", "lacks"),
    row_key=_s.c.uuid,
    row_parameter="open",
    number=_s.c.name,
    finder=lambda _connection, words: in_texts(
        words, _s.c.name, _s.c.code, _s.c.city, _s.c.country, _s.c.address, country=_s.c.country
    ),
    searched=N_("Search finds sites by a part of their name, code, city, country or address."),
    hint=N_("Name, code or city"),
    nothing=N_("There is no site yet."),
    is_small=True,
)  # fmt: skip


ENTITIES = ListSpec(
    name="entities",
    title=N_("Legal entities"),
    permissions=(Permission.SITE_MANAGE,),
    table=_e,
    source=_e,
    columns=(
        Column("name", N_("Legal entity"), _e.c.name, Kind.NUMBER, width=280),
        Column("code", N_("Code"), _e.c.code, width=100),
        Column("country", N_("Country"), _e.c.country, Kind.COUNTRY, width=110),
        Column("currency", N_("Currency"), _e.c.currency, width=85),
        Column("sites", N_("Sites"), _sites, Kind.INTEGER, width=70),
        Column("finance_email", N_("Local finance"), _e.c.finance_email, width=230),
        Column("tax_id", N_("Tax ID"), _e.c.tax_id, width=130),
        Column("address", N_("Address"), _e.c.address, shown=NOT_IN_TABLE),
        Column("time_zone", N_("Time zone"), _e.c.time_zone, width=140),
        Column("tax_rounding", N_("Tax is rounded"), _e.c.tax_rounding, Kind.TERM, "entity.tax_rounding",
               shown=NOT_IN_TABLE),
        Column("uuid", "", _e.c.uuid, shown=HIDDEN),
    ),
    filters=(
        Country(_e.c.country),
        Choice("currency", N_("Currency"), "currency", tuple(CURRENCIES), lambda _c, values: _e.c.currency.in_(values)),
    ),
    sorts=(Sort("name", N_("By name"), _e.c.name), Sort("code", N_("By code"), _e.c.code)),
    bar=("country", "currency"),
    row_key=_e.c.uuid,
    row_parameter="open",
    number=_e.c.name,
    finder=lambda _connection, words: in_texts(
        words, _e.c.name, _e.c.code, _e.c.country, _e.c.tax_id, _e.c.finance_email, country=_e.c.country
    ),
    searched=N_("Search finds entities by a part of their name, code, country, tax ID or e-mail address."),
    hint=N_("Name or code"),
    nothing=N_("There is no legal entity yet."),
    is_small=True,
)  # fmt: skip
