"""Invoices: what is owed, until when, and what was paid."""

from __future__ import annotations

from data.invoices import INVOICES
from pages.portal.invoice.drawer import invoice_drawer
from rules.principal import Principal
from ui import look
from ui.list_view import list_view
from ui.text import _


def show(principal: Principal) -> None:
    look.title(_("Invoices"))
    list_view(INVOICES, principal, more=invoice_drawer(principal), fields=False)
