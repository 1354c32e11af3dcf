"""My documents: contracts, order forms and certificates of the accounts in view; earlier editions below."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from data.documents import Text, account_documents, get_text
from data.engines import app_engine
from pages.portal.help.policies import today
from rules.documents import current
from rules.errors import NotFound
from rules.permissions import Permission
from rules.principal import Principal
from ui import look
from ui.guides import written
from ui.guides.pieces import article, back_to, facts_of, file_link, papers_list
from ui.in_view import tell_left_out
from ui.text import _, plain, reader

#: In the address: a text to read.
WHICH = "document"


def show(principal: Principal) -> None:
    with look.card(key="help-papers"):
        if not principal.may(Permission.DOCUMENT_VIEW):
            st.markdown(f":material/lock: {_('Documents of your account are not among your rights.')}")
            st.caption(_("If you need more, ask the administrator of your account."))
            return
        tell_left_out(principal, Permission.DOCUMENT_VIEW)
        rows = account_documents(app_engine(), principal)
        if not rows:
            st.markdown(f":material/inbox: {_('There is no document of your account yet.')}")
            return
        holds = current(rows, language=reader().language, today=today())
        several = principal.is_staff or len(principal.covering(Permission.DOCUMENT_VIEW).chosen) > 1
        st.html(papers_list(sorted(holds, key=rows.index), with_account=several))
        others = [row for row in rows if row not in holds]
        if others:
            with st.expander(_("Other editions and languages"), icon=":material/history:"):
                st.html(papers_list(others, with_account=several))


def asked_for(principal: Principal) -> Text | None:
    """The text that the address names; None where it does not exist or is not theirs to read."""
    try:
        return get_text(app_engine(), principal.anywhere(), UUID(st.query_params.get(WHICH, "")))
    except (NotFound, ValueError):
        return None


def read(text: Text) -> None:
    """As a page, and to take along."""
    with look.card(key="help-text"):
        st.header(plain(text.row.title), anchor=False)
        st.html(facts_of(text.row))
        if text.markdown is not None:
            st.html("".join(article(section) for section in written(text.markdown).sections))
        st.html(file_link(text.row, _("Download")))
        st.html(back_to("/help?part=documents", _("My documents")))
