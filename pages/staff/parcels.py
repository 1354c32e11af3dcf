"""Unclaimed parcels: what arrived without a request, how long it is kept, and whose it turns out to be."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from data.engines import app_engine
from data.sites import list_sites
from data.ticketing import ParcelRow, ParcelsAsked, list_parcels
from data.ticketing.parcels import MOST, TITLE
from pages.staff.parcel_forms import ASSIGN, NEW, REGISTER, parcel_form_asked_for
from rules.principal import Principal
from ui import look, table, wall
from ui.asking import choose_among, page_turner, rows_on_page, words_to_look_for
from ui.news import show_news
from ui.taking_along import report_buttons
from ui.text import _, date_text, duration_text, n_, number_text, term, time_text, translated

SIZE = 25


def show(principal: Principal) -> None:
    look.title(translated(TITLE), actions=_register)
    show_news("parcels")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="filters-parcels"):
        words = words_to_look_for(_("Tracking number or addressee"))
        sites = {site.code: site.name for site in list_sites(app_engine(), principal)}
        site = choose_among("site", _("Site"), sites)
        report_buttons(principal, "parcels", [(key, value) for key, value in (("q", words), ("site", site)) if value])
    found = list_parcels(app_engine(), principal, ParcelsAsked(words, site))
    parcel_form_asked_for(principal, found)
    if not found:
        said = _("No parcel waits for its owner.") if not (words or site) else _("No parcel matches.")
        with look.card(key="parcels-nothing"):
            st.markdown(f":material/inbox: {said}")
            if words:
                st.caption(_("Search finds parcels by a part of their tracking number, addressee or note."))
        return
    with wall.cards(1).cell():
        st.markdown(_counted(found))
        _table(found)


def _counted(found: tuple[ParcelRow, ...]) -> str:
    n, late = len(found), sum(row.is_late for row in found)
    words = n_("**{n}** parcel waits", "**{n}** parcels wait", n)
    if n == MOST:
        words = _("The **{n}** that wait longest", n=number_text(n))
    if not late:
        return words
    return f"{words} · :red[{n_('**{n}** longer than we keep them', '**{n}** longer than we keep them', late)}]"


def _register() -> None:
    if st.button(_("Register a parcel"), icon=":material/add:", type="primary", key="parcel.new"):
        st.query_params[NEW] = REGISTER
        st.rerun()


def _table(found: tuple[ParcelRow, ...]) -> None:
    rows, pages = rows_on_page(found, SIZE)

    def opened(at: int) -> None:
        st.query_params[ASSIGN] = str(rows[at].uuid)

    late, now = [_late(row) for row in rows], datetime.now(UTC)
    table.show(
        {
            "number": table.link(_("Tracking number"), [row.tracking_number for row in rows], opened, width=170),
            **({"late": table.badges(_("Storage"), late, "red", 120)} if any(late) else {}),
            "until": table.words(_("Kept until"), [date_text(row.storage_until, weekday=True) for row in rows], 150),
            "addressee": table.words(_("Addressee"), [row.addressee for row in rows], 190),
            "site": table.words(_("Site"), [row.site for row in rows], 100),
            "carrier": table.words(_("Carrier"), [term("shipment.carrier", row.carrier) for row in rows], 110),
            "packages": table.counts(_("Packages"), [row.packages for row in rows], 85),
            "arrived": table.words(_("Arrived"), [time_text(row.arrived_at) for row in rows], 170),
            "waiting": table.words(_("Waiting"), [duration_text(now - row.arrived_at) for row in rows], 110),
            "note": table.words(_("Note"), [row.note or "" for row in rows], 200),
        },
        key="parcels",
        label=translated(TITLE),
    )
    st.caption(_("Click a tracking number to say whose it is."))
    page_turner(pages)


def _late(row: ParcelRow) -> str:
    if not row.is_late:
        return ""
    days = max(1, (datetime.now(UTC).date() - row.storage_until).days)
    return n_("{n} day over", "{n} days over", days)
