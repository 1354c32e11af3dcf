"""Who may hand in more than an attachment: a billing run is larger, and only finance has one."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from web.body_limit import MEGABYTE, TOO_LARGE, counted
from web.request import cookie, header, path_of, refuse
from web.session_gate import LONGEST_TOKEN, SignedIn, nobody

UPLOADS = "/_stcore/upload_file/"
#: Ten megabytes a file (SPEC §4) and what the form around it takes.
USUAL = 11 * MEGABYTE


class LargeUploads:
    """Asks `may_send_large` about the session cookie before it reads more than others may send. Without an announced
    length nobody sends more: browsers announce it."""

    def __init__(
        self, app: ASGIApp, *, cookie_name: str, may_send_large: SignedIn = nobody, usual: int = USUAL
    ) -> None:
        self.app = app
        self.cookie_name = cookie_name
        self.may_send_large = may_send_large
        self.usual = usual

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not path_of(scope).startswith(UPLOADS):
            await self.app(scope, receive, send)
            return
        announced = header(scope, b"content-length") or "0"  # a number: BodyLimit has seen it
        if int(announced) <= self.usual:
            await self.app(scope, counted(receive, self.usual), send)
        elif await self._may(scope):
            await self.app(scope, receive, send)
        else:
            await refuse(scope, receive, send, 413, TOO_LARGE)

    async def _may(self, scope: Scope) -> bool:
        token = cookie(scope, self.cookie_name)
        return bool(token) and len(token) <= LONGEST_TOKEN and await self.may_send_large(token)
