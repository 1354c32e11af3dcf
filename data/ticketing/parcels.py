"""Parcels that arrived without a request: the desk lists and assigns them, a customer claims one by its number."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Connection, Date, Engine, Select, cast, func, insert, null, select

from data.audit import Deed, record
from data.commands import Command, Done, Work, execute
from data.database import reading, writing
from data.listing.search import in_texts
from data.listing.spec import Column, Kind
from data.models import Parcel, Site, Ticket
from data.streams import Batch, batches
from data.ticketing.move import tell_received
from data.ticketing.reach import COLUMNS, Found, found, people_of, view_for
from data.ticketing.standing import moment, restand
from data.ticketing.telling import note
from rules.errors import Conflict, Forbidden, Invalid, NotFound, Problems
from rules.lifecycle import STORAGE, Actor
from rules.permissions import Permission
from rules.principal import Principal
from rules.request_types import Carrier, TicketKind
from rules.words import N_

P = Permission
#: What a claimed parcel's ticket is called until somebody says better; with the tracking number behind it.
SUBJECT = "Parcel {number}"
LONGEST = 50
MOST = 500


TITLE = N_("Unclaimed parcels")
#: In the order of `stream_parcels`, which has the values.
REPORT: tuple[Column, ...] = tuple(
    Column(key, title, null(), kind, vocabulary)
    for key, title, kind, vocabulary in (
        ("site", N_("Site"), Kind.TEXT, None),
        ("carrier", N_("Carrier"), Kind.TERM, "shipment.carrier"),
        ("tracking_number", N_("Tracking number"), Kind.TEXT, None),
        ("addressee", N_("Addressee"), Kind.TEXT, None),
        ("packages", N_("Packages"), Kind.INTEGER, None),
        ("note", N_("Note"), Kind.TEXT, None),
        ("arrived", N_("Arrived"), Kind.MOMENT, None),
        ("until", N_("Kept until"), Kind.DATE, None),
    )
)


@dataclass(frozen=True)
class ParcelRow:
    """An unclaimed parcel as the desk sees it."""

    uuid: UUID
    site: str
    carrier: str
    tracking_number: str
    addressee: str
    packages: int
    note: str | None
    arrived_at: datetime
    #: By the site's calendar.
    storage_until: date
    is_late: bool


@dataclass(frozen=True)
class ParcelsAsked:
    """Words to look for in tracking numbers, addressees and notes, and the site by its code."""

    words: str = ""
    site: str = ""


@dataclass(frozen=True)
class RegisterParcel(Command):
    """It is here, and nobody asked for it."""

    name: ClassVar = "parcel.register"
    creates: ClassVar = True

    site_id: int
    carrier: Carrier
    tracking_number: str
    #: As it is written on the parcel.
    addressee: str
    packages: int = 1
    remark: str | None = None

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        return principal, P.TICKET_WORK

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        tracking, addressee = self.tracking_number.strip(), self.addressee.strip()
        wrong = []
        if not 1 <= len(tracking) <= LONGEST:
            wrong.append(Invalid(N_("Please fill this in."), "tracking_number"))
        if not 1 <= len(addressee) <= 200:
            wrong.append(Invalid(N_("Please fill this in."), "addressee"))
        if self.packages < 1:
            wrong.append(Invalid(N_("At least {least}."), "packages", least=1))
        if work.connection.scalar(select(Site.status).where(Site.id == self.site_id)) != "active":
            wrong.append(Invalid(N_("Choose a site."), "site_id"))
        if wrong:
            raise Problems(wrong)
        new = insert(Parcel).values(
            site_id=self.site_id,
            carrier=self.carrier,
            tracking_number=tracking,
            addressee=addressee,
            packages=self.packages,
            note=(self.remark or "").strip() or None,
            arrived_at=moment(work.connection),
        )
        uuid = str(work.connection.execute(new.returning(Parcel.uuid)).scalar_one())
        said = {"carrier": self.carrier, "packages": self.packages}
        record(work.connection, work.principal, Deed(self.name, "parcel", uuid, tracking, after=said))
        return {"uuid": uuid}


@dataclass(frozen=True)
class AssignParcel(Command):
    """The desk found out whose it is; its people are told."""

    name: ClassVar = "parcel.assign"
    creates: ClassVar = True

    parcel: UUID
    account_id: int
    #: Somebody of the account, who is told and follows it.
    requested_by: int

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        return principal, P.TICKET_WORK

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        if self.requested_by not in dict(people_of(work.connection, self.account_id)):
            raise Invalid(N_("Choose somebody of the account."), "requested_by")
        known = select(Parcel.tracking_number, Parcel.addressee).where(Parcel.uuid == self.parcel)
        parcel = work.connection.execute(known).one_or_none()
        if parcel is None:
            raise NotFound(str(self.parcel))
        named = SUBJECT.format(number=parcel.tracking_number)
        opened = func.authz.assign_parcel(self.parcel, self.account_id, self.requested_by, named, parcel.addressee)
        ticket_id = work.connection.scalar(select(opened))
        if ticket_id is None:
            raise Conflict(N_("Somebody claimed this parcel meanwhile."))
        return _received(work, ticket_id, self.name)


@dataclass(frozen=True)
class ClaimParcel(Command):
    """By its exact tracking number; use `claim_parcel`, which counts the tries."""

    name: ClassVar = "parcel.claim"
    creates: ClassVar = True

    account_id: int
    tracking_number: str

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        return _claiming(principal, self.account_id)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        tracking = self.tracking_number.strip()
        opened = func.authz.claim_parcel(tracking, SUBJECT.format(number=tracking), "")
        ticket_id = work.connection.scalar(select(opened))
        return {"number": None} if ticket_id is None else _received(work, ticket_id, self.name)


def claim_parcel(engine: Engine, principal: Principal, account_id: int, tracking_number: str, *, key: UUID) -> Done:
    """The ticket it became. The answer is the same for a number that nobody knows and for one that is not theirs."""
    if not 1 <= len(tracking_number.strip()) <= LONGEST:
        raise Invalid(N_("Please fill this in."), "tracking_number")
    who, permission = _claiming(principal, account_id)
    with writing(engine, who, permission) as connection:
        allowed = connection.scalar(select(func.authz.may_try_parcel(tracking_number.strip())))
    if not allowed:
        raise Conflict(N_("Too many tries. Please wait an hour, or ask the service desk."))
    done = execute(engine, principal, ClaimParcel(account_id, tracking_number.strip()), key=key)
    if done["number"] is None:
        raise Invalid(
            N_("No parcel with this tracking number waits for you. Check it digit by digit."), "tracking_number"
        )
    return done


def list_parcels(engine: Engine, principal: Principal, asked: ParcelsAsked | None = None) -> tuple[ParcelRow, ...]:
    """Unclaimed, the longest waiting first."""
    with reading(engine, principal, P.TICKET_WORK) as connection:
        return tuple(ParcelRow(*row) for row in connection.execute(_unclaimed(asked or ParcelsAsked()).limit(MOST)))


def stream_parcels(engine: Engine, principal: Principal, asked: ParcelsAsked, *, time_zone: str) -> Generator[Batch]:
    """All of them, for the report: site, carrier, tracking number, addressee, packages, note, arrived, storage end."""
    found = _unclaimed(asked).subquery("found")
    _uuid, site, *others, arrived, until, _is_late = found.c
    query = select(site, *others, func.timezone(time_zone, arrived), until).order_by(arrived, found.c.uuid)
    with reading(engine, principal, P.TICKET_WORK) as connection:
        yield from batches(connection, query)


def _unclaimed(asked: ParcelsAsked) -> Select[Any]:
    columns = (getattr(Parcel, name) for name in ("carrier", "tracking_number", "addressee", "packages", "note"))
    here = [func.timezone(Site.time_zone, moment) for moment in (Parcel.arrived_at, func.now())]
    arrived, today = (cast(moment, Date) for moment in here)
    until = arrived + STORAGE.days
    query = (
        select(
            *(Parcel.uuid, Site.name.label("site"), *columns, Parcel.arrived_at),
            *(until.label("storage_until"), (until < today).label("is_late")),
        )
        .join(Site, Site.id == Parcel.site_id)
        .where(Parcel.ticket_id.is_(None))
        .order_by(Parcel.arrived_at, Parcel.id)
    )
    if asked.words:
        texts = Parcel.tracking_number, Parcel.addressee, func.coalesce(Parcel.note, "")
        query = query.where(in_texts(asked.words, *texts))
    return query.where(Site.code == asked.site) if asked.site else query


def _claiming(principal: Principal, account_id: int) -> tuple[Principal, Permission]:
    """Where they may ask for shipments at all; at which site the parcel lies, only the database knows."""
    if principal.is_staff or account_id not in principal.chosen:
        raise NotFound(str(account_id))
    sites = principal.sites(P.SHIPMENT_CREATE, account_id)
    places = (0,) if sites is None else sorted(sites)
    who = principal.looking_at((account_id,))
    views = (view_for(who, TicketKind.SHIPMENT, account_id, site) for site in places)
    view = next((view for view in views if view is not None), None)
    if view is None:
        raise Forbidden(P.SHIPMENT_CREATE)
    return who, view


def _received(work: Work, ticket_id: int, action: str) -> dict[str, Any]:
    ticket = _opened(work.connection, ticket_id)
    restand(work.connection, ticket, by=Actor.DESK if work.principal.is_staff else Actor.CUSTOMER)
    note(work, ticket, action, after={"status": ticket.status})
    tell_received(work, ticket, "opened", partial=False)
    return {"number": ticket.number, "uuid": str(ticket.uuid), "status": ticket.status}


def _opened(connection: Connection, ticket_id: int) -> Found:
    """Where they may ask but not look, nothing is claimed."""
    row = connection.execute(select(*COLUMNS).where(Ticket.id == ticket_id)).one_or_none()
    if row is None:
        raise NotFound(str(ticket_id))
    return found((*row, False))
