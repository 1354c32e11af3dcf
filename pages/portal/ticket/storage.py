"""How long we still keep what arrived; red once the time is over."""

from __future__ import annotations

from datetime import date, datetime

import streamlit as st

from data.ticketing import TicketDetail
from rules.lifecycle import IN_STORAGE
from ui.reader import zone_of
from ui.text import _, date_text, n_


def show_storage(detail: TicketDetail, *, for_staff: bool) -> None:
    until = detail.details.get("storage_until")
    if detail.ticket.status not in IN_STORAGE or not isinstance(until, date):
        return
    left = (until - datetime.now(zone_of(detail.site_zone)).date()).days
    day = date_text(until, weekday=True)
    if left < 0:
        over = n_("{n} day ago", "{n} days ago", -left)
        st.error(_("The storage time ended on {date}, {ago}.", date=day, ago=over), icon=":material/warehouse:")
    elif left <= 1:
        st.warning(_("The storage time ends on {date}.", date=day), icon=":material/warehouse:")
    else:
        words = _("Kept for the customer until {date}.") if for_staff else _("We keep it for you until {date}.")
        st.markdown(f":material/warehouse: {words.format(date=day)}")
