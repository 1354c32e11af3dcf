"""Which address is ours: a request under a foreign Host, or sent by a foreign page, is turned away.

Streamlit's own checks accept any localhost Origin and a missing one, and any Host at all: through a name that somebody
points at our address (DNS rebinding) a foreign page would reach us from wherever its reader sits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from web.request import header, headers_named, path_of, refuse

HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?::\d{1,5})?", re.IGNORECASE)
DEFAULT_PORTS = {"http": 80, "https": 443}
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class PublicAddress:
    """Where people open the portal; on loopback under any of its names and on any port."""

    scheme: str
    host: str
    port: int | None

    @classmethod
    def of(cls, base_url: str) -> PublicAddress:
        url = urlsplit(base_url.lower())
        return cls(url.scheme, url.hostname or "", None if url.port == DEFAULT_PORTS.get(url.scheme) else url.port)

    @property
    def on_loopback(self) -> bool:
        return self.host in LOOPBACK_NAMES or (_is_literal(self.host) and ip_address(self.host).is_loopback)

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port else "")

    def answers_to(self, host: str, *, probe: bool = False) -> bool:
        """A probe or a scraper knows us by number; nobody can point a number somewhere else."""
        if not HOST.fullmatch(host):
            return False
        name = _name(host)
        if name == self.host or (self.on_loopback and name in LOOPBACK_NAMES):
            return True
        return probe and (name in LOOPBACK_NAMES or _is_literal(name))

    def sent_by_us(self, origin: str, host: str) -> bool:
        """On loopback the port is whatever the server was started on: the page must come from this very Host."""
        if self.on_loopback:
            return origin == f"{self.scheme}://{host.lower()}"
        return origin == self.origin


class OurAddressOnly:
    """Refuses a foreign Host, and a websocket or a change that a foreign page sends."""

    def __init__(self, app: ASGIApp, *, address: PublicAddress) -> None:
        self.app = app
        self.address = address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        hosts = headers_named(scope, b"host")
        if len(hosts) != 1 or not self.address.answers_to(hosts[0], probe=path_of(scope) in PROBES):
            await refuse(scope, receive, send, 400, f"This portal is at {self.address.origin}")
        elif _needs_origin(scope) and not self.address.sent_by_us(header(scope, b"origin") or "", hosts[0]):
            await refuse(scope, receive, send, 403, "Refused: not sent by a page of this portal")
        else:
            await self.app(scope, receive, send)


def _needs_origin(scope: Scope) -> bool:
    """Every browser names the page behind a websocket or a change; a program that brings no cookie need not."""
    if scope["type"] == "websocket":
        return True
    if scope["method"] in SAFE_METHODS:
        return False
    return header(scope, b"origin") is not None or header(scope, b"cookie") is not None


def _name(host: str) -> str:
    return (urlsplit(f"//{host}").hostname or "").lower()


def _is_literal(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
