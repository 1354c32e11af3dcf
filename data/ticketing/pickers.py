"""What request forms offer: the account's items at a site, its people, and what is known to be broken there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine, select

from data.database import reading
from data.models import InventoryItem, Notice, NoticeSite
from data.notices import IS_OPEN
from data.ticketing.reach import VIEWS, people_of
from rules.inventory import ItemKind, ItemStatus
from rules.permissions import Permission
from rules.principal import Principal

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


def open_incidents(engine: Engine, principal: Principal, site_id: int) -> tuple[Incident, ...]:
    """Known before a fault is reported: what this person may read about incidents at the site that are not over."""
    if not principal.may(P.NOTICE_VIEW):
        return ()
    query = (
        select(Notice.uuid, Notice.title, Notice.starts_at, Notice.service_impacting)
        .join(NoticeSite, NoticeSite.notice_id == Notice.id)
        .where(Notice.category == "incident", NoticeSite.site_id == site_id, IS_OPEN)
        .where(Notice.published_at.is_not(None))
        .order_by(Notice.starts_at.desc().nulls_last(), Notice.id.desc())
        .limit(20)
    )
    with reading(engine, principal, P.NOTICE_VIEW) as connection:
        return tuple(Incident(*list(row)) for row in connection.execute(query))


def people_at(engine: Engine, principal: Principal, account_id: int) -> tuple[tuple[int, str], ...]:
    """Id and name of the account's people: whom to tell, and in whose name the desk may file."""
    who = principal if principal.is_staff else principal.looking_at((account_id,))
    with reading(engine, who, P.TICKET_WORK, *VIEWS) as connection:
        return people_of(connection, account_id)
