"""A form in a dialog whose draft is kept, as the portal's own forms are built (ui/drafts.py)."""

from __future__ import annotations

import streamlit as st

from rules.principal import Principal
from ui.drafts import Draft

SITES = ["SEL1", "ICN1"]


def show(principal: Principal) -> None:
    @st.dialog("Request")
    def dialog() -> None:
        draft = Draft.of(principal, "strained", site="SEL1", subject="", description="")
        draft.notice()
        st.selectbox("Site", SITES, **draft.field("site", among=SITES))
        st.text_input("Subject", live="0.3s", **draft.field("subject"))
        st.text_area("Description", **draft.field("description"))
        if st.button("Submit", type="primary"):
            draft.discard()
            st.rerun()

    if st.button("Open the form"):
        dialog()
