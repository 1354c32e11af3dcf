"""The link with which somebody turns mail off: signed with who they are and what it is about, good for nothing else."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine, text

from data.instance import portal_secret
from data.settings import settings
from rules.topics import Channel, Topic, usual_channel

#: What stands for the daily digest as a whole, where others name a topic.
_DIGEST = "digest"


@dataclass(frozen=True)
class StopMail:
    """Whose mail, and about what; None: all that comes in their daily digest."""

    person: UUID
    topic: Topic | None

    @property
    def link(self) -> str:
        """Whoever has it can do this and nothing more, as often as they like: so it need not end."""
        return f"{settings().base_url}/unsubscribe?t={self}.{self._signature()}"

    def __str__(self) -> str:
        return f"{self.person}.{self.topic or _DIGEST}"

    def _signature(self) -> str:
        made = hmac.digest(portal_secret(settings()).encode(), f"stop mail {self}".encode(), "sha256")
        return urlsafe_b64encode(made[:24]).decode()

    @classmethod
    def of(cls, token: str) -> StopMail | None:
        """What a link asks for, if it is one of ours."""
        person, what, signature = (*token.split("."), "", "", "")[:3]
        try:
            asked = cls(UUID(person), None if what == _DIGEST else Topic(what))
        except ValueError:
            return None
        known = hmac.compare_digest(token.encode(), f"{asked}.{asked._signature()}".encode())
        return asked if known and signature else None


def stop_mail(engine: Engine, asked: StopMail, *, address: str | None) -> bool:
    """From now on these news are in the portal alone. False where there is nobody any more who gets any."""
    topics = tuple(Topic) if asked.topic is None else (asked.topic,)
    ways = (Channel.DIGEST,) if asked.topic is None else (Channel.MAIL, Channel.DIGEST)
    usual = [topic for topic in topics if usual_channel(topic) in ways]
    statement = text("select signin.stop_mail(:who, :usual, :topics, :ways, :address)")
    values = {"who": asked.person, "usual": usual, "topics": list(topics), "ways": list(ways), "address": address}
    with engine.begin() as connection:
        return bool(connection.scalar(statement, values))
