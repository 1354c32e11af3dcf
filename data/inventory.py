"""Inventory: what a customer has with us."""

from __future__ import annotations

from data.listing.spec import HIDDEN, NOT_IN_TABLE, Choice, Column, Kind, ListSpec, Period, Place, Sort
from data.listing.summary import Chart, Dimension
from data.models import Account, InventoryItem, Site
from rules.inventory import ItemKind, ItemStatus
from rules.permissions import Permission
from rules.words import N_

_a = InventoryItem.__table__

INVENTORY = ListSpec(
    name="inventory",
    title=N_("Inventory"),
    permissions=(Permission.INVENTORY_VIEW,),
    table=_a,
    source=_a.outerjoin(Site.__table__, Site.id == _a.c.site_id).join(
        Account.__table__, Account.id == _a.c.account_id
    ),
    columns=(
        Column("asset_number", N_("Asset number"), _a.c.asset_number, Kind.NUMBER, width=130),
        Column("account", N_("Account"), Account.name, names_account=True),
        Column("kind", N_("Type"), _a.c.kind, Kind.TERM, "inventory.kind", width=130),
        Column("label", N_("Label"), _a.c.label, width=220),
        Column("customer_label", N_("Your label"), _a.c.customer_label, width=160),
        Column("site", N_("Site"), Site.name, width=120),
        Column("location", N_("Location"), _a.c.location, width=130),
        Column("status", N_("Status"), _a.c.status, Kind.TERM, "inventory.status", width=130),
        Column("cabinet", N_("Cabinet"), _a.c.cabinet, shown=NOT_IN_TABLE),
        Column("installed_on", N_("Installed"), _a.c.installed_on, Kind.DATE, shown=NOT_IN_TABLE),
        Column("contract_end", N_("Contract end"), _a.c.contract_end, Kind.DATE, width=120),
        Column("currency", N_("Currency"), _a.c.currency, shown=NOT_IN_TABLE),
        Column("monthly_charge", N_("Monthly charge"), _a.c.monthly_charge, Kind.MONEY, shown=NOT_IN_TABLE),
        Column("attributes", N_("Details"), _a.c.attributes, Kind.ATTRIBUTES, shown=NOT_IN_TABLE),
        Column("uuid", "", _a.c.uuid, shown=HIDDEN),
    ),
    filters=(
        Choice("kind", N_("Type"), "inventory.kind", tuple(ItemKind), lambda _c, values: _a.c.kind.in_(values)),
        Choice("status", N_("Status"), "inventory.status", tuple(ItemStatus),
               lambda _c, values: _a.c.status.in_(values)),
        Place(_a.c.site_id),
        Period("contract_end", N_("Contract end"), _a.c.contract_end),
    ),
    sorts=(
        Sort("number", N_("By number"), _a.c.asset_number),
        Sort("contract_end", N_("Contract ends first"), _a.c.contract_end),
    ),
    bar=("kind", "status", "site"),
    row_key=_a.c.uuid,
    row_parameter="item",
    number=_a.c.asset_number,
    finder="find_inventory_item",
    searched=N_("Search finds items by their number or a part of it, and by words of labels and location or how they "
                "begin."),
    charts=(
        Chart(
            "kind",
            N_("By type and status"),
            Dimension("kind", _a.c.kind, None, "inventory.kind"),
            Dimension("status", _a.c.status, None, "inventory.status"),
        ),
        Chart(
            "site",
            N_("By site and type"),
            Dimension("site", Site.code, None),
            Dimension("kind", _a.c.kind, None, "inventory.kind"),
        ),
    ),
)  # fmt: skip
