"""The grid of functions and data centres as somebody chooses them: a preset first, then each function by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from rules.access import Access, MemberRole
from rules.permissions import PRESETS, SITED, Permission
from rules.words import N_
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


@dataclass(frozen=True)
class Grid:
    """`key` is another one whenever what is chosen is to begin anew with what holds; `sites` are names by their ids."""

    key: str
    begins: Access
    sites: Mapping[int, str]

    def draw(self) -> Access:
        """What is chosen now."""
        role = st.segmented_control(
            _("Role"),
            list(MemberRole)[::-1],
            required=True,
            format_func=lambda role: term("membership.role", role),
            **self._kept("role", self.begins.role),
        )
        if role is MemberRole.PAA:
            return Access(MemberRole.PAA, {})
        chosen = self._chosen()
        st.session_state[f"{self.key}.preset"] = chosen.preset  # also after single functions were changed
        st.pills(
            _("Begin with"),
            list(PRESETS),
            format_func=lambda name: term("preset", name),
            key=f"{self.key}.preset",
            on_change=self._take_preset,
        )
        for title, functions in GROUPS:
            st.markdown(f"**{translated(title)}**")
            for function in functions:
                self._function(function)
        return chosen

    def _chosen(self) -> Access:
        """As the widgets say, which are drawn only afterwards."""
        rights: dict[Permission, frozenset[int] | None] = {}
        for _title, functions in GROUPS:
            for function in functions:
                if st.session_state.get(self._key(function), function in self.begins.rights):
                    sites = st.session_state.get(self._key(function, "sites"), self.begins.rights.get(function))
                    rights[function] = frozenset(sites or ()) or None
        return Access(MemberRole.GENERAL, rights)

    def _function(self, function: Permission) -> None:
        """A tick, and beside it where it holds."""
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            is_held = st.checkbox(
                term("permission", function), width=270, **self._kept(function, function in self.begins.rights)
            )
            if is_held and function in SITED:
                st.multiselect(
                    _("Data centers"),
                    list(self.sites),
                    format_func=lambda site: plain(self.sites[site]),
                    placeholder=_("all data centers"),
                    label_visibility="collapsed",
                    **self._kept(f"{function}.sites", sorted(self.begins.rights.get(function) or ())),
                )

    def _take_preset(self) -> None:
        chosen = st.session_state[f"{self.key}.preset"]
        if chosen is None:
            return
        for _title, functions in GROUPS:
            for function in functions:
                st.session_state[self._key(function)] = function in PRESETS[chosen]
                st.session_state[self._key(function, "sites")] = []

    def _kept(self, name: str, begins: Any) -> dict[str, str]:
        """The key of a widget that begins with what holds."""
        key = self._key(name)
        st.session_state.setdefault(key, begins)
        return {"key": key}

    def _key(self, *names: str) -> str:
        return ".".join((self.key, *names))
