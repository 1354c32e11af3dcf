"""Files over HTTP, for whoever may see their message: /attachments/<uuid> of a ticket, /attachments/disputes/<uuid>.

It is saved, never shown."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from auth import cookies, sessions
from data.engines import app_engine, auth_engine
from data.invoicing import read_dispute_file
from data.ticketing import File, read_attachment
from rules.errors import Forbidden
from rules.principal import Principal
from web.request import client

Reading = Callable[[Engine, Principal, UUID], File]


async def attachment(request: Request) -> Response:
    return await _file(request, read_attachment, "/tickets")


async def dispute_file(request: Request) -> Response:
    return await _file(request, read_dispute_file, "/disputes")


async def _file(request: Request, read: Reading, home: str) -> Response:
    token = request.cookies.get(cookies.session_cookie())
    signed = await run_in_threadpool(sessions.who, auth_engine(), token, address=client(request))
    if signed is None:
        return RedirectResponse(home, 303, {"cache-control": "no-store"})
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise Forbidden("a file is asked for on its page")
    uuid: UUID = request.path_params["uuid"]
    file = await run_in_threadpool(read, app_engine(), signed.principal, uuid)
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(file.content, media_type=file.media_type, headers=headers)


routes = [Route("/attachments/{uuid:uuid}", attachment), Route("/attachments/disputes/{uuid:uuid}", dispute_file)]
