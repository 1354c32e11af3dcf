"""The portal's cookies: what they are called, and with which attributes each is set and taken away."""

from __future__ import annotations

from typing import Any

from data.settings import settings

LANGUAGE = "portal_language"
A_YEAR = 365 * 24 * 3600


def session_cookie() -> str:
    return settings().cookie_name


def pre_login_cookie() -> str:
    """It ties a sign-in code to the browser that proved the password."""
    return "__Host-portal_pre" if settings().cookie_secure else "portal_pre"


def private() -> dict[str, Any]:
    """Out of reach for scripts and other sites, and gone with the browser's session. Deleting needs the same words."""
    return {"path": "/", "secure": settings().cookie_secure, "httponly": True, "samesite": "lax"}
