"""Asking an ASGI app directly, as a server would, with nothing added that was not said."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Headers = Mapping[str, str] | Sequence[tuple[str, str]]
HOST = "127.0.0.1:8501"
ORIGIN = f"http://{HOST}"


@dataclass
class Answer:
    """What came back."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def header(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)


class Inside:
    """The app behind the gates: answers 200 and remembers who got through."""

    def __init__(self, body: bytes = b"inside", kind: str = "text/plain", extra: Headers = ()) -> None:
        self.body = body
        self.headers = [("content-type", kind), *_pairs(extra)]
        self.seen: list[Scope] = []
        self.received = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.seen.append(scope)
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        more = True
        while more:
            message = await receive()
            self.received += message.get("body", b"")
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": _raw(self.headers)})
        await send({"type": "http.response.body", "body": self.body})

    @property
    def was_reached(self) -> bool:
        return bool(self.seen)


def ask(
    app: ASGIApp,
    path: str = "/",
    *,
    method: str = "GET",
    headers: Headers = (),
    host: str | None = HOST,
    body: Iterable[bytes] = (),
    client: tuple[str, int] | None = ("127.0.0.1", 50000),
    query: str = "",
) -> Answer:
    asked = {"method": method, "query_string": query.encode()}
    return asyncio.run(_talk(app, {**_scope("http", path, headers, host, client), **asked}, [*body]))


def connect(app: ASGIApp, path: str = "/_stcore/stream", *, headers: Headers = (), host: str | None = HOST) -> Answer:
    """A websocket's handshake: 101 when it is accepted, 403 when it is closed instead."""
    return asyncio.run(_talk(app, _scope("websocket", path, headers, host, ("127.0.0.1", 50000)), []))


def _scope(kind: str, path: str, headers: Headers, host: str | None, client: tuple[str, int] | None) -> Scope:
    pairs = _pairs(headers)
    named = [] if host is None else [("host", host)]
    scheme = "http" if kind == "http" else "ws"
    return {"type": kind, "path": path, "headers": _raw([*named, *pairs]), "client": client, "scheme": scheme}


async def _talk(app: ASGIApp, scope: Scope, chunks: list[bytes]) -> Answer:
    answer = Answer()
    waiting = chunks or [b""]

    async def receive() -> Message:
        if scope["type"] == "websocket":
            return {"type": "websocket.connect"}
        if not waiting:
            await asyncio.Event().wait()  # the reader stays, and says nothing more
        chunk = waiting.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

    async def send(message: Message) -> None:
        match message["type"]:
            case "http.response.start":
                answer.status = message["status"]
                answer.headers = [(name.decode(), value.decode()) for name, value in message["headers"]]
            case "http.response.body":
                answer.body += message.get("body", b"")
            case "websocket.accept":
                answer.status = 101
            case "websocket.close":
                answer.status = answer.status or 403

    await app(scope, receive, send)
    return answer


def _pairs(headers: Headers) -> list[tuple[str, str]]:
    return list(headers.items() if isinstance(headers, Mapping) else headers)


def _raw(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
