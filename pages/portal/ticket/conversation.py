"""What was said about a ticket, letter by letter, and the box to say more; internal notes look different."""

from __future__ import annotations

import streamlit as st

from data.commands import execute
from data.engines import app_engine
from data.ticketing import Say, TicketDetail
from data.ticketing.reading import Contribution
from data.ticketing.saying import LONGEST
from rules.files import MOST_FILES, Upload
from rules.principal import Principal
from ui.bubbles import Bubble, show_bubble
from ui.drafts import Draft
from ui.form import Sending, beside, file_input, send, send_button
from ui.news import tell
from ui.text import _, plain, time_text

INTERNAL = "internal_note"


def show_conversation(principal: Principal, detail: TicketDetail) -> None:
    """The request itself is the first thing that was said."""
    first = _of_request(principal, detail)
    for bubble in [first, *(_of(said, principal) for said in detail.conversation)]:
        show_bubble(bubble)
    if detail.may_work:
        _reply(principal, detail)


def _of_request(principal: Principal, detail: TicketDetail) -> Bubble:
    is_mine = detail.ticket.requested_by == principal.person_id
    who = _("You") if is_mine else plain(detail.requester) or _("the customer")
    head = f"**{who}** :small[:gray[{time_text(detail.ticket.opened_at)}]]"
    return Bubble("mine" if is_mine else "theirs", "request", head, detail.description)


def _of(said: Contribution, principal: Principal) -> Bubble:
    who = _("You") if said.is_mine else plain(said.author)
    head = f"**{who}** :small[:gray[{time_text(said.written_at)}]]"
    if said.kind == INTERNAL:
        head = f":material/lock: {head} :orange-badge[{_('Internal note')}]"
        return Bubble("internal", str(said.uuid), head, said.body, said.files)
    if not principal.is_staff and said.kind == "staff_reply":
        head = f"{head} :blue-badge[{_('Service desk')}]"
    return Bubble("mine" if said.is_mine else "theirs", str(said.uuid), head, said.body, said.files)


# --- the box


def _reply(principal: Principal, detail: TicketDetail) -> None:
    number = detail.ticket.number
    form = f"reply.{number}"
    sending = Sending.of(form)
    draft = Draft.of(principal, form, body="", kind="reply")
    if sending.done is not None:
        kind = draft.value("kind")
        draft.discard()
        if kind == "internal":  # who notes one thing notes another: nothing goes out by a box that changed by itself
            draft.change({"kind": kind})
        sending.begin_anew()
        tell(number, _("Sent."))
        st.rerun()
    internal = principal.is_staff and draft.value("kind") == "internal"
    with st.container(key=f"reply-{'internal' if internal else 'open'}", gap="small"):
        if principal.is_staff:
            internal = _for_whom(draft)
        body = st.text_area(
            _("Your note for the desk's eyes only") if internal else _("Your reply"),
            max_chars=LONGEST,
            height=90,
            placeholder=_hint(principal, detail, internal),
            **draft.field("body"),
        )
        files = _files(draft, is_open=bool(sending.refused))
        for problem in sending.refused:
            beside(problem)
        if sending.said:
            st.warning(sending.said, icon=":material/sync_problem:")
        label = _("Save internal note") if internal else _("Send reply")
        send_button(sending, label, key=f"{form}.send")
    if sending.is_asked:
        command = Say(number, body or "", files, internal)
        send(sending, draft, lambda key: execute(app_engine(), principal, command, key=key))


def _for_whom(draft: Draft) -> bool:
    words = {"reply": _("Reply to the customer"), "internal": _("Internal note")}
    chosen = st.segmented_control(
        _("For whom"),
        list(words),
        format_func=lambda kind: f":material/lock: {words[kind]}" if kind == "internal" else words[kind],
        required=True,
        label_visibility="collapsed",
        **draft.field("kind"),
    )
    if chosen == "internal":
        st.markdown(f":material/lock: :orange[**{_('Customers never see this.')}**]")
    return bool(chosen == "internal")


def _hint(principal: Principal, detail: TicketDetail, internal: bool) -> str:
    if internal:
        return _("What colleagues should know")
    if principal.is_staff:
        return _("The customer and all watchers get this by mail")
    if detail.ticket.status == "waiting_customer":
        return _("Answer here, and work goes on")
    return _("Write to the service desk")


def _files(draft: Draft, *, is_open: bool) -> tuple[Upload, ...]:
    with st.expander(_("Attach files"), icon=":material/attach_file:", expanded=is_open):
        uploaded = file_input(_("Attach files"), key=f"files.{draft.key_of_deed()}")
        st.caption(_("At most {n} files of 10 MB.", n=MOST_FILES))
    return uploaded
