"""Documents: guides and policies for everybody, papers of single accounts; administrators upload and publish them."""

from __future__ import annotations

import streamlit as st

from data.commands import execute
from data.documents import TakeOverPolicies
from data.documents.listing import DOCUMENTS
from data.engines import app_engine
from pages.staff.documents.drawer import HERE, document_drawer
from pages.staff.documents.form import upload
from rules.principal import Principal
from ui import look
from ui.errors import telling
from ui.list_view import list_view
from ui.list_view.proved import deliver_once_proved
from ui.news import show_news, tell
from ui.text import _, n_

#: `/documents?new=document` opens the form.
NEW, DOCUMENT = "new", "document"


def show(principal: Principal) -> None:
    look.title(_("Documents"), actions=lambda: _deeds(principal))
    show_news(HERE, good_stays=True)
    if st.query_params.get(NEW) == DOCUMENT:
        _form(principal)
    deliver_once_proved("acceptances", principal)
    list_view(DOCUMENTS, principal, more=document_drawer(principal))


def _deeds(principal: Principal) -> None:
    with st.popover(_("Policies of the portal"), icon=":material/policy:", key="documents.policies"):
        said = _(
            "The portal comes with policies of an invented company. They become drafts, which you can download and "
            "change before you publish what is yours."
        )
        st.markdown(said)
        if st.button(_("Take over as drafts"), icon=":material/file_copy:", key="documents.take_over"):
            _take_over(principal)
    if st.button(_("Upload a document"), icon=":material/upload_file:", type="primary", key="documents.new"):
        st.query_params.from_dict({NEW: DOCUMENT})
        st.rerun()


def _take_over(principal: Principal) -> None:
    with telling():
        n = execute(app_engine(), principal, TakeOverPolicies())["documents"]
        tell(HERE, n_("{n} draft is there.", "{n} drafts are there.", n) if n else _("They are there already."))
        st.rerun()


def _form(principal: Principal) -> None:
    def closed() -> None:
        st.query_params.pop(NEW, None)

    @st.dialog(_("Upload a document"), width="medium", icon=":material/upload_file:", on_dismiss=closed)
    def dialog() -> None:
        with telling():
            done = upload(principal)
            if done is not None:
                st.query_params.from_dict({DOCUMENTS.row_parameter: done["uuid"]})
                st.rerun()

    dialog()
