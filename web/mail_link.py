"""Pages behind the links of mails: one question and one button, for somebody who is not signed in."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse

from data.settings import settings
from ui.reader import Reader, reader
from ui.words import _
from web.language import language_of
from web.plain_page import scheme
from web.theme import theme_of

#: No script, no picture; the form goes to this very address.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_STYLE = """
body { margin: 0; background: Canvas; color: CanvasText; font: 16px/1.6 system-ui, sans-serif }
main { max-width: 34rem; margin: 12vh auto; padding: 0 1.25rem } h1 { font-size: 1.5rem; line-height: 1.3 }
button { font: inherit; font-weight: 600; padding: .7rem 1.4rem; border: 0; border-radius: 6px; cursor: pointer }
button { background: #1f5fa8; color: #fff }
button:focus-visible { outline: 3px solid #8fbcff; outline-offset: 2px }
"""


def reader_of(request: Request) -> Reader:
    """Nobody is known here: as their browser says, or was told to go on."""
    return Reader(language_of(request.scope), theme=theme_of(request.scope))


def question(heading: str, said: str, button: str) -> HTMLResponse:
    """Programs that look through mail open links too: opening one changes nothing, the button does."""
    words = f"<p>{escape(said)}</p>" if said else ""
    return page(heading, f'{words}<form method="post"><button type="submit">{escape(button)}</button></form>')


def answer(said: str) -> HTMLResponse:
    return page(_("Done"), f"<p>{escape(said)}</p>")


def not_valid() -> HTMLResponse:
    why = _("It may be incomplete, or what it was for is over.")
    return page(_("This link is not valid"), f"<p>{escape(why)}</p>", 404)


def page(heading: str, body: str, status: int = 200) -> HTMLResponse:
    page = (
        f'<!doctype html><html lang="{reader().tag}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(heading)}</title><style>{scheme()}{_STYLE}</style></head>"
        f"<body><main><p>{escape(settings().brand_name)}</p><h1>{escape(heading)}</h1>{body}</main></body></html>"
    )
    return HTMLResponse(
        page,
        status,
        {"cache-control": "no-store", "content-security-policy": _POLICY, "referrer-policy": "no-referrer"},
    )
