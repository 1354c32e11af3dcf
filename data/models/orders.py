"""Orders: what an account asked us to deliver, and how far we are."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import CheckConstraint, Computed, ForeignKey, ForeignKeyConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, Id, Moment, Number, PublicId, Version, Zero, one_of, order_of_list, table_info
from data.models.rows import Hat, following, of_account
from rules.orders import OrderRequest, OrderStatus
from rules.permissions import Permission

_FILTERED = ("status", "request_type", "site_id", "requested_at", "installed_at")


class ServiceOrder(Base):
    """An order (`order` is a word of SQL); its number is unique within the account."""

    __tablename__ = "service_order"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    number: Mapped[Number]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    request_type: Mapped[str]
    status: Mapped[str]
    customer_reference: Mapped[str | None]
    requested_at: Mapped[Moment]
    installed_at: Mapped[Moment | None]
    version: Mapped[Version]
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed("portal.search_vector(account_id, number, coalesce(customer_reference, ''))", persisted=True),
    )
    __table_args__ = (
        UniqueConstraint("account_id", "number"),
        UniqueConstraint("account_id", "id"),
        one_of("request_type", OrderRequest),
        one_of("status", OrderStatus),
        # no staff but account managers see orders, and those go from account to account
        *order_of_list("service_order", "requested", "requested_at", "id", carrying=_FILTERED, for_staff=False),
        *order_of_list("service_order", "installed", "installed_at", "id", carrying=_FILTERED, for_staff=False),
        *order_of_list("service_order", "number", "number", "id", carrying=_FILTERED, for_staff=False),
        *order_of_list("service_order", "status", "status", "requested_at", "id", carrying=_FILTERED, for_staff=False),
        *order_of_list(
            "service_order", "request", "request_type", "requested_at", "id", carrying=_FILTERED, for_staff=False
        ),
        *order_of_list("service_order", "site", "site_id", "requested_at", "id", carrying=_FILTERED, for_staff=False),
        Index("ix_service_order_search", "search", postgresql_using="gin"),
        table_info(of_account(Permission.ORDER_VIEW)),
    )


class OrderLine(Base):
    """One product of an order, where it goes and what it costs."""

    __tablename__ = "order_line"
    id: Mapped[Id]
    account_id: Mapped[int]
    order_id: Mapped[int]
    line: Mapped[int]
    product: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    cabinet: Mapped[str | None]
    one_time_charge: Mapped[Zero]
    monthly_charge: Mapped[Zero]
    currency: Mapped[str | None]
    status: Mapped[str]
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "order_id"], ["service_order.account_id", "service_order.id"]),
        UniqueConstraint("account_id", "order_id", "line"),
        CheckConstraint("quantity > 0", name="quantity"),
        one_of("status", OrderStatus),
        table_info(
            following(
                "service_order",
                ("account_id", "account_id"),
                ("order_id", "id"),
                hats=(Hat.CUSTOMER, Hat.MANY, Hat.STAFF, Hat.MANAGER),
            )
        ),
    )
