"""What the badges of the bell and the envelope say, asked at every click."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from data.database import reading
from data.messages import IS_NEW, mine
from data.models import Thread, ThreadMember
from data.notices import count_unread
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
    messages = select(Thread.id).outerjoin(ThreadMember, mine()).where(IS_NEW).limit(MOST).subquery()
    n_messages = select(func.count()).select_from(messages).scalar_subquery()
    counts = select(count_unread(principal, MOST).scalar_subquery(), n_messages)
    with reading(engine, principal, P.NOTICE_VIEW, P.MESSAGE_USE) as connection:
        return Unread(*connection.execute(counts).one())
