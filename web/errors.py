"""What a route answers when the rules say no, in the reader's language."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse

from rules.errors import Conflict, Forbidden, Invalid, NotFound, NotProven, PortalError, SignedOut
from ui.text import Reader, Word, reading_as, translated
from web.language import language_of

ANSWERS: dict[type[PortalError], tuple[int, Word]] = {
    SignedOut: (401, Word("Your session has ended. Please sign in again.")),
    Forbidden: (403, Word("You may not do this.")),
    NotProven: (403, Word("Confirm on the page first that it is you.")),
    NotFound: (404, Word("This does not exist.")),
    Conflict: (409, Word("Somebody else changed this meanwhile. Load it again and repeat your change.")),
    Invalid: (400, Word("This cannot be accepted.")),
}


async def refused(request: Request, error: Exception) -> PlainTextResponse:
    """Only `Invalid` speaks for itself: what the others say may name what their reader must not know of."""
    status, reason = next(answer for kind, answer in ANSWERS.items() if isinstance(error, kind))
    with reading_as(Reader(language_of(request.scope))):
        said = translated(error.message, **error.values) if isinstance(error, Invalid) and str(error) else str(reason)
    return PlainTextResponse(f"{said}\n", status, {"cache-control": "no-store"})


exception_handlers = dict.fromkeys(ANSWERS, refused)
