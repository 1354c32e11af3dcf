"""How much a request may send: little, except where files are handed in."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.request import header, path_of, refuse

KILOBYTE, MEGABYTE = 1024, 1024 * 1024
SMALL = 64 * KILOBYTE
# A billing run of fifty megabytes and what the form around it takes; who sends so much, web/large_uploads.py asks.
LARGER = {"/_stcore/upload_file/": 51 * MEGABYTE}
TOO_LARGE = "Too large"


class BodyLimit:
    """Refuses by the announced length, and stops reading where the announcement was missing or wrong."""

    def __init__(self, app: ASGIApp, *, usual: int = SMALL, larger: Mapping[str, int] = LARGER) -> None:
        self.app = app
        self.usual = usual
        self.larger = dict(larger)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self._limit(path_of(scope))
        announced = header(scope, b"content-length") or "0"
        if not announced.isdecimal() or int(announced) > limit:
            await refuse(scope, receive, send, 413, TOO_LARGE)
        else:
            await self.app(scope, counted(receive, limit), send)

    def _limit(self, path: str) -> int:
        return next((limit for prefix, limit in self.larger.items() if path.startswith(prefix)), self.usual)


def counted(receive: Receive, limit: int) -> Receive:
    received = 0

    async def receive_counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise HTTPException(413, TOO_LARGE)
        return message

    return receive_counted
