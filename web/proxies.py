"""Behind proxies: the client's real address, and the scheme people see in their browser.

Afterwards `scope["client"]` is that address. Streamlit hands it on as `st.context.ip_address`, which is therefore safe
to count by; it says None for loopback.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from web.request import headers_named

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class BehindProxies:
    """Believes `X-Forwarded-For` only as far as our own proxies wrote it."""

    def __init__(self, app: ASGIApp, *, trusted: Sequence[Network] = (), scheme: str = "http") -> None:
        self.app = app
        self.trusted = tuple(trusted)
        self.schemes = {"http": scheme, "websocket": "wss" if scheme == "https" else "ws"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in self.schemes:
            host, port = peer_of(scope, receive)
            client = client_behind(host, headers_named(scope, b"x-forwarded-for"), self.trusted)
            scope["client"] = (client, port if client == host else 0) if client else None
            scope["scheme"] = self.schemes[scope["type"]]
        await self.app(scope, receive, send)


def peer_of(scope: Scope, receive: Receive) -> tuple[str, int]:
    """Who is at the other end of the socket.

    uvicorn believes `X-Forwarded-For` from loopback unless told otherwise, and writes it over the peer before we are
    asked, so any local process could name the address it is counted under. Its transport still knows the truth.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    peer = transport.get_extra_info("peername") if transport is not None else scope.get("client")
    if not peer or isinstance(peer, str | bytes):  # a unix socket has no address
        return "", 0
    return _plain(peer[0]), int(peer[1])


def client_behind(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Walk back from the socket while the last believable address is one of our proxies."""
    client = peer
    for hop in reversed(",".join(forwarded).split(",")):
        address = _address(client)
        if address is None or not any(address in network for network in trusted):
            break
        named = _address(_without_port(hop.strip()))
        if named is None:  # what a proxy did not write as an address is no better than nothing
            break
        client = str(named)
    return client


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _plain(host: str) -> str:
    """`::ffff:192.0.2.1`, as a dual-stack socket says it, is 192.0.2.1."""
    address = _address(host)
    return str(address) if address else host


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
