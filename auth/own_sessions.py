"""The browsers somebody is signed in with, as they themselves see them, and ending those they do not know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine, text

from auth.sessions import hashed


@dataclass(frozen=True)
class OwnSession:
    """One browser. `device` is what it said of itself, `address` from where it signed in."""

    uuid: UUID
    device: str
    address: str
    began_at: datetime
    last_seen: datetime
    ends_at: datetime
    is_this: bool


def own_sessions(engine: Engine, token: str) -> tuple[OwnSession, ...]:
    """All that are alive, this one first; none if the token's own is not."""
    with engine.begin() as connection:
        rows = connection.execute(text("select * from signin.sessions_of(:token)"), {"token": hashed(token)}).all()
    return tuple(OwnSession(row[0], row[1] or "", row[2] or "", *row[3:]) for row in rows)


def end_session(engine: Engine, token: str, session: UUID) -> bool:
    """Another of their own; False for this one, for one that is over, and for anybody else's."""
    return _end(engine, token, session) == 1


def end_other_sessions(engine: Engine, token: str) -> int:
    """All but this one; how many that were."""
    return _end(engine, token, None)


def _end(engine: Engine, token: str, session: UUID | None) -> int:
    with engine.begin() as connection:
        values = {"token": hashed(token), "session": session}
        ended = text("select signin.end_others(:token, cast(:session as uuid))")
        return int(connection.scalar(ended, values) or 0)
