"""Home: the dashboard for those who have one, and for everybody else what they may do here."""

from __future__ import annotations

from pages import LANDING
from pages.portal.dashboard import show_dashboard
from pages.portal.unavailable import show_nothing_yet
from pages.portal.welcome import show_welcome
from rules.permissions import CUSTOMER_FUNCTIONS, Permission
from rules.principal import Principal
from ui import look, wall
from ui.text import _


def show(principal: Principal) -> None:
    if principal.role is not None:
        wall.to_page(LANDING[principal.role]).follow()
    elif principal.may(Permission.DASHBOARD_VIEW):
        look.title(_("Dashboard"))
        show_dashboard(principal)
    elif not any(map(principal.may, CUSTOMER_FUNCTIONS)):
        show_nothing_yet(principal)
    else:
        show_welcome(principal)
