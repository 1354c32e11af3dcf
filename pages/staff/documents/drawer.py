"""One document in its drawer: to take along, to publish, to withdraw or, as a draft, to remove."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import streamlit as st

from data.commands import Command, execute
from data.documents import PublishDocument, RemoveDocument, WithdrawDocument
from data.documents.listing import DOCUMENTS
from data.engines import app_engine
from rules.errors import Conflict
from rules.permissions import Permission
from rules.principal import Principal
from ui.errors import sentence, telling
from ui.in_view import report_facts
from ui.news import show_news, tell
from ui.text import _

#: Where it is said what became of a document that has no drawer any more.
HERE = "documents"


def document_drawer(principal: Principal) -> Callable[[Mapping[str, Any]], None]:
    """What `list_view` calls with the row whose drawer is open."""

    def show(row: Mapping[str, Any]) -> None:
        with telling():
            _document(principal, row)

    return show


def _place(document: UUID) -> str:
    return f"document.{document}"


def _document(principal: Principal, row: Mapping[str, Any]) -> None:
    document, version = UUID(str(row["uuid"])), int(row["version"])
    show_news(_place(document), good_stays=True)
    links = [f"[:material/download: {_('Download')}](/documents/{document})"]
    if row["must_accept"] and principal.may(Permission.REPORT_EXPORT):
        query = urlencode(report_facts(principal))
        links.append(f"[:material/table: {_('Who accepted it')}](/reports/acceptances.xlsx?{query})")
    st.markdown(" ".join(links))
    if row["state"] == "draft":
        _draft(principal, document, version, is_asked_for=bool(row["must_accept"]))
    elif st.button(_("Withdraw"), icon=":material/visibility_off:", key="document.withdraw"):
        said = _("It is a draft again: nobody finds it any more.")
        _do(principal, WithdrawDocument(document, version), _place(document), said)


def _draft(principal: Principal, document: UUID, version: int, *, is_asked_for: bool) -> None:
    if is_asked_for:
        st.caption(_("Once it is published, Home asks every customer to accept it."))
    with st.container(horizontal=True, gap="small", key="document-deeds"):
        if st.button(_("Publish"), icon=":material/publish:", type="primary", key="document.publish"):
            _do(principal, PublishDocument(document, version), _place(document), _("It is published."))
        if st.button(_("Remove the draft"), icon=":material/delete:", type="tertiary", key="document.remove"):
            _do(principal, RemoveDocument(document, version), HERE, _("The draft is removed."))


def _do(principal: Principal, command: Command, place: str, said: str) -> None:
    try:
        execute(app_engine(), principal, command)
    except Conflict as refused:
        tell(place, bad=sentence(refused))
    else:
        tell(place, said)
        if isinstance(command, RemoveDocument):
            st.query_params.pop(DOCUMENTS.row_parameter, None)
    st.rerun()
