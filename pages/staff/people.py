"""People: everybody who can sign in, with their roles and accounts."""

from __future__ import annotations

from data.roster import PEOPLE
from rules.principal import Principal
from ui import look
from ui.list_view import list_view
from ui.text import _


def show(principal: Principal) -> None:
    look.title(_("People"))
    list_view(PEOPLE, principal)
