"""What request forms offer: the account's items at a site, its people, what is broken there, and our targets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine, and_, exists, func, select

from data.database import reading
from data.models import InventoryItem, Notice, NoticeSite, NoticeText, NoticeUpdate, Site, Ticket
from data.notices import IS_OPEN, in_their_language
from data.sites import SiteRef, kept_for_a_minute
from data.ticketing.reach import VIEWS, people_of, sites_for
from data.ticketing.standing import agreed_targets
from rules.inventory import ItemKind, ItemStatus
from rules.permissions import Permission
from rules.principal import Principal
from rules.request_types import TicketKind
from rules.sla import Agreed

P = Permission
#: A cage or cabinet is a place; the others stand in one.
SPACES = (ItemKind.CAGE, ItemKind.CABINET)
_HERE = (ItemStatus.ACTIVE, ItemStatus.RESERVED, ItemStatus.DECOMMISSIONING)
MOST = 500


@dataclass(frozen=True)
class Item:
    """An inventory item as a picker shows it."""

    id: int
    uuid: UUID
    kind: str
    asset_number: str
    label: str
    customer_label: str | None
    location: str | None


@dataclass(frozen=True)
class Incident:
    """Something that is known to be broken at a site."""

    uuid: UUID
    title: str
    starts_at: datetime | None
    service_impacting: bool
    #: What became known last, and when.
    latest: str | None
    latest_at: datetime | None


def sites_to_choose(engine: Engine, principal: Principal, kind: TicketKind, account_id: int) -> tuple[SiteRef, ...]:
    """Sites in operation where this person may open such a ticket: first those where the account has something, or
    where they asked for something before if they may not know of what it has."""
    who = principal if principal.is_staff else principal.looking_at((account_id,))
    sees_items = who.may(P.INVENTORY_VIEW)
    there = exists().where(InventoryItem.account_id == account_id, InventoryItem.site_id == Site.id)
    there = there.where(InventoryItem.status.in_(_HERE))
    if not sees_items:
        there = exists().where(Ticket.account_id == account_id, Ticket.site_id == Site.id)
    query = select(Site.id, there.label("is_there")).where(Site.status == "active")
    with reading(engine, who, *((P.INVENTORY_VIEW,) if sees_items else (P.TICKET_WORK, *VIEWS))) as connection:
        is_there = {row.id: row.is_there for row in connection.execute(query)}
    sites = [site for site in sites_for(engine, principal, kind, account_id) if site.id in is_there]
    return tuple(sorted(sites, key=lambda site: not is_there[site.id]))


def items_at(engine: Engine, principal: Principal, account_id: int, site_id: int) -> tuple[Item, ...]:
    """What the account has at the site; nothing for who may not see inventory."""
    who = principal if principal.is_staff else principal.looking_at((account_id,))
    if not who.may(P.INVENTORY_VIEW):
        return ()
    query = (
        select(*(InventoryItem.__table__.c[name] for name in Item.__dataclass_fields__))
        .where(InventoryItem.account_id == account_id, InventoryItem.site_id == site_id)
        .where(InventoryItem.status.in_(_HERE))
        .order_by(InventoryItem.asset_number)
        .limit(MOST)
    )
    with reading(engine, who, P.INVENTORY_VIEW) as connection:
        return tuple(Item(*list(row)) for row in connection.execute(query))


def open_incidents(engine: Engine, principal: Principal, site_id: int, *, language: str = "en") -> tuple[Incident, ...]:
    """Known before a fault is reported: what this person may read about incidents at the site that are not over."""
    if not principal.may(P.NOTICE_VIEW):
        return ()
    title = func.coalesce(func.nullif(NoticeText.title, ""), Notice.title)
    of_it = NoticeUpdate.notice_id == Notice.id
    last = select(in_their_language(language)).where(of_it).order_by(NoticeUpdate.id.desc()).limit(1).scalar_subquery()
    at = select(func.max(NoticeUpdate.written_at)).where(of_it).scalar_subquery()
    query = (
        select(Notice.uuid, title, Notice.starts_at, Notice.service_impacting, last, at)
        .join(NoticeSite, NoticeSite.notice_id == Notice.id)
        .outerjoin(NoticeText, and_(NoticeText.notice_id == Notice.id, NoticeText.language == language))
        .where(Notice.category == "incident", NoticeSite.site_id == site_id, IS_OPEN)
        .where(Notice.published_at.is_not(None))
        .order_by(Notice.starts_at.desc().nulls_last(), Notice.id.desc())
        .limit(20)
    )
    with reading(engine, principal, P.NOTICE_VIEW) as connection:
        return tuple(Incident(*list(row)) for row in connection.execute(query))


def targets_agreed(engine: Engine, principal: Principal) -> tuple[Agreed, ...]:
    """What we promise otherwise than to everybody: a new target counts only a minute after it was written, by when it
    is read here as well."""

    def read() -> tuple[Agreed, ...]:
        with reading(engine, principal, P.TICKET_WORK, *VIEWS) as connection:
            return agreed_targets(connection)

    return kept_for_a_minute(engine, "targets", read)


def people_at(engine: Engine, principal: Principal, account_id: int) -> tuple[tuple[int, str], ...]:
    """Id and name of the account's people: whom to tell, and in whose name the desk may file."""
    who = principal if principal.is_staff else principal.looking_at((account_id,))
    with reading(engine, who, P.TICKET_WORK, *VIEWS) as connection:
        return people_of(connection, account_id)
