"""`/live`: what every open tab asks again and again, without a run of Streamlit's: am I still in, and what is new?

It answers with the header's words when they changed (static/header.js draws them), what bell and envelope count, a
version for every list, and a reminder before a session ends. Nobody's presence is prolonged by asking.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from auth import cookies
from auth.next_page import HOME, Notice
from auth.presence import Known, forget, leave, present, stay
from auth.roles import change_role
from data.engines import app_engine, auth_engine
from data.live import news
from data.preferences import remember_accounts
from pages import pages_for
from rules.errors import Forbidden, SignedOut
from rules.looking import PARAMETER, looking_at, said_of
from rules.permissions import StaffRole
from rules.principal import Principal
from rules.sign_in import Proof
from shell.holding import Seen, is_worth_waiting, until_news
from shell.said import badges, header, mark_of, reminder_of, unread_words, versions
from ui.text import Reader, reading_as
from web.language import language_of
from web.request import client

NO_STORE = {"cache-control": "no-store"}
NO_CONTENT, SEE_OTHER, UNAVAILABLE = 204, 303, 503


async def live(request: Request) -> Response:
    await until_news(request)
    return await _answer(request, present)


async def staying(request: Request) -> Response:
    return await _answer(request, stay)


async def _answer(request: Request, ask: Callable[[str], Known | None]) -> Response:
    try:
        said = await run_in_threadpool(_said, request, ask)
    except SQLAlchemyError:
        return JSONResponse({}, UNAVAILABLE, NO_STORE)  # the tab asks again
    # 200 for strangers too: the sign-in page asks once as well, and a refusal would be an error in its console
    return JSONResponse({"ended": True} if said is None else said, headers=NO_STORE)


def _said(request: Request, ask: Callable[[str], Known | None]) -> dict[str, Any] | None:
    token = request.cookies.get(cookies.session_cookie())
    known = ask(token) if token else None
    if known is None:
        return None
    asked = request.query_params
    principal = looking_at(known.signed.principal, asked.get(PARAMETER))
    with reading_as(_reader(request, principal)) as reader:
        open_pages, page = pages_for(principal), asked.get("page", "")
        seen = Seen.of(principal, known.rights, page)
        try:
            counts = badges.now(principal, page)
        except (Forbidden, SignedOut):
            return None  # it ended since we asked
        said: dict[str, Any] = {
            "mark": (mark := mark_of(known, principal, open_pages, reader.language)),
            "accounts": said_of(principal),
            "unread": unread_words(open_pages, counts),
            "lists": versions(principal, tuple(page.path for page in open_pages)),
            "counted_by": news.name,  # those of another process are other numbers
            "reminder": reminder_of(known),
            # a tab that says so with its next question is answered when there is something new
            **({"seen": str(seen)} if is_worth_waiting(page) else {}),
        }
        if asked.get("mark") != mark:
            said["header"] = header(known, principal, open_pages, reader.language)
    return said


def _reader(request: Request, principal: Principal) -> Reader:
    """As a page has it (shell/view.py): what was chosen in this browser, else the person's own, else the browser's."""
    zone = principal.time_zone or _zone(request.query_params.get("zone", ""))
    return Reader(language_of(request.scope, principal.language), zone)


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"


async def leaving(request: Request) -> Response:
    """The form of the account menu; only a page of ours can send it (web/origin.py)."""
    token = request.cookies.get(cookies.session_cookie())
    why = Notice.OUT
    if token:
        known = await run_in_threadpool(present, token)
        if known is not None and known.signed.proved_by is Proof.OIDC:
            why = Notice.OUT_HERE
        everywhere = "everywhere" in request.query_params
        await run_in_threadpool(partial(leave, token, everywhere=everywhere, address=client(request)))
    return to(f"/auth/signout?{urlencode({'next': HOME, 'why': why})}")


async def choosing(request: Request) -> Response:
    """The accounts that were chosen in the header are where this person's next sign-in begins."""
    token = request.cookies.get(cookies.session_cookie(), "")
    try:
        await run_in_threadpool(_remember, token, request.query_params.get(PARAMETER))
    except SQLAlchemyError:
        return Response(status_code=UNAVAILABLE, headers=NO_STORE)
    return Response(status_code=NO_CONTENT, headers=NO_STORE)


def _remember(token: str, said: str | None) -> None:
    known = present(token) if token else None
    if known is None or not said:
        return
    try:
        remember_accounts(app_engine(), looking_at(known.signed.principal, said))
    except (Forbidden, SignedOut):
        return  # it ended since we asked
    forget(token)  # what was known of this session was remembered otherwise


async def working_as(request: Request) -> Response:
    """From now on in the other role, in every tab of this browser; it begins at that role's first page."""
    token, role = request.cookies.get(cookies.session_cookie(), ""), request.query_params.get("role", "")
    answer, fresh = to(HOME), None
    if role in set(StaffRole):
        change = partial(change_role, auth_engine(), token, role, address=client(request))
        fresh = await run_in_threadpool(change)
    if fresh is not None:
        answer.set_cookie(cookies.session_cookie(), fresh, **cookies.private())
        await run_in_threadpool(forget, token)  # what was known of this session was known of the role before
    return answer


def to(address: str) -> RedirectResponse:
    return RedirectResponse(address, SEE_OTHER, NO_STORE)


routes = [
    Route("/live", live),
    Route("/live/stay", staying, methods=["POST"]),
    Route("/live/accounts", choosing, methods=["POST"]),
    Route("/live/leave", leaving, methods=["POST"]),
    Route("/live/role", working_as, methods=["POST"]),
]
