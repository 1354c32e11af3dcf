"""People: everybody who can sign in, with roles and accounts; an administrator adds staff and shuts people out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import streamlit as st

from auth.new_staff import add_staff
from auth.step_up import confirmed
from data.commands import Done
from data.engines import app_engine
from data.roster import PEOPLE
from pages.staff.people.drawer import person_drawer, tell_whose_roles_count
from rules.fields import Field, FieldKind, Values
from rules.permissions import StaffRole
from rules.principal import Principal
from rules.words import N_
from ui import look
from ui.errors import telling
from ui.form.short import ShortForm, show_short_form
from ui.list_view import list_view
from ui.text import _

#: `/people?new=staff` opens the form.
NEW, STAFF = "new", "staff"
_FIELDS = (
    Field("person_name", N_("Name"), required=True, longest=100),
    Field("email", N_("E-mail"), required=True, longest=254),
    Field("role", N_("Role"), FieldKind.CHOICE, required=True, choices=tuple(StaffRole), vocabulary="staff.role",
          hint=N_("More roles can be given afterwards.")),
)  # fmt: skip


def show(principal: Principal) -> None:
    look.title(_("People"), actions=_new)
    if st.query_params.get(NEW) == STAFF:
        _form(principal)
    list_view(PEOPLE, principal, more=person_drawer(principal))


def _new() -> None:
    if st.button(_("Add staff"), icon=":material/person_add:", type="primary", key="staff.new"):
        st.query_params.from_dict({NEW: STAFF})
        st.rerun()


def _form(principal: Principal) -> None:
    def closed() -> None:
        st.query_params.pop(NEW, None)

    @st.dialog(_("Add staff"), width="medium", icon=":material/person_add:", on_dismiss=closed)
    def dialog() -> None:
        with telling():
            if not confirmed(principal, key="staff.new", scope="fragment"):
                return
            st.caption(_("They get a mail with a link, good for three days, to choose a password."))
            tell_whose_roles_count()
            added = _add(principal)
            if added is not None:
                st.query_params.from_dict({PEOPLE.row_parameter: added["uuid"]})
                st.rerun()

    dialog()


def _add(principal: Principal) -> Mapping[str, Any] | None:
    def deed(values: Values, key: UUID) -> Done:
        role = StaffRole(values["role"])
        return add_staff(app_engine(), principal, values["email"], values["person_name"], role, key=key)

    form = ShortForm("staff.new", N_("Who it is"), "badge", _FIELDS, N_("Add"), deed)
    return show_short_form(principal, form)
