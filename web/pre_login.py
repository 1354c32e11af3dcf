"""The cookie of somebody who is not signed in yet: a sign-in code works only in the browser that asked for it."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth.cookies import fresh_pre_login, is_pre_login
from web.index_page import PAGE_SENT
from web.request import cookie


class PreLoginCookie:
    """Set with the page and only when missing: answers that a browser may keep for a year carry no cookie."""

    def __init__(self, app: ASGIApp, *, name: str, secure: bool) -> None:
        self.app = app
        self.name = name
        self.attributes = "Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_pre_login(cookie(scope, self.name)):
            await self.app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and scope.get(PAGE_SENT):
                MutableHeaders(scope=message).append("set-cookie", self._fresh())
            await send(message)

        await self.app(scope, receive, send_with_cookie)

    def _fresh(self) -> str:
        return f"{self.name}={fresh_pre_login()}; {self.attributes}"
