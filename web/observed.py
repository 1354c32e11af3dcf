"""Every request gets a reference, a line in the log and a place in the counts; a bug gets a plain answer.

No query string, no address, no cookie is written down: filters hold names, sign-in links hold codes.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from time import perf_counter
from uuid import uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.metrics import OPEN_SOCKETS, REQUESTS, SECONDS
from web.request import path_of

REFERENCE = "portal.reference"
#: The seconds in which a request waited for news, a number for each time: they are no time that an answer took.
WAITED = "portal.waited"
log = structlog.get_logger("portal.web")

# First part of the path → what it is counted as. Addresses that people type stay out of the counts' labels.
FAMILIES = {
    "_stcore": "streamlit",
    "assets": "files",
    "attachments": "documents",
    "auth": "sign-in",
    "calendar": "calendars",
    "documents": "documents",
    "healthz": "probe",
    "live": "live",
    "media": "media",
    "metrics": "probe",
    "readyz": "probe",
    "reports": "reports",
    "static": "files",
    "watch": "mail links",
    "unsubscribe": "mail links",
}
#: What follows these names a file, or is the key to somebody's calendar.
_SECRET = ("/_stcore/upload_file/", "/media/", "/calendar/")
QUIET = frozenset({"files", "live", "probe"})
SOCKET_STATUS = {"websocket.accept": 101, "websocket.close": 403}  # closed before it was accepted: refused


class Observed:
    """Counts and logs each request, and answers for what raised before it answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        scope[REFERENCE] = reference = uuid4().hex[:12]
        scope[WAITED] = waited = list[float]()
        status, started = 0, perf_counter()

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = reference
            elif message["type"] in SOCKET_STATUS:
                status = status or SOCKET_STATUS[message["type"]]
            await send(message)

        try:
            with OPEN_SOCKETS.track_inprogress() if scope["type"] == "websocket" else nullcontext():
                await self.app(scope, receive, send_noting)
        except Exception:
            log.exception("failed", reference=reference, path=logged_path(scope))
            if status or scope["type"] == "websocket":
                raise  # a body that has begun must break off: ended neatly it would pass for the whole
            await _broken(reference)(scope, receive, send_noting)
        finally:
            _note(scope, status, perf_counter() - started - sum(waited))


@contextmanager
def waiting(scope: Scope) -> Generator[None]:
    """What happens inside is waiting for news, not work."""
    began = perf_counter()
    try:
        yield
    finally:
        scope.get(WAITED, []).append(perf_counter() - began)


def instead_of_uvicorns_log() -> None:
    """Its access log would write whole addresses down, codes of sign-in links included."""
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)


def _note(scope: Scope, status: int, seconds: float) -> None:
    family = family_of(path_of(scope))
    REQUESTS.labels(family, status).inc()
    if scope["type"] == "http":
        SECONDS.labels(family).observe(seconds)
    write = log.debug if family in QUIET else log.info
    method, path = scope.get("method", "WEBSOCKET"), logged_path(scope)
    write("answered", reference=scope[REFERENCE], method=method, path=path, status=status, ms=round(seconds * 1000))


def family_of(path: str) -> str:
    return FAMILIES.get(path.lstrip("/").partition("/")[0], "page")


def logged_path(scope: Scope) -> str:
    """Streamlit names uploads by session and media by content: what kind it was says enough."""
    path = path_of(scope)
    kind = next((prefix for prefix in _SECRET if path.startswith(prefix)), None)
    return kind or path[:200]


def _broken(reference: str) -> PlainTextResponse:
    return PlainTextResponse(f"Something went wrong. Reference: {reference}\n", 500, {"cache-control": "no-store"})
