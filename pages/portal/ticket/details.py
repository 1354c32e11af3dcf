"""The facts of one ticket: what all kinds share, then what only its kind has; visitors with their way in and out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import streamlit as st

from data.commands import execute
from data.engines import app_engine
from data.ticketing import CheckIn, CheckOut, TicketDetail
from rules.principal import Principal
from rules.request_types import REQUEST_TYPES
from rules.words import N_
from ui.errors import telling
from ui.news import tell
from ui.text import NOTHING, _, date_text, money_text, number_text, plain, term, time_text, translated

#: Columns that no form asks for, with the words for their values where they have some.
_DESKS_OWN: dict[str, tuple[str, str]] = {
    "received_at": (N_("Received"), ""),
    "received_packages": (N_("Packages received"), ""),
    "notified_at": (N_("The customer was told"), ""),
    "storage_until": (N_("Kept until"), ""),
    "proposed_starts_at": (N_("Proposed start"), ""),
    "proposal_answer": (N_("Answer to it"), "remote_hands.proposal"),
}


def show_details(principal: Principal, detail: TicketDetail) -> None:
    facts = {label: value for label, value in _facts(principal, detail).items() if value != NOTHING}
    st.table(facts, border="horizontal")
    if detail.visitors and not is_at_the_door(principal, detail):
        show_visitors(principal, detail)
    if detail.contacts:
        st.markdown(f"**{_('Contacts on site')}**")
        st.markdown("\n".join(f"- {_reach(contact)}" for contact in detail.contacts))


def _facts(principal: Principal, detail: TicketDetail) -> dict[str, str]:
    facts = {
        _("Description"): plain(detail.description) or NOTHING,
        _("Account"): plain(detail.account),
        _("Site"): plain(detail.site) if detail.site else NOTHING,
        _("Cage or cabinet"): plain(detail.space) if detail.space else NOTHING,
        _("Requested by"): plain(detail.requester) if detail.requester else NOTHING,
        _("Your reference"): plain(detail.customer_reference) if detail.customer_reference else NOTHING,
    }
    if principal.is_staff:
        facts[_("Assigned to")] = plain(detail.assignee) if detail.assignee else _("nobody")
    facts[_("Estimated completion")] = plain(time_text(detail.estimated_completion))
    facts |= _of_its_kind(detail)
    if detail.tracking_numbers:
        facts[_("Tracking numbers")] = "  \n".join(plain(number) for number in detail.tracking_numbers)
    if detail.items:
        facts[_("Affected items")] = "  \n".join(plain(item) for item in detail.items)
    if detail.rating is not None:
        stars = "★" * detail.rating + "☆" * (5 - detail.rating)
        facts[_("Rating")] = f"{stars} {plain(detail.rating_comment)}"
    return facts


def _of_its_kind(detail: TicketDetail) -> dict[str, str]:
    """By the words of the form that asked for them."""
    fields = {field.name: field for field in REQUEST_TYPES[detail.ticket.kind].fields}
    known = {"direction": detail.ticket.direction, **detail.details}
    facts = {}
    for name, value in known.items():
        if value is None or value is False:
            continue
        if name in fields:
            facts[translated(fields[name].called(known))] = _said(name, fields[name].vocabulary, value, detail)
        elif name in _DESKS_OWN:
            label, vocabulary = _DESKS_OWN[name]
            facts[translated(label)] = _said(name, vocabulary, value, detail)
    return facts


def _said(name: str, vocabulary: str, value: Any, detail: TicketDetail) -> str:
    """In Markdown, where a Korean date would otherwise be the first entry of a numbered list."""
    match value:
        case True:
            return _("yes")
        case str() if vocabulary:
            return term(vocabulary, value)
        case datetime():
            return plain(time_text(value, zone=detail.site_zone))
        case date():
            return plain(date_text(value))
        case Decimal():
            currency = detail.details.get("currency") if name == "declared_value" else None
            return money_text(value, currency) if currency else number_text(value)
        case int():
            return number_text(value)
    return plain(str(value))


def _reach(contact: Mapping[str, Any]) -> str:
    return " · ".join(plain(contact[name]) for name in ("name", "phone", "email") if contact.get(name))


def is_at_the_door(principal: Principal, detail: TicketDetail) -> bool:
    """Who lets people in and out has them before all else (drawer.py), by name."""
    return principal.is_staff and detail.may_work and detail.ticket.status in ("approved", "checked_in")


def show_visitors(principal: Principal, detail: TicketDetail) -> None:
    st.markdown(f"**{_('Visitors')}**")
    at_the_door = is_at_the_door(principal, detail)
    for visitor in detail.visitors:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"visitor-{visitor['id']}"):
            st.markdown(_visitor(visitor, detail), width="stretch")
            if at_the_door:
                _door(principal, detail, visitor)


def _visitor(visitor: Mapping[str, Any], detail: TicketDetail) -> str:
    who = [plain(visitor[name]) for name in ("company", "email", "mobile") if visitor.get(name)]
    if visitor["id_last_four"]:
        who.append(_("ID …{last_four}", last_four=plain(visitor["id_last_four"])))
    lines = [f"**{plain(visitor['name'])}** :small[:gray[{' · '.join(who)}]]"]
    moves = []
    if visitor["checked_in_at"]:
        moves.append(_("in {time}", time=time_text(visitor["checked_in_at"], zone=detail.site_zone)))
    if visitor["checked_out_at"]:
        moves.append(_("out {time}", time=time_text(visitor["checked_out_at"], zone=detail.site_zone)))
    if moves:
        lines.append(f":small[:green[{' · '.join(moves)}]]")
    return "  \n".join(lines)


def _door(principal: Principal, detail: TicketDetail, visitor: Mapping[str, Any]) -> None:
    number, key = detail.ticket.number, f"door.{visitor['id']}"
    if visitor["checked_in_at"] is None:
        if st.button(_("Check in"), icon=":material/login:", key=f"{key}.in", type="primary"):
            with telling():
                execute(app_engine(), principal, CheckIn(number, visitor["id"]))
                tell(number, _("{who} is checked in.", who=plain(visitor["name"])))
                st.rerun()
    elif visitor["checked_out_at"] is None and st.button(_("Check out"), icon=":material/logout:", key=f"{key}.out"):
        with telling():
            execute(app_engine(), principal, CheckOut(number, visitor["id"]))
            tell(number, _("{who} is checked out.", who=plain(visitor["name"])))
            st.rerun()
