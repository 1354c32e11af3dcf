"""All lists by the name they have in addresses: what a page shows, `/reports/<name>.xlsx` writes."""

from __future__ import annotations

from data.disputes import DISPUTES
from data.inventory import INVENTORY
from data.invoices import INVOICES
from data.listing import ListSpec
from data.messages import MESSAGES
from data.orders import ORDERS
from data.tickets import TICKETS

LISTS: dict[str, ListSpec] = {spec.name: spec for spec in (TICKETS, ORDERS, INVOICES, DISPUTES, INVENTORY, MESSAGES)}
