"""Home: the dashboard for those who have one, and for everybody else what they may do here."""

from __future__ import annotations

from pages import LANDING
from pages.portal.dashboard import show_dashboard
from pages.portal.welcome import show_welcome
from rules.permissions import Permission
from rules.principal import Principal
from ui import look, wall
from ui.text import _


def show(principal: Principal) -> None:
    if principal.role is not None:
        wall.to_page(LANDING[principal.role]).follow()
    elif principal.may(Permission.DASHBOARD_VIEW):
        look.title(_("Dashboard"))
        show_dashboard(principal)
    else:
        show_welcome(principal)
