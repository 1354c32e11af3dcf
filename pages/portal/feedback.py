"""Feedback: what a customer thinks of the portal, of whatever page they come from; for staff, the list of all of it."""

from __future__ import annotations

import streamlit as st

from data.commands import execute
from data.engines import app_engine
from data.feedback import FEEDBACK, SendFeedback, Sent, sent_by
from rules.errors import Invalid
from rules.feedback import LONGEST
from rules.principal import Principal
from rules.words import N_
from ui import look
from ui.drafts import Draft
from ui.form import Sending, beside, send, send_button
from ui.list_view import list_view
from ui.news import show_news, tell
from ui.text import _, plain, term, terms, time_text

#: The page that somebody came from stands in the address (static/header.js).
FROM = "from"
#: The pages of customers, by their addresses.
PAGE = "feedback.page"
_FORM = "feedback"


def show(principal: Principal) -> None:
    look.title(_("Feedback"))
    if principal.is_staff:
        list_view(FEEDBACK, principal)
        return
    show_news(_FORM, good_stays=True)
    with look.card(_("What do you think of the portal?"), key="feedback"):
        _form(principal)
    sent = sent_by(app_engine(), principal)
    if sent:
        with look.card(_("What you have sent"), key="feedback-sent"):
            for one in sent:
                _entry(one)


def _form(principal: Principal) -> None:
    sending = Sending.of(_FORM)
    page = _page()
    draft = Draft.of(principal, _FORM, rating=None, body="")
    if sending.done is not None:
        draft.discard()
        sending.begin_anew()
        tell(_FORM, _("Thank you. Your account manager and the service desk read it."))
        st.rerun()
    draft.notice(sending.begin_anew)
    st.markdown(f":small[:gray[:material/web: {_('About the page {page}', page=plain(term(PAGE, page)))}]]")
    with st.container(gap="xxsmall"):
        st.markdown(_("Your rating"))
        stars = st.feedback("stars", **draft.field("rating"))
        if sending.turns and stars is None:
            beside(Invalid(N_("Please choose a number of stars."), "rating"))
    body = st.text_area(
        f"{_('In your words')} · {_('optional')}",
        max_chars=LONGEST,
        height=120,
        placeholder=_("What works well, what is missing, what is in your way"),
        **draft.field("body"),
    )
    for problem in sending.refused:
        beside(problem)
    if sending.said:
        st.warning(sending.said, icon=":material/sync_problem:")
    send_button(sending, _("Send feedback"), key=f"{_FORM}.send")
    if sending.is_asked and stars is None:
        sending.fail()
        st.rerun()
    if sending.is_asked:
        command = SendFeedback(int(stars) + 1, body or "", page)
        send(sending, draft, lambda key: execute(app_engine(), principal, command, key=key))


def _page() -> str:
    """The address of one of our pages, and nothing else that somebody could write there."""
    said = st.query_params.get(FROM, "/")
    return said if said in terms(PAGE) else "/"


def _entry(sent: Sent) -> None:
    with st.container(gap="xxsmall"):
        stars, when = term("feedback.rating", str(sent.rating)), time_text(sent.written_at)
        st.markdown(f"**{stars}** :small[:gray[{when} · {plain(term(PAGE, sent.page))}]]")
        if sent.body:
            st.text(sent.body)
