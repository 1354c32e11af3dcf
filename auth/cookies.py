"""The portal's cookies: what they are called, and with which attributes each is set and taken away."""

from __future__ import annotations

import re
import secrets
from typing import Any

from starlette.responses import Response

from data.settings import settings
from rules.looks import Theme

LANGUAGE = "portal_language"
#: Light or dark, for the page itself: it is read before anything is drawn (web/index_page.py).
THEME = "portal_theme"
A_YEAR = 365 * 24 * 3600


def session_cookie() -> str:
    return settings().cookie_name


def pre_login_cookie() -> str:
    """It ties a sign-in code to the browser that proved the password."""
    return "__Host-portal_pre" if settings().cookie_secure else "portal_pre"


def errand_cookie() -> str:
    """It ties the answer of single sign-on to the browser that asked."""
    return "__Host-portal_errand" if settings().cookie_secure else "portal_errand"


#: 256 random bits, as secrets writes them.
_PRE_LOGIN = re.compile(r"[A-Za-z0-9_-]{43}")


def fresh_pre_login() -> str:
    return secrets.token_urlsafe(32)


def is_pre_login(held: str | None) -> bool:
    """Is this what we give to a browser, and not what somebody made up?"""
    return held is not None and _PRE_LOGIN.fullmatch(held) is not None


def wear(answer: Response, theme: Theme | None) -> None:
    """What they chose, for a year; what their device says needs no cookie."""
    readable = {**private(), "httponly": False}
    if theme is None:
        answer.delete_cookie(THEME, **readable)
    else:
        answer.set_cookie(THEME, theme, max_age=A_YEAR, **readable)


def private() -> dict[str, Any]:
    """Out of reach for scripts and other sites, and gone with the browser's session. Deleting needs the same words."""
    return {"path": "/", "secure": settings().cookie_secure, "httponly": True, "samesite": "lax"}
