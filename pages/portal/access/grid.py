"""The grid of functions and data centres as somebody chooses them: a preset first, then each function by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import streamlit as st

from rules.access import GIVEN, Access, MemberRole
from rules.errors import Invalid
from rules.permissions import PRESETS, SITED, Permission
from rules.words import N_
from ui.form import beside
from ui.text import _, plain, term, translated

P = Permission

#: What the functions are about, in the order in which they stand on the screen; together they are rules.access.GIVEN.
GROUPS: tuple[tuple[str, tuple[Permission, ...]], ...] = (
    (N_("Tickets"), (P.TICKET_VIEW_OWN, P.TICKET_VIEW_COMPANY)),
    (N_("Requests"), (P.REMOTE_HANDS_CREATE, P.FAULT_CREATE, P.SHIPMENT_CREATE, P.SITE_VISIT_CREATE)),
    (N_("Orders and inventory"), (P.ORDER_VIEW, P.INVENTORY_VIEW)),
    (N_("Invoices"), (P.INVOICE_VIEW, P.INVOICE_DISPUTE)),
    (N_("Everything else"), (P.DASHBOARD_VIEW, P.REPORT_EXPORT, P.DOCUMENT_VIEW, P.NOTICE_VIEW, P.MESSAGE_USE)),
)


class Fields(Protocol):
    """Where what is chosen stands: `Kept` of this tab alone, or a draft (ui/drafts.py)."""

    def field(self, name: str, *, among: Collection[Any] | None = None) -> dict[str, Any]: ...
    def value(self, name: str) -> Any: ...
    def change(self, values: Mapping[str, Any]) -> None: ...


ROLE = "role"


def begins_with(access: Access) -> dict[str, Any]:
    """The fields of a grid, by their names, as they begin with what holds."""
    held = {str(function): function in access.rights for function in GIVEN}
    sites = {_sites(function): sorted(access.rights.get(function) or ()) for function in GIVEN}
    return {ROLE: str(access.role), **held, **sites}


def _sites(function: Permission) -> str:
    """The name of the field that says where it holds."""
    return f"{function}.sites"


@dataclass(frozen=True)
class Kept:
    """In this tab, under a key that is another one whenever what is chosen is to begin anew with what holds."""

    key: str
    begins: Mapping[str, Any]

    def field(self, name: str, *, among: Collection[Any] | None = None) -> dict[str, Any]:
        st.session_state.setdefault(self._key(name), self.begins[name])
        return {"key": self._key(name)}

    def value(self, name: str) -> Any:
        return st.session_state.get(self._key(name), self.begins[name])

    def change(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            st.session_state[self._key(name)] = value

    def _key(self, name: str) -> str:
        return f"{self.key}.{name}"


@dataclass(frozen=True)
class Grid:
    """`sites` are names by their ids; `key` is that of its presets, which say what is chosen and are no field."""

    key: str
    fields: Fields
    sites: Mapping[int, str]

    def draw(self, problem: Invalid | None = None) -> Access:
        """What is chosen now. `problem`: that it is nothing."""
        st.segmented_control(
            _("Role"),
            [str(role) for role in MemberRole][::-1],
            required=True,
            format_func=lambda role: term("membership.role", role),
            **self.fields.field(ROLE),
        )
        chosen = self.chosen()
        if chosen.role is MemberRole.PAA:
            return chosen
        st.session_state[f"{self.key}.preset"] = chosen.preset  # also after single functions were changed
        with st.container(gap="xxsmall"):
            st.pills(
                _("Begin with"),
                list(PRESETS),
                format_func=lambda name: term("preset", name),
                key=f"{self.key}.preset",
                on_change=self._take_preset,
            )
            beside(problem)
        for title, functions in GROUPS:
            st.markdown(f"**{translated(title)}**")
            for function in functions:
                self._function(function)
        return chosen

    def chosen(self) -> Access:
        """As the fields say, also before they are drawn."""
        role = MemberRole(self.fields.value(ROLE))
        if role is MemberRole.PAA:
            return Access(role, {})
        held = (function for _title, functions in GROUPS for function in functions if self.fields.value(function))
        return Access(role, {function: self._where(function) for function in held})

    def _where(self, function: Permission) -> frozenset[int] | None:
        return frozenset(self.fields.value(_sites(function)) or ()) or None

    def _function(self, function: Permission) -> None:
        """A tick, and beside it where it holds."""
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            is_held = st.checkbox(term("permission", function), width=270, **self.fields.field(function))
            if is_held and function in SITED:
                st.multiselect(
                    _("Data centers"),
                    list(self.sites),
                    format_func=lambda site: plain(self.sites[site]),
                    placeholder=_("all data centers"),
                    label_visibility="collapsed",
                    **self.fields.field(_sites(function), among=self.sites),
                )

    def _take_preset(self) -> None:
        chosen = st.session_state[f"{self.key}.preset"]
        if chosen is not None:
            everywhere = dict.fromkeys(PRESETS[chosen])
            begins = begins_with(Access(MemberRole.GENERAL, everywhere))
            self.fields.change({name: value for name, value in begins.items() if name != ROLE})
