"""Messages: conversations with the people who look after the account, the liveliest first."""

from __future__ import annotations

from uuid import UUID

import pandas as pd
import streamlit as st

from data.engines import app_engine
from data.messages import Conversation, Message, ThreadRow, get_conversation, list_threads, mark_read
from rules.errors import NotFound
from rules.principal import Principal
from ui import look
from ui.asking import page_number, page_turner
from ui.errors import telling
from ui.text import _, date_pattern, n_, plain, reader, time_text


def show(principal: Principal) -> None:
    opened = _opened(principal)
    look.title(_("Messages"))
    found = list_threads(app_engine(), principal, page=page_number())
    with look.card(key="messages"):
        if found.rows:
            _table(found.rows, with_account=len({row.account for row in found.rows}) > 1 or principal.is_staff)
            page_turner(found.pages)
        else:
            st.markdown(f":material/forum: {_('Nobody has written yet.')}")
            st.markdown(f":small[:gray[{_('Conversations with the people who look after you appear here.')}]]")
    if opened is not None:
        _drawer(opened)


def _table(rows: tuple[ThreadRow, ...], *, with_account: bool) -> None:
    def on_open() -> None:
        click = st.session_state["messages.open"]
        if click is not None:
            st.query_params["thread"] = str(rows[int(click["row"])].uuid)

    new = _("New")
    frame = {
        "new": [[new] if row.is_unread else [] for row in rows],
        "subject": [row.subject for row in rows],
        "account": [row.account for row in rows],
        "last": [_last(row) for row in rows],
        "last_at": [row.last_at for row in rows],
    }
    column = st.column_config
    st.dataframe(
        pd.DataFrame(frame),
        hide_index=True,
        column_order=[name for name in frame if with_account or name != "account"],
        column_config={
            "new": column.MultiselectColumn("", width=62, options=[new], color="blue"),
            "subject": column.ButtonColumn(
                _("Subject"), width=300, type="tertiary", alignment="left", key="messages.open", on_click=on_open
            ),
            "account": column.TextColumn(_("Account"), width=140),
            "last": column.TextColumn(_("Last message"), width=420),
            "last_at": column.DatetimeColumn(
                _("Time"), width=150, format=date_pattern(with_time=True), timezone=reader().time_zone
            ),
        },
        row_height=36,
        height="content",
        key="messages.table",
        alt=_("Messages"),
    )


def _last(row: ThreadRow) -> str:
    return f"{row.last_author}: {' '.join((row.last_words or '').split())}" if row.last_author else ""


def _opened(principal: Principal) -> Conversation | None:
    """The thread in the address. Opening is reading, and the envelope above, drawn before, is drawn again."""
    asked = st.query_params.get("thread")
    if asked is None:
        return None
    try:
        conversation = get_conversation(app_engine(), principal, UUID(asked))
    except ValueError:
        raise NotFound(asked) from None
    if conversation.row.is_unread:
        mark_read(app_engine(), principal, conversation.row)
        st.rerun()
    return conversation


def _drawer(conversation: Conversation) -> None:
    def closed() -> None:
        st.query_params.pop("thread", None)

    @st.dialog(_("Conversation"), width="medium", position="right", on_dismiss=closed)
    def drawer() -> None:
        with telling():
            show_conversation(conversation)

    drawer()


def show_conversation(conversation: Conversation) -> None:
    """From its beginning; what people wrote is shown letter by letter."""
    st.subheader(plain(conversation.row.subject), anchor=False)
    st.markdown(f":small[:gray[{plain(conversation.row.account)}]]")
    if conversation.earlier:
        st.markdown(f":small[{n_('{n} earlier message', '{n} earlier messages', conversation.earlier)}]")
    for message in conversation.messages:
        _message(message)


def _message(message: Message) -> None:
    with st.chat_message("user" if message.is_mine else "assistant", avatar=":material/person:"):
        who = _("You") if message.is_mine else plain(message.author)
        st.markdown(f"**{who}** :small[:gray[{time_text(message.written_at)}]]")
        st.text(message.body)
