"""Orders: what an account asked us to deliver, and how far we are."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Date, Engine, and_, cast, func, select

from data.database import reading
from data.listing.spec import HIDDEN, Choice, Column, Kind, ListSpec, Period, Place, Sort
from data.listing.summary import Chart, Dimension
from data.models import Account, OrderLine, ServiceOrder, Site
from rules.orders import OrderRequest, OrderStatus
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

_o = ServiceOrder.__table__

ORDERS = ListSpec(
    name="orders",
    title=N_("Orders"),
    permissions=(Permission.ORDER_VIEW,),
    table=_o,
    source=_o.outerjoin(Site.__table__, Site.id == _o.c.site_id).join(
        Account.__table__, Account.id == _o.c.account_id
    ),
    columns=(
        Column("number", N_("Number"), _o.c.number, Kind.NUMBER, width=150),
        Column("status", N_("Status"), _o.c.status, Kind.TERM, "order.status", width=130),
        Column("account", N_("Account"), Account.name, names_account=True),
        Column("request_type", N_("Request"), _o.c.request_type, Kind.TERM, "order.request_type", width=120),
        Column("site", N_("Site"), Site.name, width=130),
        Column("customer_reference", N_("Your reference"), _o.c.customer_reference, width=220),
        Column("requested_at", N_("Requested"), _o.c.requested_at, Kind.MOMENT, width=150),
        Column("installed_at", N_("Installed"), _o.c.installed_at, Kind.MOMENT, width=150),
        Column("uuid", "", _o.c.uuid, shown=HIDDEN),
    ),
    filters=(
        Choice("status", N_("Status"), "order.status", tuple(OrderStatus), lambda _c, values: _o.c.status.in_(values)),
        Choice("request_type", N_("Request"), "order.request_type", tuple(OrderRequest),
               lambda _c, values: _o.c.request_type.in_(values)),
        Place(_o.c.site_id),
        Period("requested", N_("Requested"), _o.c.requested_at, of_moment=True),
        Period("installed", N_("Installed"), _o.c.installed_at, of_moment=True),
        Period("moved", N_("Requested or installed"), func.greatest(_o.c.requested_at, _o.c.installed_at),
               of_moment=True),
    ),
    sorts=(
        Sort("newest", N_("Newest first"), _o.c.requested_at, descending=True),
        Sort("oldest", N_("Oldest first"), _o.c.requested_at),
        Sort("number", N_("By number"), _o.c.number),
    ),
    bar=("status", "request_type", "site"),
    row_key=_o.c.uuid,
    row_parameter="order",
    number=_o.c.number,
    finder="find_service_order",
    searched=N_("Search finds orders by their number or a part of it, and by your reference or how it begins."),
    charts=(
        Chart(
            "status",
            N_("By status and request"),
            Dimension("status", _o.c.status, None, "order.status"),
            Dimension("request_type", _o.c.request_type, None, "order.request_type"),
        ),
        Chart(
            "requested",
            N_("By month requested"),
            Dimension(
                "requested",
                cast(func.date_trunc("month", func.timezone("UTC", _o.c.requested_at)), Date),
                None,
                is_month=True,
            ),
            Dimension("status", _o.c.status, None, "order.status"),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class OrderLineRow:
    """One product of an order: how much of it, where, how far it is and what it costs."""

    product: str
    quantity: Decimal
    site: str | None
    cabinet: str | None
    status: OrderStatus
    one_time_charge: Decimal
    monthly_charge: Decimal
    currency: str | None


def lines_of(engine: Engine, principal: Principal, order: UUID) -> tuple[OrderLineRow, ...]:
    """None of an order that is not theirs to see, as of one that never was."""
    line = OrderLine
    its_order = and_(ServiceOrder.account_id == line.account_id, ServiceOrder.id == line.order_id)
    query = (
        select(line.product, line.quantity, Site.name, line.cabinet, line.status,
               line.one_time_charge, line.monthly_charge, line.currency)
        .join(ServiceOrder, its_order)
        .outerjoin(Site, Site.id == line.site_id)
        .where(ServiceOrder.uuid == order)
        .order_by(line.line)
    )  # fmt: skip
    with reading(engine, principal, Permission.ORDER_VIEW) as connection:
        return tuple(OrderLineRow(*row) for row in connection.execute(query))
