"""Plain routes for what changes what somebody holds: their session goes on under another token, which is a cookie."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth import cookies, sessions
from auth.invitation_links import INVITATION, JOIN, WHICH
from auth.invitations import accept_own
from auth.next_page import HOME
from auth.presence import forget
from auth.renewal import FACTOR_TOLD, RENEW, TICKET, Told, renew
from auth.sessions import hashed, new_token
from data.administrators import HandOver
from data.commands import execute
from data.engines import app_engine, auth_engine
from pages.portal.access.handing_over import HAND_OVER, TOLD
from rules.errors import PortalError
from shell.live import to
from web.request import client

LONGEST_NUMBER = 18  # digits that fit into the database's numbers


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


async def handing_over(request: Request) -> Response:
    """A colleague runs the account from now on; what this person may do changes at once, in all their tabs."""
    token, asked = request.cookies.get(cookies.session_cookie(), ""), request.query_params
    member, version = _uuid(asked.get("member", "")), asked.get("version", "")
    if member is None or not version.isdecimal() or len(version) > LONGEST_NUMBER:
        return to(f"/access?{urlencode({TOLD: 'not'})}")
    handing = partial(_hand_over, token, member, int(version), asked.get("preset", ""), client(request))
    fresh = await run_in_threadpool(handing)
    if fresh is None:
        return to(f"/access?{urlencode({'member': member, TOLD: 'not'})}")
    return await under_another_token(to(f"/access?{urlencode({TOLD: 'over'})}"), token, fresh)


async def renewing(request: Request) -> Response:
    """Back to the settings, under another token: their second factor is another one, or none, from now on."""
    token, asked = request.cookies.get(cookies.session_cookie(), ""), request.query_params
    fresh = await run_in_threadpool(partial(renew, auth_engine(), token, asked.get(TICKET, "")))
    told = asked.get(FACTOR_TOLD, "")
    answer = to(f"/settings?{urlencode({FACTOR_TOLD: told})}" if told in set(Told) else "/settings")
    return answer if fresh is None else await under_another_token(answer, token, fresh)


def _hand_over(token: str, member: UUID, version: int, preset: str, address: str | None) -> str | None:
    """The token under which the session goes on; None where nothing was handed over."""
    signed = sessions.who(auth_engine(), token, address=address)
    if signed is None:
        return None
    fresh = new_token()
    try:
        execute(app_engine(), signed.principal, HandOver(member, version, preset, hashed(fresh)))
    except PortalError:
        return None
    return fresh


async def under_another_token(answer: Response, token: str, fresh: str) -> Response:
    answer.set_cookie(cookies.session_cookie(), fresh, **cookies.private())
    await run_in_threadpool(forget, token)
    return answer


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


routes = [
    Route(JOIN, joining, methods=["POST"]),
    Route(HAND_OVER, handing_over, methods=["POST"]),
    Route(RENEW, renewing, methods=["GET"]),
]
