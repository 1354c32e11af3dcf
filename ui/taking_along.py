"""What a page without a list view offers of its rows: the report now, and the same by mail every week or month."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from rules.permissions import Permission
from rules.principal import Principal
from ui.in_view import report_facts
from ui.scheduling import may_schedule, offer_schedule
from ui.text import _

#: In the address of a page that tells how things stood at the end of a day.
DAY = "day"


def report_buttons(principal: Principal, name: str, pairs: Sequence[tuple[str, str]], *, of_now: bool = False) -> None:
    """`pairs` is what the page's address says of the rows; with `of_now` a day among them is for the report by hand
    alone, because what comes every week is of the day on which it comes."""
    if not principal.may(Permission.REPORT_EXPORT):
        return
    query = urlencode((*pairs, *report_facts(principal).items()))
    st.link_button(_("Generate report"), f"/reports/{name}.xlsx?{query}", icon=":material/download:")
    if may_schedule(principal, name):
        lasting = [(key, value) for key, value in pairs if not (of_now and key == DAY)]
        note = _("Each is of the day on which it comes.") if len(lasting) < len(pairs) else ""
        offer_schedule(principal, name, lasting, note=note)
