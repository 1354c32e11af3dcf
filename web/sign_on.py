"""`/auth/oidc/…`: staff go to the provider of single sign-on, and its word becomes a session of our own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from auth import cookies, sessions
from auth.errand import MINUTES, Errand
from auth.next_page import HOME, safe_next
from auth.single_sign_on import (
    CALLBACK,
    SIGN_OUT,
    START,
    Again,
    Refused,
    Stranger,
    Unreachable,
    Untrue,
    Vouched,
    let_in,
    vouched,
)
from data.engines import auth_engine
from data.settings import CHECKOUT, settings
from rules.errors import NotFound, PortalError
from ui.text import Reader, Word, _, reading_as
from web.index_page import as_data_uri
from web.language import language_of
from web.plain_page import plain_page
from web.request import client
from web.theme import theme_of

if TYPE_CHECKING:
    from auth.provider import Provider

SEE_OTHER = 303
LONGEST_ANSWER = 4000  # characters of one word of the answer; an honest code is far shorter
log = structlog.get_logger("portal.sign_on")


@dataclass(frozen=True)
class Said:
    """What somebody reads who was not let in: never the provider's own words, never who else is known here."""

    status: int
    heading: Word
    text: Word


FAILED: dict[type[PortalError], Said] = {
    Again: Said(
        400,
        Word("Please sign in again"),
        Word("Signing in took too long, was done already, or was begun in another browser. Start again."),
    ),
    Refused: Said(
        403,
        Word("You were not signed in"),
        Word("The single sign-on of your company did not confirm who you are. Try again, and allow it there."),
    ),
    Untrue: Said(
        400,
        Word("You could not be signed in"),
        Word(
            "What the single sign-on of your company answered cannot be accepted. Try again; if it happens again, "
            "tell whoever looks after this portal: its log says why."
        ),
    ),
    Stranger: Said(
        403,
        Word("You are not registered here"),
        Word(
            "Your company's single sign-on knows you, but this portal lets in only staff who are registered with it. "
            "Ask an administrator of the portal to register you; its log says under which name you came."
        ),
    ),
    Unreachable: Said(
        503,
        Word("Single sign-on does not answer"),
        Word("It cannot be reached at the moment. Wait a little, then try again."),
    ),
}


async def start(request: Request) -> Response:
    """To the provider. The browser keeps the errand, and what belongs to it, for ten minutes."""
    provider = _provider()
    errand = Errand.begin(request.query_params.get("next"))
    try:
        there = await provider.way_there(errand, language_of(request.scope))
    except Unreachable as error:
        return _failed(request, error, errand.then_to)
    answer = _to(there)
    answer.set_cookie(cookies.errand_cookie(), errand.kept(), max_age=MINUTES * 60, **cookies.private())
    return answer


async def callback(request: Request) -> Response:
    """Back from the provider, whatever it says. The errand is over with this, well or badly."""
    provider = _provider()
    errand = Errand.resume(request.cookies.get(cookies.errand_cookie()))
    then_to = errand.then_to if errand else HOME
    try:
        token = await _session_for(request, provider, errand)
    except tuple(FAILED) as error:
        answer: Response = _failed(request, error, then_to)
    else:
        answer = _to(then_to)
        answer.set_cookie(cookies.session_cookie(), token, **cookies.private())
        answer.delete_cookie(cookies.pre_login_cookie(), **cookies.private())
    answer.delete_cookie(cookies.errand_cookie(), **cookies.private())
    return answer


async def _session_for(request: Request, provider: Provider, errand: Errand | None) -> str:
    if errand is None:
        raise Again("no errand")
    answer = {name: value[:LONGEST_ANSWER] for name, value in request.query_params.items()}
    somebody = vouched(await provider.claims(errand, answer), settings())
    return await run_in_threadpool(_begin, request, errand, somebody)


def _begin(request: Request, errand: Errand, somebody: Vouched) -> str:
    """As after a password: a code, redeemed at once in this browser."""
    address = client(request)
    let_in(auth_engine(), somebody, errand, address=address)
    redeemed = sessions.redeem_code(
        auth_engine(),
        errand.code,
        browser=errand.secret,
        old_token=request.cookies.get(cookies.session_cookie()),
        device=request.headers.get("user-agent", ""),
        address=address or "",
    )
    if redeemed is None:
        raise Again("code")
    return redeemed[0]


async def sign_out(request: Request) -> Response:
    """Our session is over; this is for the one at the provider, which knows no portal."""
    provider = _provider()
    try:
        there = await provider.way_out()
    except Unreachable as error:
        return _failed(request, error, HOME)
    return _to(there or HOME)


def _provider() -> Provider:
    if not settings().has_sign_on:
        raise NotFound
    from auth.provider import provider  # noqa: PLC0415 - not where it is off

    return provider()


def _failed(request: Request, error: PortalError, then_to: str) -> HTMLResponse:
    """The log says why, the page what to do."""
    log.warning(
        "single sign-on failed", why=type(error).__name__.lower(), said=str(error)[:300], address=client(request)
    )
    said = FAILED[type(error)]
    with reading_as(Reader(language_of(request.scope), theme=theme_of(request.scope))):
        ways = {
            _("Try again"): f"{START}?{urlencode({'next': then_to})}",
            _("To the sign-in page"): safe_next(then_to),
        }
        icon = as_data_uri(settings().brand_icon or CHECKOUT / "static" / "icon.svg")
        page = plain_page(str(said.heading), str(said.text), ways, title=settings().brand_name, icon=icon)
    return HTMLResponse(page, said.status, {"cache-control": "no-store"})


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, SEE_OTHER, {"cache-control": "no-store"})


routes = [Route(START, start), Route(CALLBACK, callback), Route(SIGN_OUT, sign_out)]
