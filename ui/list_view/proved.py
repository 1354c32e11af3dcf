"""A report of people: its route sends whoever has not proved lately that it is they back to the page."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import streamlit as st

from auth.step_up import confirmed
from data.listing import ListSpec
from rules.principal import Principal
from ui.errors import telling
from ui.text import _

#: What the route adds to the page's address, and the page takes away again.
PROVE, REPORT = "prove", "report"
PROVE_FIRST = urlencode({PROVE: REPORT})


def report_once_proved(spec: ListSpec, principal: Principal) -> bool:
    """Of a list: opens the pop-up if its route asked for it; then the report comes, with the same filters."""
    return spec.needs_proof and deliver_once_proved(spec.name, principal)


def deliver_once_proved(name: str, principal: Principal) -> bool:
    """The same of a report by its name, for pages that are no list. False if it was not asked for."""
    if st.query_params.get(PROVE) != REPORT:
        return False

    @st.dialog(_("Generate report"), on_dismiss=_forget)
    def opened() -> None:
        with telling():
            if confirmed(principal, key="report"):
                _deliver(_address(name))

    opened()
    return True


def _address(name: str) -> str:
    """The report's own, as it was asked for."""
    asked = [(key, value) for key in st.query_params for value in st.query_params.get_all(key) if key != PROVE]
    return f"/reports/{name}.xlsx?{urlencode(asked)}"


def _deliver(address: str) -> None:
    """By a navigation that leads to a file, so that the page stays; the link is for browsers that do not follow it."""
    target = escape(address, quote=True)
    st.success(_("Thank you. The report is on its way."), icon=":material/task_alt:")
    refresh = f'<meta http-equiv="refresh" content="0;url={target}">'
    again = escape(_("Download it again"))
    st.markdown(f'{refresh}<a href="{target}" target="_self">{again}</a>', unsafe_allow_html=True)


def _forget() -> None:
    st.query_params.pop(PROVE, None)
