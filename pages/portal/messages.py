"""Messages: conversations with the people who look after the account, the liveliest first."""

from __future__ import annotations

from data.messages import MESSAGES
from pages.portal.message.beginning import form_asked_for, new_message_button
from pages.portal.message.conversation import conversation_drawer
from rules.principal import Principal
from ui import look
from ui.list_view import list_view
from ui.text import _


def show(principal: Principal) -> None:
    look.title(_("Messages"), actions=lambda: new_message_button(principal))
    list_view(MESSAGES, principal, more=conversation_drawer(principal), fields=False)
    form_asked_for(principal)
