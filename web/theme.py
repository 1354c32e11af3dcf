"""Light or dark of a page that begins: as its person has chosen, here or in another browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response
from starlette.types import Scope

from auth import cookies
from rules.looks import Theme
from rules.principal import Principal
from web.request import cookie
from web.session_gate import LONGEST_TOKEN

WhoIsIn = Callable[[str], Awaitable[Principal | None]]


async def nobody_is_in(_token: str) -> None:
    """Until sign-in is connected."""


def theme_of(scope: Scope) -> Theme | None:
    """What this browser wears; None: as its device says. Nobody has to be asked."""
    worn = cookie(scope, cookies.THEME)
    return Theme(worn) if worn in set(Theme) else None


async def wear_own_choice(scope: Scope, answer: Response, who_is_in: WhoIsIn) -> None:
    """What was chosen in another browser comes with the page, before anything is drawn."""
    token = cookie(scope, cookies.session_cookie()) or ""
    if not token or len(token) > LONGEST_TOKEN:
        return
    try:
        principal = await who_is_in(token)
    except SQLAlchemyError:
        return  # the page says so itself
    if principal is not None and principal.theme != theme_of(scope):
        cookies.wear(answer, principal.theme)
