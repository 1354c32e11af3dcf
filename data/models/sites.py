"""Sites and who runs them: the data centres, whom to call there, and which legal entity issues the invoices."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from data.models.base import Base, Id, Moment, Number, PublicId, Version, one_of, table_info
from data.models.rows import IS_STAFF, PEOPLE_HATS, Hat, Rows, Write, reference, staff
from rules.permissions import Permission

_IS_ADMINISTRATOR = staff(Permission.SITE_MANAGE)
#: What stands on every invoice is changed by whoever has just proved that it is they.
_HAS_PROVED = f"{_IS_ADMINISTRATOR} and (select authz.proved())"
_OF_ISSUER = ("name", "country", "currency", "time_zone", "tax_id", "address", "finance_email", "tax_rounding")
_SHOWN = ("id", "uuid", "code", *_OF_ISSUER)
_OF_SITE = (
    "name", "country", "city", "address", "latitude", "longitude", "time_zone", "status", "legal_entity_id",
)  # fmt: skip
_OF_CONTACT = ("kind", "name", "phone", "email", "languages", "hours")
_OF_TARGET = ("kind", "severity", "clock", "minutes", "since")


class LegalEntity(Base):
    """The company that issues invoices in a country. Nobody reads its bank details from here: they stand on its
    invoices, and who reads one of those reads them with it (authz.bank_details); no hat writes them, a function does
    (authz.write_bank_details)."""

    __tablename__ = "legal_entity"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    code: Mapped[Number] = mapped_column(unique=True)
    name: Mapped[str]
    country: Mapped[str]
    currency: Mapped[str]
    time_zone: Mapped[str] = mapped_column(server_default="UTC")
    tax_id: Mapped[str | None]
    address: Mapped[str | None]
    bank_details: Mapped[str | None]
    finance_email: Mapped[str | None]
    tax_rounding: Mapped[str] = mapped_column(server_default="invoice")
    version: Mapped[Version]
    __table_args__ = (
        one_of("tax_rounding", ("line", "invoice")),
        table_info(
            Rows(
                see={**reference().see, Hat.STAFF: IS_STAFF},
                columns={**dict.fromkeys(PEOPLE_HATS, _SHOWN), Hat.STAFF: (*_SHOWN, "version")},
                insert={Hat.STAFF: Write(("code", *_OF_ISSUER), _HAS_PROVED)},
                update={Hat.STAFF: Write((*_OF_ISSUER, "version"), _HAS_PROVED)},
            )
        ),
    )


class Site(Base):
    """A data centre."""

    __tablename__ = "site"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    code: Mapped[Number] = mapped_column(unique=True)
    name: Mapped[str]
    country: Mapped[str]
    city: Mapped[str]
    address: Mapped[str | None]
    latitude: Mapped[float | None] = mapped_column(Numeric(9, 6))
    longitude: Mapped[float | None] = mapped_column(Numeric(9, 6))
    time_zone: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="active")
    legal_entity_id: Mapped[int | None] = mapped_column(ForeignKey("legal_entity.id"))
    version: Mapped[Version]
    __table_args__ = (
        one_of("status", ("active", "planned", "closed")),
        CheckConstraint("latitude between -90 and 90", name="latitude"),
        CheckConstraint("longitude between -180 and 180", name="longitude"),
        table_info(
            reference(Hat.WORKER).plus(
                insert={Hat.STAFF: Write(("code", *_OF_SITE), _IS_ADMINISTRATOR)},
                update={Hat.STAFF: Write((*_OF_SITE, "version"), _IS_ADMINISTRATOR)},
            )
        ),
    )


class SiteContact(Base):
    """Whom to call at a site: service desk, security or finance."""

    __tablename__ = "site_contact"
    id: Mapped[Id]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    kind: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    hours: Mapped[str | None]
    uuid: Mapped[PublicId]
    version: Mapped[Version]
    __table_args__ = (
        one_of("kind", ("service_desk", "security", "finance")),
        table_info(
            reference().plus(
                insert={Hat.STAFF: Write(("site_id", *_OF_CONTACT), _IS_ADMINISTRATOR)},
                update={Hat.STAFF: Write((*_OF_CONTACT, "version"), _IS_ADMINISTRATOR)},
                delete={Hat.STAFF: _IS_ADMINISTRATOR},
            )
        ),
    )


class SlaTarget(Base):
    """What we promise, where it differs from the general targets of rules/sla.py, to clocks that start from `since` on.

    Rows are added, never changed: a clock keeps the target it started with, however often its log is read again. A row
    counts a minute after it was written, when whatever was under way without it is through."""

    __tablename__ = "sla_target"
    id: Mapped[Id]
    kind: Mapped[str]
    #: Of a fault; empty: whichever it has.
    severity: Mapped[str | None]
    clock: Mapped[str]
    #: Empty: the general target again.
    minutes: Mapped[int | None]
    since: Mapped[Moment] = mapped_column(server_default=text("now() + interval '1 minute'"))
    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes"),
        table_info(
            reference(Hat.WORKER).plus(
                insert={
                    # what was promised until now stays promised
                    Hat.STAFF: Write(_OF_TARGET, f"{_IS_ADMINISTRATOR} and since >= now() + interval '1 minute'")
                }
            )
        ),
    )


_IS_DESK = staff(Permission.TICKET_WORK)
_ARRIVAL = ("site_id", "carrier", "tracking_number", "addressee", "packages", "note", "arrived_at")


class Parcel(Base):
    """An unclaimed parcel: it arrived without a request and belongs to no account until somebody claims it."""

    __tablename__ = "parcel"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    carrier: Mapped[str]
    tracking_number: Mapped[Number] = mapped_column(index=True)
    addressee: Mapped[str]
    packages: Mapped[int] = mapped_column(server_default=text("1"))
    note: Mapped[str | None]
    arrived_at: Mapped[Moment]
    #: Set by authz.claim_parcel() and authz.assign_parcel(): from then on it is a shipment of that ticket's account.
    ticket_id: Mapped[int | None]
    claimed_at: Mapped[Moment | None]
    __table_args__ = (
        CheckConstraint("packages >= 1", name="packages"),
        Index("ix_parcel_unclaimed", "site_id", "arrived_at", postgresql_where=text("ticket_id is null")),
        table_info(
            Rows(
                see={Hat.STAFF: _IS_DESK},
                insert={Hat.STAFF: Write(_ARRIVAL, _IS_DESK)},
                update={Hat.STAFF: Write(("addressee", "note"), f"{_IS_DESK} and ticket_id is null")},
            )
        ),
    )
