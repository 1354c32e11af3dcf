"""Files that somebody takes along from a page: for who is signed in, asked for there, saved and never shown."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from auth import cookies, sessions
from data.engines import auth_engine
from rules.errors import Forbidden
from rules.principal import Principal
from web.request import client

Made = TypeVar("Made")


async def who_asks(request: Request, what: str) -> Principal | None:
    """None: they are not signed in. Forbidden where another site asks: its link would start `what` unasked."""
    token = request.cookies.get(cookies.session_cookie())
    signed = await run_in_threadpool(sessions.who, auth_engine(), token, address=client(request))
    if signed is None:
        return None
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise Forbidden(f"a {what} is asked for on its page")
    return signed.principal


def saved_as(name: str) -> dict[str, str]:
    """Headers with which a browser saves what it gets under this name, in any script."""
    return {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "x-content-type-options": "nosniff",
    }


def to_be_saved(content: bytes, media_type: str, name: str) -> Response:
    """A file whose content is known; whoever opens it all the same runs nothing of it here."""
    headers = {
        **saved_as(name),
        "cache-control": "private, no-store",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(content, media_type=media_type, headers=headers)


@lru_cache
def _cores() -> ThreadPoolExecutor:
    """Setting a document keeps a core busy: no more at once than there are; others wait, and pages do not."""
    return ThreadPoolExecutor(os.cpu_count() or 1, "document")


async def document(make: Callable[..., Made], *arguments: object) -> Made:
    """Made beside the event loop, when a core is free."""
    return await asyncio.get_running_loop().run_in_executor(_cores(), make, *arguments)
