"""Conversations behind the envelope: begun, read and answered, and what account managers write to several customers."""

from data.messaging.audience import Candidate, Wanted, audience
from data.messaging.joining import AddToThread, may_join
from data.messaging.reading import (
    Conversation,
    Linked,
    Message,
    Partner,
    conversation_of,
    desks_of,
    linked,
    mark_read,
    partners,
    read_message_file,
)
from data.messaging.several import (
    BeginBroadcast,
    Begun,
    Reached,
    SendBroadcastTo,
    begun_by,
    count_recipients,
    get_broadcast,
)
from data.messaging.writing import SayInThread, StartThread

__all__ = [
    "AddToThread", "BeginBroadcast", "Begun", "Candidate", "Conversation", "Linked", "Message", "Partner", "Reached",
    "SayInThread", "SendBroadcastTo", "StartThread", "Wanted", "audience", "begun_by", "conversation_of",
    "count_recipients", "desks_of", "get_broadcast", "linked", "mark_read", "may_join", "partners", "read_message_file",
]  # fmt: skip
