"""`/reports/<list>.xlsx?<the page's query>`: exactly what is filtered, streamed while it is written."""

from __future__ import annotations

from collections.abc import AsyncIterable
from contextlib import closing
from functools import lru_cache
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from auth.second_factor import is_proved
from data.engines import auth_engine
from data.instance import open_home, room
from data.settings import settings
from reports.ahead import fetched_ahead
from reports.spool import Busy, Spool
from rules.errors import NotFound
from rules.looking import PARAMETER
from rules.permissions import Permission
from rules.principal import Principal
from ui.list_view.proved import PROVE_FIRST
from ui.reports_by_name import KINDS, Report, covered, named, taking, write_report
from ui.text import Reader, _, reading_as, translated
from web.exports import Export
from web.language import language_of
from web.taking import saved_as, who_asks

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@lru_cache
def spool() -> Spool:
    """One for the process: it bounds how many reports are written at once."""
    open_home(settings().home)
    return Spool(room(settings().home, "spool"))


async def report(request: Request) -> Response:
    name = request.path_params["name"]
    kind = KINDS.get(name)
    if kind is None:
        raise NotFound(name)
    principal = await who_takes(request, *kind.permissions)
    page = kind.page(principal) if kind.page is not None else name
    if principal is None:
        return _back(page, request.url.query)
    if kind.needs_proof and not await run_in_threadpool(is_proved, auth_engine(), principal.token):
        return _back(page, request.url.query, PROVE_FIRST)
    parameters = {key: request.query_params.getlist(key) for key in request.query_params}
    asked = kind.ask(principal, parameters)
    export = Export(covered(principal, parameters), name, kind.permissions, asked.query)
    await run_in_threadpool(export.begun)
    return _answer(asked, export, reader_of(request, principal))


def _back(page: str, *said: str) -> Response:
    """To the page, with what was asked of its report."""
    path, _sign, own = page.partition("?")
    query = "&".join(part for part in (own, *said) if part)
    return RedirectResponse(f"/{path}?{query}", 303, {"cache-control": "no-store"})


async def who_takes(request: Request, *permissions: Permission) -> Principal | None:
    """Who takes something along that the list behind these functions shows; None: they are not signed in."""
    known = await who_asks(request, "report")
    if known is None:
        return None
    return taking(known, request.query_params.get(PARAMETER), *permissions)


def _answer(asked: Report, export: Export, reader: Reader) -> Response:
    with reading_as(reader):
        try:
            body = spool().stream(lambda out: _write(out, asked, export, reader))
        except Busy as busy:
            return busy_now(busy)
        return streamed(body, XLSX, f"{named(translated(asked.title), export.principal)}.xlsx")


def busy_now(busy: Busy) -> Response:
    said = _("Several reports are being written right now. Please try again in a moment.")
    headers = {"retry-after": str(busy.retry_after), "cache-control": "no-store"}
    return PlainTextResponse(f"{said}\n", 503, headers)


def streamed(body: AsyncIterable[bytes], media_type: str, name: str) -> Response:
    """To be saved under this name, while it is written."""
    return StreamingResponse(body, media_type=media_type, headers={**saved_as(name), "cache-control": "no-store"})


def _write(out: BinaryIO, asked: Report, export: Export, reader: Reader) -> None:
    """In a thread of its own, at the speed of the database; the cursor is closed whatever happens."""
    with (
        export.followed() as following,
        reading_as(reader),
        closing(asked.rows(str(reader.zone))) as rows,
        closing(fetched_ahead(rows)) as batches,
    ):
        write_report(out, asked, following(batches))


def reader_of(request: Request, principal: Principal) -> Reader:
    """In the words and on the clock of the page they asked on."""
    return Reader(language_of(request.scope, principal.language), _zone(request, principal))


def _zone(request: Request, principal: Principal) -> str:
    """The page names the zone it showed; a name that is none counts as UTC (ui/reader.py)."""
    return principal.time_zone or request.query_params.get("zone") or "UTC"


routes = [Route("/reports/{name}.xlsx", report)]
