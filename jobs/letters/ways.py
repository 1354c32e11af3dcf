"""By which way a mail reaches its reader: at once, with the day's others, or not at all; and how they stop it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from auth.news import StopMail
from data.settings import settings
from rules.mail import MailKind
from rules.topics import Channel, Topic, topic_of, usual_channel
from ui.terms import term
from ui.words import _

_ASKED = text("select * from authz.way_of(:mail, :topic)")


@dataclass(frozen=True)
class Way:
    """What the reader chose for what this mail is about. No topic: it is sent, whatever they prefer."""

    topic: Topic | None = None
    channel: Channel = Channel.MAIL
    person: UUID | None = None
    next_digest: datetime | None = None

    def stop(self) -> tuple[str, str] | None:
        """The words and the address of the link with which they want no more of it by mail."""
        if self.topic is None or self.person is None:
            return None
        words = _("No more mail about this: {topic}", topic=term("news.topic", self.topic))
        return words, StopMail(self.person, self.topic).link

    @property
    def is_by_mail(self) -> bool:
        return self.channel in (Channel.MAIL, Channel.DIGEST)


def way_of(connection: Connection, mail: int, kind: MailKind, context: Mapping[str, Any]) -> Way:
    """An outside address chooses nothing: it leaves by the link of what it watches."""
    topic = topic_of(kind, context.get("category"))
    if topic is None:
        return Way()
    row = connection.execute(_ASKED, {"mail": mail, "topic": topic}).one_or_none()
    if row is None:
        return Way()
    channel = Channel(row.channel) if row.channel is not None else usual_channel(topic)
    return Way(topic, channel, row.person, row.next_digest)


def steering_link() -> tuple[str, str]:
    """To where all of it is chosen."""
    return _("Choose what you are told, and how"), f"{settings().base_url}/settings"
