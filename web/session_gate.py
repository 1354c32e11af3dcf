"""Streamlit's own doors ask nobody's name: files move for signed-in people only, and what is not used stays shut."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from web.request import cookie, path_of, refuse

SignedIn = Callable[[str], Awaitable[bool]]

# What the browser needs of Streamlit's core. The rest (its metrics, its script check, its interface for programs)
# would answer anybody, with settings of its own that nobody here looks after.
OPEN_CORE = ("/_stcore/health", "/_stcore/host-config", "/_stcore/stream", "/_stcore/bidi-components/")
FILES = ("/_stcore/upload_file/", "/media/")
SHUT = ("/_stcore/", "/component/", "/app/static/")
LONGEST_TOKEN = 256


async def nobody(_token: str) -> bool:
    """Until sign-in is connected, nobody is in."""
    return False


class SessionGate:
    """Asks `is_signed_in` about the session cookie before a file moves; Streamlit then asks for its own session too."""

    def __init__(self, app: ASGIApp, *, cookie_name: str, is_signed_in: SignedIn = nobody) -> None:
        self.app = app
        self.cookie_name = cookie_name
        self.is_signed_in = is_signed_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = path_of(scope) if scope["type"] in {"http", "websocket"} else ""
        if path.startswith(FILES):
            if not await self._has_session(scope):
                await refuse(scope, receive, send, 403, "Sign in first")
                return
        elif path.startswith(SHUT) and not path.startswith(OPEN_CORE):
            await refuse(scope, receive, send, 404, "Not found")
            return
        await self.app(scope, receive, send)

    async def _has_session(self, scope: Scope) -> bool:
        token = cookie(scope, self.cookie_name)
        return bool(token) and len(token) <= LONGEST_TOKEN and await self.is_signed_in(token)
