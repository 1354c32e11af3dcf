"""`/documents/<uuid>`: a guide, a policy or an account's own paper, for whoever may read it; saved, never shown."""

from __future__ import annotations

from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data.documents import take_document
from data.engines import app_engine
from web.taking import to_be_saved, who_asks


async def document(request: Request) -> Response:
    principal = await who_asks(request, "document")
    if principal is None:
        return RedirectResponse("/help?part=documents", 303, {"cache-control": "no-store"})
    uuid: UUID = request.path_params["uuid"]
    taken = await run_in_threadpool(take_document, app_engine(), principal, uuid)
    return to_be_saved(taken.content, taken.media_type, taken.name)


routes = [Route("/documents/{uuid:uuid}", document)]
