"""The box below a conversation: words, files, and one button that sends them once."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import streamlit as st

from data.commands import Command, execute
from data.engines import app_engine
from rules.files import MOST_FILES, Upload
from rules.principal import Principal
from ui.drafts import Draft
from ui.form.files import file_input
from ui.form.problems import beside
from ui.form.sending import Sending, send, send_button
from ui.news import tell
from ui.text import _

Saying = Callable[[str, tuple[Upload, ...]], Command]


def reply_box(principal: Principal, form: str, of: UUID, say: Saying, *, place: str, hint: str, longest: int) -> None:
    """Below the conversation `of`; what is typed is kept as a draft, and `say` makes the command of it. What came of it
    is told at `place`."""
    sending = Sending.of(form)
    draft = Draft.of(principal, form, body="")
    if sending.done is not None:
        draft.discard()
        sending.begin_anew()
        tell(place, _("Sent."))
        st.rerun()
    with st.container(key=f"reply-open-{of}", gap="small"):
        body = st.text_area(
            _("Your answer") if principal.is_staff else _("Your reply"),
            max_chars=longest,
            height=90,
            placeholder=hint,
            **draft.field("body"),
        )
        with st.expander(_("Attach files"), icon=":material/attach_file:", expanded=bool(sending.refused)):
            files = file_input(_("Attach files"), key=f"files.{draft.key_of_deed()}")
            st.caption(_("At most {n} files of 10 MB.", n=MOST_FILES))
        for problem in sending.refused:
            beside(problem)
        if sending.said:
            st.warning(sending.said, icon=":material/sync_problem:")
        send_button(sending, _("Send answer") if principal.is_staff else _("Send reply"), key=f"{form}.send")
    if sending.is_asked:
        command = say(body or "", files)
        send(sending, draft, lambda key: execute(app_engine(), principal, command, key=key))
