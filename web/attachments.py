"""Files over HTTP, for whoever may see their message: /attachments/<uuid> of a ticket, and those of disputes and
messages, which say so in their address.

It is saved, never shown."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data.engines import app_engine
from data.invoicing import read_dispute_file
from data.messaging import read_message_file
from data.ticketing import File, read_attachment
from rules.principal import Principal
from web.taking import to_be_saved, who_asks

Reading = Callable[[Engine, Principal, UUID], File]


async def attachment(request: Request) -> Response:
    return await _file(request, read_attachment, "/tickets")


async def dispute_file(request: Request) -> Response:
    return await _file(request, read_dispute_file, "/disputes")


async def message_file(request: Request) -> Response:
    return await _file(request, read_message_file, "/messages")


async def _file(request: Request, read: Reading, home: str) -> Response:
    principal = await who_asks(request, "file")
    if principal is None:
        return RedirectResponse(home, 303, {"cache-control": "no-store"})
    uuid: UUID = request.path_params["uuid"]
    file = await run_in_threadpool(read, app_engine(), principal, uuid)
    return to_be_saved(file.content, file.media_type, file.name)


routes = [
    Route("/attachments/{uuid:uuid}", attachment),
    Route("/attachments/disputes/{uuid:uuid}", dispute_file),
    Route("/attachments/messages/{uuid:uuid}", message_file),
]
