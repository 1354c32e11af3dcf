"""A conversation in its drawer: what was said letter by letter, and the box to say more. Opening it is reading it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from data.commands import execute
from data.engines import app_engine
from data.messaging import (
    AddToThread,
    Conversation,
    Linked,
    Message,
    SayInThread,
    conversation_of,
    mark_read,
    may_join,
)
from data.messaging.reading import PAGE_SIZE
from rules.messages import LONGEST, About, Desk, Side
from rules.principal import Principal
from rules.words import N_
from ui.bubbles import Bubble, show_bubble
from ui.errors import telling
from ui.form.replying import reply_box
from ui.news import show_news, tell
from ui.state import Remembered
from ui.text import _, n_, plain, term, time_text, translated

FILES_AT = "/attachments/messages"
#: Kind → its page, the parameter by which that opens one, and whether by number.
PLACES: dict[About, tuple[str, str, bool]] = {
    About.TICKET: ("tickets", "ticket", True),
    About.INVOICE: ("invoices", "invoice", False),
    About.ORDER: ("orders", "order", False),
}
_ICONS = {About.TICKET: "support_agent", About.INVOICE: "receipt_long", About.ORDER: "shopping_cart"}
_HINTS: dict[Desk, str] = {
    Desk.ACCOUNT_MANAGER: N_("Write to your account manager"),
    Desk.FINANCE: N_("Write to finance"),
    Desk.SERVICE_DESK: N_("Write to the service desk"),
}


@dataclass
class Back(Remembered):
    """How many of the last messages are shown in this tab."""

    most: int = PAGE_SIZE

    def further(self) -> None:
        self.most += PAGE_SIZE


def conversation_drawer(principal: Principal) -> Callable[[Mapping[str, Any]], None]:
    """What `list_view` calls with the row whose drawer is open."""
    principal = principal.anywhere()

    def opened(row: Mapping[str, Any]) -> None:
        with telling():
            its = conversation_of(app_engine(), principal, row["uuid"], most=Back.of(str(row["uuid"])).most)
            if its.is_unread:
                mark_read(app_engine(), principal, its)
                if row["state"] is not None:
                    st.rerun()  # the row behind says so too
            show_conversation(principal, its)

    return opened


def show_conversation(principal: Principal, its: Conversation) -> None:
    with st.container(gap="small", key=f"conversation-{its.uuid}"):
        show_news(f"thread.{its.uuid}")
        _head(principal, its)
        _join(principal, its)
        if its.earlier:
            words = n_("{n} earlier message", "{n} earlier messages", its.earlier)
            st.button(words, icon=":material/history:", type="tertiary", key=f"earlier.{its.uuid}",
                      on_click=Back.of(str(its.uuid)).further)  # fmt: skip
        for message in its.messages:
            show_bubble(_bubble(its, message))
        _reply(principal, its)


def _head(principal: Principal, its: Conversation) -> None:
    desk = term("message.desk", its.desk)
    people = ", ".join(_("You") if is_me else plain(name) for name, is_me in its.people)
    lines = [f":material/forum: {people} · {desk}" if people else f":material/forum: {desk}"]
    if principal.is_staff or len(principal.accounts) > 1:
        lines.append(f":material/apartment: {plain(its.account)}")
    if its.about is not None:
        lines.append(_link(its.about))
    st.markdown("  \n".join(f":small[:gray[{line}]]" for line in lines))


def _join(principal: Principal, its: Conversation) -> None:
    """Colleagues who could take part as well; nothing where there is none. No popover: the keyboard could not enter it
    from within a drawer."""
    offered = may_join(app_engine(), principal, its.uuid, its.account_id)
    if not offered:
        return
    with st.expander(_("Add colleagues"), icon=":material/person_add:", key=f"join.{its.uuid}"):
        st.caption(_("They read all of it from the beginning, and hear of it by mail."))
        chosen = st.multiselect(
            _("Colleagues"), list(offered), format_func=offered.__getitem__, placeholder=_("Choose"),
            key=f"join.{its.uuid}.who",
        )  # fmt: skip
        if st.button(_("Add"), type="primary", disabled=not chosen, key=f"join.{its.uuid}.add"):
            done = execute(app_engine(), principal, AddToThread(its.uuid, tuple(chosen)))
            names = ", ".join(plain(name) for name in done["added"])
            tell(f"thread.{its.uuid}", _("They take part now: {names}", names=names) if names else "")
            st.rerun()


def _link(about: Linked) -> str:
    page, parameter, by_number = PLACES[about.kind]
    value = about.number if by_number else str(about.uuid)
    return f":material/{_ICONS[about.kind]}: [{plain(about.number)}](/{page}?{parameter}={value})"


def _bubble(its: Conversation, message: Message) -> Bubble:
    who = _("You") if message.is_mine else plain(message.author)
    head = f"**{who}** :small[:gray[{time_text(message.written_at)}]]"
    if message.side is Side.STAFF:
        head += f" :blue-badge[{term('message.desk', its.desk)}]"
    look = "mine" if message.is_mine else "theirs"
    return Bubble(look, str(message.uuid), head, message.body, message.files, FILES_AT)


def _reply(principal: Principal, its: Conversation) -> None:
    hint = _("Whoever takes part reads this") if principal.is_staff else translated(_HINTS[its.desk])
    reply_box(
        principal, f"message.say.{its.uuid}", its.uuid, partial(SayInThread, its.uuid),
        place=f"thread.{its.uuid}", hint=hint, longest=LONGEST,
    )  # fmt: skip
