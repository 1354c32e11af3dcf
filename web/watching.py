"""`/watch/…`: an outside address agrees to get mail about a ticket, or wants no more; nobody signs in for that."""

from __future__ import annotations

from html import escape

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from auth.watching import WatchStep, take_step, watcher_in
from data.engines import auth_engine
from data.settings import settings
from ui.reader import Reader, reader, reading_as
from ui.words import _
from web.language import language_of

#: No script, no picture; the form goes to this very address.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_STYLE = """
:root { color-scheme: light dark }
body { margin: 0; background: Canvas; color: CanvasText; font: 16px/1.6 system-ui, sans-serif }
main { max-width: 34rem; margin: 12vh auto; padding: 0 1.25rem } h1 { font-size: 1.5rem; line-height: 1.3 }
button { font: inherit; font-weight: 600; padding: .7rem 1.4rem; border: 0; border-radius: 6px; cursor: pointer }
button { background: #1f5fa8; color: #fff }
button:focus-visible { outline: 3px solid #8fbcff; outline-offset: 2px }
"""


async def ask(request: Request) -> HTMLResponse:
    """Programs that look through mail open links too: opening one changes nothing."""
    step, watcher = _asked_for(request)
    with reading_as(_reader(request)):
        if watcher is None:
            return _unknown()
        heading, button = {
            WatchStep.CONFIRM: (_("Do you want mail about this ticket?"), _("Yes, send me mail")),
            WatchStep.LEAVE: (_("No more mail about this ticket?"), _("Send me no more mail")),
        }[step]
        return _page(heading, f'<form method="post"><button type="submit">{escape(button)}</button></form>')


async def do(request: Request) -> HTMLResponse:
    """A click on the button, or the one click of a mail program (RFC 8058), which brings no cookie and no origin."""
    step, watcher = _asked_for(request)
    done = watcher is not None and await run_in_threadpool(take_step, auth_engine(), step, watcher)
    with reading_as(_reader(request)):
        if not done:
            return _unknown()
        said = {
            WatchStep.CONFIRM: _("You will get mail when this ticket changes."),
            WatchStep.LEAVE: _("You will get no more mail about this ticket."),
        }
        return _page(_("Done"), f"<p>{escape(said[step])}</p>")


def _asked_for(request: Request) -> tuple[WatchStep, int | None]:
    step = WatchStep(request.url.path.rpartition("/")[2])
    return step, watcher_in(step, request.query_params.get("w", ""))


def _reader(request: Request) -> Reader:
    return Reader(language_of(request.scope))


def _unknown() -> HTMLResponse:
    why = _("It may be incomplete, or what it was for is over.")
    return _page(_("This link is not valid"), f"<p>{escape(why)}</p>", 404)


def _page(heading: str, body: str, status: int = 200) -> HTMLResponse:
    page = (
        f'<!doctype html><html lang="{reader().tag}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(heading)}</title><style>{_STYLE}</style></head>"
        f"<body><main><p>{escape(settings().brand_name)}</p><h1>{escape(heading)}</h1>{body}</main></body></html>"
    )
    return HTMLResponse(
        page,
        status,
        {"cache-control": "no-store", "content-security-policy": _POLICY, "referrer-policy": "no-referrer"},
    )


routes = [
    Route(f"/watch/{step}", endpoint, methods=[method], name=f"watch_{step}_{method.lower()}")
    for step in WatchStep
    for method, endpoint in (("GET", ask), ("POST", do))
]
