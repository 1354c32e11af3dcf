"""What the badges of the bell and the envelope say, asked at every click."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from data.database import reading
from data.messages import IS_NEW, mine
from data.models import Notice, Thread, ThreadMember
from data.notices import IS_TURNED_OFF, IS_UNREAD
from rules.permissions import Permission
from rules.principal import Principal

P = Permission
#: Nobody needs to know it more exactly.
MOST = 99


@dataclass(frozen=True)
class Unread:
    """What the badges say."""

    notices: int
    messages: int


def unread(engine: Engine, principal: Principal) -> Unread:
    """How many notices and conversations this person has not read, counted no further than 99; without what they turned
    off."""
    if not (principal.may(P.NOTICE_VIEW) or principal.may(P.MESSAGE_USE)):
        return Unread(0, 0)
    notices = select(Notice.id).where(IS_UNREAD, ~IS_TURNED_OFF).limit(MOST).subquery()
    messages = select(Thread.id).outerjoin(ThreadMember, mine()).where(IS_NEW).limit(MOST).subquery()
    counts = select(*(select(func.count()).select_from(found).scalar_subquery() for found in (notices, messages)))
    with reading(engine, principal, P.NOTICE_VIEW, P.MESSAGE_USE) as connection:
        return Unread(*connection.execute(counts).one())
