"""What a customer has with us: cages, cabinets, circuits, cross connects, ports and hardware."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import (
    Base,
    Created,
    Id,
    Money,
    Number,
    PublicId,
    Version,
    one_of,
    order_of_list,
    table_info,
)
from data.models.rows import of_account
from rules.inventory import ItemKind, ItemStatus
from rules.permissions import Permission

_FILTERED = ("kind", "status", "site_id", "contract_end")


class InventoryItem(Base):
    """One asset of an account at a site; what only its kind has stands in `attributes`."""

    __tablename__ = "inventory_item"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asset_number: Mapped[Number]
    kind: Mapped[str]
    label: Mapped[str]
    customer_label: Mapped[str | None]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    location: Mapped[str | None]
    cabinet: Mapped[str | None]
    status: Mapped[str]
    installed_on: Mapped[date | None]
    contract_end: Mapped[date | None]
    monthly_charge: Mapped[Money | None]
    currency: Mapped[str | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    created_at: Mapped[Created]
    version: Mapped[Version]
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            "portal.search_vector(account_id, asset_number, label || ' ' || coalesce(customer_label, '') || ' ' || "
            "coalesce(location, '') || ' ' || coalesce(cabinet, ''))",
            persisted=True,
        ),
    )
    __table_args__ = (
        UniqueConstraint("account_id", "asset_number"),
        UniqueConstraint("account_id", "id"),
        one_of("kind", ItemKind),
        one_of("status", ItemStatus),
        CheckConstraint("monthly_charge >= 0", name="monthly_charge"),
        CheckConstraint("contract_end >= installed_on", name="contract_end"),
        *order_of_list("inventory_item", "number", "asset_number", "id", carrying=_FILTERED),
        *order_of_list("inventory_item", "kind", "kind", "asset_number", "id", carrying=_FILTERED),
        *order_of_list("inventory_item", "site", "site_id", "asset_number", "id", carrying=_FILTERED),
        *order_of_list("inventory_item", "status", "status", "asset_number", "id", carrying=_FILTERED),
        *order_of_list("inventory_item", "contract_end", "contract_end", "id", carrying=_FILTERED),
        # what is planned or gone has its contracts' ends at either end of the order above
        *order_of_list("inventory_item", "status_end", "status", "contract_end", "id", carrying=_FILTERED),
        Index("ix_inventory_item_search", "search", postgresql_using="gin"),
        table_info(of_account(Permission.INVENTORY_VIEW)),
    )
