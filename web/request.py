"""What a request says about itself, read from the ASGI scope, and how it is turned away."""

from __future__ import annotations

from starlette.requests import HTTPConnection, cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

POLICY_VIOLATION = 1008  # the websocket's word for "forbidden"; before the handshake it becomes a 403


def headers_named(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def header(scope: Scope, name: bytes) -> str | None:
    return next(iter(headers_named(scope, name)), None)


def cookie(scope: Scope, name: str) -> str | None:
    return cookie_parser("; ".join(headers_named(scope, b"cookie"))).get(name)


def path_of(scope: Scope) -> str:
    """The path as the router will see it: a gate that read another one could be walked around."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path[len(root) :] if root and path.startswith(f"{root}/") else path


def client(request: HTTPConnection) -> str | None:
    """From where it comes; web/proxies.py has settled which address counts."""
    return request.client.host if request.client else None


async def refuse(scope: Scope, receive: Receive, send: Send, status: int, reason: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": reason})
        return
    response = PlainTextResponse(f"{reason}\n", status, headers={"cache-control": "no-store"})
    await response(scope, receive, send)
