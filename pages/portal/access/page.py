"""Access rights: everybody of the account as a list; whoever is opened can be given other rights."""

from __future__ import annotations

from data.access import ACCESS
from pages.portal.access.member import member_drawer
from rules.principal import Principal
from ui import look
from ui.list_view import list_view
from ui.text import _


def show(principal: Principal) -> None:
    look.title(_("Access rights"))
    list_view(ACCESS, principal, more=member_drawer(principal), fields=False)
