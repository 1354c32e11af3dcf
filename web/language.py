"""Which language a request is answered in: what was chosen here before, else what the browser prefers."""

from __future__ import annotations

from starlette.types import Scope

from auth.cookies import LANGUAGE
from ui.text import language_for, languages
from web.request import cookie, header

LONGEST = 200  # an honest Accept-Language is far shorter


def language_of(scope: Scope) -> str:
    chosen = cookie(scope, LANGUAGE)
    return chosen if chosen in languages() else language_for((header(scope, b"accept-language") or "")[:LONGEST])
