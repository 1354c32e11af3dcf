"""Inventory: what the customer has with us, and where."""

from __future__ import annotations

from data.inventory import INVENTORY
from rules.principal import Principal
from ui import look
from ui.list_view import list_view
from ui.text import _


def show(principal: Principal) -> None:
    look.title(_("Inventory"))
    list_view(INVENTORY, principal)
