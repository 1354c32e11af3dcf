"""`/auth/…`: a proven password becomes a cookie, a dead cookie is taken away, what a reader chose is kept."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from auth import cookies, sessions
from auth.next_page import Notice, safe_next, with_notice
from data.engines import auth_engine
from rules.permissions import Permission
from rules.principal import Principal
from ui.text import languages
from web.request import client

SEE_OTHER = 303


async def who_is_in(token: str) -> Principal | None:
    """Asked of the database each time: a session that was ended a moment ago opens nothing. Not counted as activity."""
    found = await run_in_threadpool(sessions.who, auth_engine(), token, is_activity=False)
    return None if found is None else found.principal


async def is_signed_in(token: str) -> bool:
    return await who_is_in(token) is not None


async def may_send_large(token: str) -> bool:
    """Is it somebody of finance, who has billing runs to hand in?"""
    principal = await who_is_in(token)
    return principal is not None and principal.may(Permission.INVOICE_MANAGE)


async def session(request: Request) -> Response:
    """The code for a cookie, once, in the browser that proved the password."""
    redeemed = await run_in_threadpool(
        sessions.redeem_code,
        auth_engine(),
        request.query_params.get("code", ""),
        browser=request.cookies.get(cookies.pre_login_cookie(), ""),
        old_token=request.cookies.get(cookies.session_cookie()),
        device=request.headers.get("user-agent", ""),
        address=client(request) or "",
    )
    if redeemed is None:
        return await _too_late(request)
    token, then_to = redeemed
    answer = _to(safe_next(then_to))
    answer.set_cookie(cookies.session_cookie(), token, **cookies.private())
    answer.delete_cookie(cookies.pre_login_cookie(), **cookies.private())
    principal = await who_is_in(token)
    cookies.wear(answer, principal.theme if principal else None)
    return answer


async def theme(request: Request) -> Response:
    """What whoever is signed in has chosen is worn by this browser from now on; the address says nothing of it."""
    answer, token = _to(safe_next(request.query_params.get("next"))), request.cookies.get(cookies.session_cookie(), "")
    principal = await who_is_in(token)
    if principal is not None:
        cookies.wear(answer, principal.theme)
    return answer


async def _too_late(request: Request) -> Response:
    """Also the second of two clicks on the same link: whoever is in by then goes on."""
    asked_for = request.query_params.get("next")
    if await is_signed_in(request.cookies.get(cookies.session_cookie(), "")):
        return _to(safe_next(asked_for))
    return _to(with_notice(asked_for, Notice.EXPIRED))


async def sign_out(request: Request) -> Response:
    """Takes the cookie away if its session is over, and only then: a link somebody planted signs nobody out."""
    asked_for, why = request.query_params.get("next"), request.query_params.get("why")
    if await is_signed_in(request.cookies.get(cookies.session_cookie(), "")):
        return _to(safe_next(asked_for))
    answer = _to(with_notice(asked_for, Notice(why) if why in {Notice.OUT, Notice.OUT_HERE} else Notice.ENDED))
    answer.delete_cookie(cookies.session_cookie(), **cookies.private())
    return answer


async def language(request: Request) -> Response:
    """Kept in the browser, for everyone who is not signed in yet and for our plain answers."""
    answer = _to(safe_next(request.query_params.get("next")))
    chosen = request.query_params.get("to")
    if chosen in languages():
        answer.set_cookie(cookies.LANGUAGE, chosen, max_age=cookies.A_YEAR, **cookies.private())
    return answer


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, SEE_OTHER, {"cache-control": "no-store"})


routes = [
    Route("/auth/session", session),
    Route("/auth/signout", sign_out),
    Route("/auth/language", language),
    Route("/auth/theme", theme),
]
