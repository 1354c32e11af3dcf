"""Messages: conversations with the people who look after the account, the liveliest first."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from data.engines import app_engine
from data.messages import Conversation, Message, ThreadRow, get_conversation, list_threads, mark_read
from rules.errors import NotFound
from rules.principal import Principal
from ui import look, table
from ui.asking import page_number, page_turner
from ui.errors import telling
from ui.text import _, n_, plain, time_text


def show(principal: Principal) -> None:
    opened = _opened(principal)
    look.title(_("Messages"))
    found = list_threads(app_engine(), principal, page=page_number())
    with look.card(key="messages"):
        if found.rows:
            _table(found.rows, with_account=len(principal.chosen) > 1 or principal.is_staff)
            page_turner(found.pages)
        else:
            st.markdown(f":material/forum: {_('Nobody has written yet.')}")
            st.markdown(f":small[:gray[{_('Conversations with the people who look after you appear here.')}]]")
    if opened is not None:
        _drawer(opened)


def _table(rows: tuple[ThreadRow, ...], *, with_account: bool) -> None:
    def opened(at: int) -> None:
        st.query_params["thread"] = str(rows[at].uuid)

    accounts = {"account": table.words(_("Account"), [row.account for row in rows], 140)} if with_account else {}
    table.show(
        {
            "new": table.badges("", [_("New") if row.is_unread else "" for row in rows], "blue", 62),
            "subject": table.link(_("Subject"), [row.subject for row in rows], opened, width=300, pinned=False),
            **accounts,
            "last": table.words(_("Last message"), [_last(row) for row in rows], 420),
            "last_at": table.moments(_("Time"), [row.last_at for row in rows], 150),
        },
        key="messages",
        label=_("Messages"),
    )


def _last(row: ThreadRow) -> str:
    return f"{row.last_author}: {' '.join((row.last_words or '').split())}" if row.last_author else ""


def _opened(principal: Principal) -> Conversation | None:
    """The thread in the address. Opening is reading, and the envelope above, drawn before, is drawn again."""
    asked = st.query_params.get("thread")
    if asked is None:
        return None
    try:
        conversation = get_conversation(app_engine(), principal.anywhere(), UUID(asked))
    except ValueError:
        raise NotFound(asked) from None
    if conversation.row.is_unread:
        mark_read(app_engine(), principal.anywhere(), conversation.row)
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
