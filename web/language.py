"""Which language a request is answered in: what was chosen here before, else what the browser prefers."""

from __future__ import annotations

from starlette.types import Scope

from auth.cookies import LANGUAGE
from ui.text import language_of_page
from web.request import cookie, header


def language_of(scope: Scope, own: str | None = None) -> str:
    """`own`: what the person who asks has set for themselves."""
    return language_of_page(cookie(scope, LANGUAGE), own, header(scope, b"accept-language"))
