"""What a browser may do with our answers: run our scripts alone, frame us nowhere, tell others nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.request import header

EVERYWHERE = {
    "cache-control": "no-store",  # a person's own, unless its route says otherwise
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), serial=(), usb=()",
}
HSTS = "max-age=31536000; includeSubDomains"
# A picture opened by itself is a document too, and an SVG or XML document can carry scripts.
NO_SCRIPTS = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
PASSIVE_DOCUMENTS = ("image/svg+xml", "application/xml", "application/xhtml+xml", "text/xml")


class SecurityHeaders:
    """Adds what a route did not say itself; the long page policy goes only where it matters, on documents."""

    def __init__(self, app: ASGIApp, *, script_hashes: Sequence[str] = (), https: bool) -> None:
        self.app = app
        self.https = https
        self.scripts = " ".join(["'self'", *(f"'{value}'" for value in script_hashes)])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._completed(message.get("headers", ()), scope)}
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _completed(self, raw: Iterable[tuple[bytes, bytes]], scope: Scope) -> list[tuple[bytes, bytes]]:
        headers = MutableHeaders(raw=[_secure(*pair) for pair in raw] if self.https else list(raw))
        for name, value in EVERYWHERE.items():
            headers.setdefault(name, value)
        if self.https:
            headers.setdefault("strict-transport-security", HSTS)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "text/html":
            headers.setdefault("content-security-policy", self._page_policy(header(scope, b"host") or ""))
        elif kind in PASSIVE_DOCUMENTS:
            headers.setdefault("content-security-policy", NO_SCRIPTS)
        return headers.raw

    def _page_policy(self, host: str) -> str:
        """Styles are written by Streamlit's own code at run time, its workers are blobs; nothing else is loosened."""
        socket = f"{'wss' if self.https else 'ws'}://{host}"  # older Safari does not count it as 'self'
        return (
            f"default-src 'self'; script-src {self.scripts}; style-src 'self' 'unsafe-inline'; "
            f"img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; "
            f"connect-src 'self' {socket}; worker-src 'self' blob:; frame-src 'none'; object-src 'none'; "
            f"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )


def _secure(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Streamlit knows of https only when it holds the certificate itself, so its cookies would go out unmarked."""
    if name.lower() == b"set-cookie" and b"; secure" not in value.lower():
        return name, value + b"; Secure"
    return name, value
