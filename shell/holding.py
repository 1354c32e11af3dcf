"""A tab's question waits here until there is something new for it: no badge is much later than its news, and an idle
tab asks once in a while only."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import monotonic

from starlette.requests import Request

from auth import cookies
from auth.presence import last_known, rights_of
from auth.sessions import hashed
from data.live import news
from rules.looking import PARAMETER, looking_at
from rules.principal import Principal
from shell.said import BELL, DASHBOARD, ENVELOPE, SHOWN_THERE, versions
from web.observed import waiting

#: Seconds. As long as nothing is heard; proxies have more patience.
LONGEST = 10.0
#: How often a question that waits looks whether anything was heard at all, by comparing two numbers.
LOOK = 0.2
#: A list is not drawn anew more often, however much is done to its rows.
LIST_EVERY = 2.0
#: Of so many looks one asks whether the tab is still there.
THERE_EVERY = 5


@dataclass(frozen=True)
class Seen:
    """What a tab was told of: its reader's rights and badges, and the list that it shows. It goes to the tab and comes
    back as text."""

    badges: str
    page: str

    @classmethod
    def of(cls, principal: Principal, rights: int, page: str) -> Seen:
        """As it is known now: what comes while an answer is made is told by the next one."""
        shown = (*SHOWN_THERE, DASHBOARD) if page == DASHBOARD else (page,)
        now = versions(principal, (BELL, ENVELOPE, *shown))
        return cls(f"{news.name}.{rights}.{now[BELL]}.{now[ENVELOPE]}", str(now.get(page, 0)))

    @classmethod
    def said(cls, text: str) -> Seen:
        badges, _dot, page = text.rpartition(".")
        return cls(badges, page)

    def __str__(self) -> str:
        return f"{self.badges}.{self.page}"


def is_worth_waiting(page: str) -> bool:
    """Not where nobody listens to the database, nor where things are read: nobody is told of that."""
    return news.is_on and page not in {BELL, ENVELOPE}


async def until_news(request: Request) -> None:
    """Returns when there is something that this tab does not know, or after a while. At once where it does not say what
    it knows."""
    said, token = request.query_params.get("seen"), request.cookies.get(cookies.session_cookie())
    if not said or not token:
        return
    seen, heard, began, looks = Seen.said(said), -1, monotonic(), 0
    page = request.query_params.get("page", "")
    while is_worth_waiting(page) and (waited := monotonic() - began) < LONGEST:
        if heard != news.heard or waited >= LIST_EVERY:
            heard = news.heard
            if _is_new(seen, token, request, with_page=waited >= LIST_EVERY):
                return
        looks += 1
        if looks % THERE_EVERY == 0 and await request.is_disconnected():
            return
        with waiting(request.scope):
            await asyncio.sleep(LOOK)


def _is_new(seen: Seen, token: str, request: Request, *, with_page: bool) -> bool:
    known = last_known(token)
    if known is None or news.ended(hashed(token)):
        return True  # the database has to be asked
    asked = request.query_params
    principal = looking_at(known.signed.principal, asked.get(PARAMETER))
    now = Seen.of(principal, rights_of(known.signed), asked.get("page", ""))
    return now.badges != seen.badges or (with_page and now.page != seen.page)
