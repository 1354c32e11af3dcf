"""Plain routes for what changes what somebody holds: their session goes on under another token, which is a cookie."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth import cookies
from auth.invitation_links import INVITATION, WHICH
from auth.invitation_page import JOIN
from auth.invitations import accept_own
from auth.next_page import HOME
from auth.presence import forget
from data.engines import auth_engine
from shell.live import to
from web.request import client


async def joining(request: Request) -> Response:
    """Whoever is signed in accepts their invitation; where nothing came of it, its page says why."""
    token = request.cookies.get(cookies.session_cookie(), "")
    invitation = _uuid(request.query_params.get("invitation", ""))
    if invitation is None:
        return to(HOME)
    accepting = partial(accept_own, auth_engine(), token, invitation, address=client(request))
    _answer, fresh = await run_in_threadpool(accepting)
    if fresh is None:
        return to(f"{INVITATION}?{urlencode({WHICH: invitation})}")
    return await under_another_token(to(HOME), token, fresh)


async def under_another_token(answer: Response, token: str, fresh: str) -> Response:
    answer.set_cookie(cookies.session_cookie(), fresh, **cookies.private())
    await run_in_threadpool(forget, token)
    return answer


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


routes = [Route(JOIN, joining, methods=["POST"])]
