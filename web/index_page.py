"""The one HTML page, in the reader's language and under our name, wherever Streamlit answers with its own."""

from __future__ import annotations

import json
import mimetypes
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import TypeVar

from starlette.responses import FileResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth.cookies import THEME
from rules.looks import Theme
from ui import look
from ui.streamlits_words import said_in
from ui.text import Reader, _, languages, p_, reading_as, tag_of
from web.assets import asset_url
from web.language import language_of
from web.packed import ASK_AGAIN, Packed
from web.request import header, path_of
from web.theme import WhoIsIn, nobody_is_in, theme_of, wear_own_choice

PAGE_SENT = "portal.page_sent"
#: In which language a page is, and where it matters in which light.
For = TypeVar("For")
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
WORDS = f'<script type="module" src="{asset_url("words.js")}"></script>'
# Without this Streamlit looks for its server below every deep link first: a 404 and a round trip before the page opens.
# The header asks its first question while Streamlit's own scripts are still on their way.
HEADER = (
    f'<link rel="stylesheet" href="{asset_url("header.css")}" />'
    f'<script type="module" src="{asset_url("header.js")}"></script>'
    f'<script type="module" src="{asset_url("forms.js")}"></script>'
    f'<script type="module" src="{asset_url("typing.js")}"></script>'
    f'<script type="module" src="{asset_url("clocks.js")}"></script>'
    f'<script type="module" src="{asset_url("focus.js")}"></script>'
    f'<script type="module" src="{asset_url("tables.js")}"></script>'
    f'<script type="module" src="{asset_url("inside.js")}"></script></head>'
)
SERVER_IS_AT_THE_ROOT = 'window.__streamlit = { BACKEND_BASE_URL: window.location.origin + "/" }'
#: Where Streamlit keeps what a reader chose in a menu of its own, which we do not show: read before it draws anything.
STREAMLITS_CHOICE = "stActiveTheme-", "-v2"
# What a person chose in the settings; nobody: as the device says, and whatever stands there from before is taken away.
_WEARS = """;
      {
        const [, chosen] = document.cookie.match(/(?:^|; )COOKIE=(light|dark)(?:;|$)/) ?? []
        const kept = `BEFORE${location.pathname}AFTER`
        if (chosen) document.documentElement.style.colorScheme = chosen
        try {
          if (chosen) localStorage.setItem(kept, JSON.stringify(chosen === "dark" ? "Dark" : "Light"))
          else localStorage.removeItem(kept)
        } catch { /* nothing may be stored: the page looks as the device says */ }
      }"""


class IndexPage:
    """Recognises Streamlit's index.html by its ETag, so every route that is not its fallback stays as it is.

    Streamlit gives it for any address, and says in its own words what does not exist; we answer 404 in ours."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        index: Path,
        pages: Mapping[str, str],
        missing: Mapping[tuple[str, Theme | None], str],
        addresses: frozenset[str],
        who_is_in: WhoIsIn = nobody_is_in,
    ) -> None:
        self.app = app
        self.who_is_in = who_is_in
        self.pages, self.missing = _packed(pages), _packed(missing)
        self.addresses = addresses
        self.streamlits = FileResponse(index, stat_result=index.stat()).headers["etag"].encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        replaced = False

        async def send_ours(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start":
                replaced = (b"etag", self.streamlits) in message.get("headers", ())
            if not replaced:
                await send(message)
            elif message["type"] == "http.response.start":
                await self._send_page(scope, receive, send)

        await self.app(scope, receive, send_ours)

    async def _send_page(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepts, language = header(scope, b"accept-encoding") or "", language_of(scope)
        is_page = path_of(scope).removeprefix("/").removesuffix("/") in self.addresses
        if is_page:
            response = self.pages[language].answer(
                accepts=accepts,
                known=header(scope, b"if-none-match") or "",
                cache=f"private, {ASK_AGAIN}",
                vary="Accept-Encoding, Accept-Language, Cookie",
            )
            await wear_own_choice(scope, response, self.who_is_in)
        else:
            response = self.missing[language, theme_of(scope)].answer(
                accepts=accepts, known="", cache="no-store", status=404
            )
        scope[PAGE_SENT] = is_page
        await response(scope, receive, send)


def _packed(pages: Mapping[For, str]) -> dict[For, Packed]:
    return {whom: Packed.of(page.encode(), "text/html") for whom, page in pages.items()}


def pages_from(source: str, *, title: str, icon: str) -> dict[str, str]:
    """Streamlit's page in every language we speak."""
    return {language: _in_language(language, source, title, icon) for language in languages()}


def _in_language(language: str, source: str, title: str, icon: str) -> str:
    with reading_as(Reader(language)):
        without_scripts = _("Please switch on JavaScript in your browser to use this page.")
        skip = p_("Streamlit", "Skip to main content")
    page = source.replace('"./', '"/')  # addresses that hold below any path
    page = _replaced(r'<html lang="en">', f'<html lang="{tag_of(language)}">', page)
    page = _replaced(r"<title>.*?</title>", f"<title>{escape(title)}</title>", page)
    page = _replaced(r'<link rel="shortcut icon"[^>]*>', f'<link rel="icon" href="{escape(icon)}" />', page)
    page = _replaced(r'<!--(?:(?!-->).)*?-->\s*<link rel="service-desc"[^>]*>\s*', "", page)
    page = _replaced(r'<link\s+rel="preload"[^>]*as="font"[^>]*>\s*', "", page)  # our theme writes in the reader's own
    page = _replaced(r"<noscript>.*?</noscript>", f"<noscript>{escape(without_scripts)}</noscript>", page)
    page = _replaced(r"</head>", _streamlits_words(language) + HEADER, page)
    page = _replaced(r"<body>", f'<body><a id="portal-skip" href="#stMain">{escape(skip)}</a>', page)
    page = _replaced(r"</body>", f"<style>{look.css()}</style></body>", page)  # here no run of a script carries it
    return _replaced(r"window\.prerenderReady = false", SERVER_IS_AT_THE_ROOT + wears(), page)


def wears() -> str:
    """Said before Streamlit's scripts begin."""
    before, after = STREAMLITS_CHOICE
    return _WEARS.replace("COOKIE", THEME).replace("BEFORE", before).replace("AFTER", after)


def _streamlits_words(language: str) -> str:
    """A table for static/words.js, which is not even loaded where English is read."""
    said = json.dumps(said_in(language), ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="portal-words">{said}</script>{WORDS}' if said != "[]" else ""


def script_hashes(pages: Iterable[str]) -> list[str]:
    """What the content security policy needs to know of the scripts that stand in the pages themselves."""
    bodies = {body for page in pages for body in INLINE_SCRIPT.findall(page)}
    return sorted(f"sha256-{b64encode(sha256(body.encode()).digest()).decode()}" for body in bodies)


def as_data_uri(picture: Path) -> str:
    """An icon inside the page costs no request and needs no address of its own, wherever the operator keeps it."""
    kind = mimetypes.guess_type(picture.name)[0] or "image/png"
    return f"data:{kind};base64,{b64encode(picture.read_bytes()).decode()}"


def _replaced(pattern: str, by: str, page: str) -> str:
    """A new Streamlit may write its page differently; that has to be seen at start, not by a reader."""
    changed, times = re.subn(pattern, lambda _: by, page, flags=re.DOTALL)
    if times != 1:
        raise RuntimeError(
            f"Streamlit's index.html has {pattern!r} {times} times where web/index_page.py expects it once"
        )
    return changed
