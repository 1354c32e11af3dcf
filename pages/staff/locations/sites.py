"""Sites: every data center as a list; an administrator makes new ones, changes what is there and says whom to call."""

from __future__ import annotations

import streamlit as st

from data.engines import app_engine
from data.locations import SITES
from data.sites import sites_changed
from pages.staff.locations.choices import NEW, asked_for_new, new_button
from pages.staff.locations.site_drawer import site_drawer
from pages.staff.locations.site_forms import create
from rules.principal import Principal
from ui import look
from ui.errors import telling
from ui.list_view import list_view
from ui.text import _


def show(principal: Principal) -> None:
    look.title(_("Sites"), actions=lambda: new_button(_("New site")))
    if asked_for_new():
        _form(principal)
    list_view(SITES, principal, more=site_drawer(principal))


def _form(principal: Principal) -> None:
    def closed() -> None:
        st.query_params.pop(NEW, None)

    @st.dialog(_("New site"), width="medium", icon=":material/add_location_alt:", on_dismiss=closed)
    def dialog() -> None:
        with telling():
            made = create(principal)
            if made is not None:
                sites_changed(app_engine())
                st.query_params.from_dict({SITES.row_parameter: made["uuid"]})
                st.rerun()

    dialog()
