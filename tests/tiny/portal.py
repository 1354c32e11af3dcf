"""The tiny page as a whole app: `uvicorn tests.tiny.portal:app`."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from app import build_app
from tests.tiny import ANAS_TOKEN
from web.routes import routes
from web.theme import nobody_is_in

listening = False


@contextmanager
def listens() -> Generator[None]:
    global listening  # noqa: PLW0603
    listening = True
    yield
    listening = False


async def only_ana(token: str) -> bool:
    return token == ANAS_TOKEN


async def client(request: Request) -> JSONResponse:
    """What the app believes of whoever asks."""
    host = request.client.host if request.client else None
    return JSONResponse({"client": host, "claimed": request.headers.get("x-forwarded-for")})


async def live(_request: Request) -> JSONResponse:
    """This small app has no database to ask who is in: its header stays empty."""
    return JSONResponse({"ended": True})


async def process(_request: Request) -> JSONResponse:
    return JSONResponse({"listening": listening, "frozen": gc.get_freeze_count(), "collects": gc.isenabled()})


async def client_of_socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(socket.client.host if socket.client else "")
    await socket.close()


app = build_app(
    Path(__file__).with_name("page.py"),
    routes=[
        *routes,
        Route("/client", client),
        Route("/live", live),
        Route("/process", process),
        WebSocketRoute("/client-of-socket", client_of_socket),
    ],
    background=[listens],
    is_signed_in=only_ana,
    who_is_in=nobody_is_in,
)
