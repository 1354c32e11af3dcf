"""`/reports/<list>.xlsx?<the page's query>`: exactly what is filtered, streamed while it is written."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from functools import lru_cache
from typing import BinaryIO
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from auth import cookies, sessions
from data.audit import Deed, record
from data.database import writing
from data.engines import app_engine, auth_engine, report_engine
from data.instance import open_home, room
from data.listing import Asked, ListSpec, read_asked, stream_of
from data.lists import LISTS
from data.settings import settings
from reports.spool import Busy, Spool
from reports.workbook import write_workbook
from rules.errors import Forbidden, NotFound
from rules.permissions import Permission
from rules.principal import Principal
from ui.report import cover_of, in_words, report_columns, sheet_columns
from ui.text import Reader, _, reading_as, translated
from web.language import language_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@lru_cache
def spool() -> Spool:
    """One for the process: it bounds how many reports are written at once."""
    open_home(settings().home)
    return Spool(room(settings().home, "spool"))


async def report(request: Request) -> Response:
    spec = LISTS.get(request.path_params["name"])
    if spec is None:
        raise NotFound(request.path_params["name"])
    token = request.cookies.get(cookies.session_cookie())
    signed = await run_in_threadpool(sessions.who, auth_engine(), token)
    if signed is None:
        return RedirectResponse(f"/{spec.name}?{request.url.query}", 303, {"cache-control": "no-store"})
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise Forbidden("a report is asked for on its page")  # another site's link would start one unasked
    principal = signed.principal
    principal.require(Permission.REPORT_EXPORT)
    principal.require(*spec.permissions)
    asked = read_asked(spec, _parameters(request.query_params))
    reader = Reader(_language(request, principal), _zone(request, principal))
    await run_in_threadpool(_note, principal, spec, asked, request.client.host if request.client else None)
    try:
        with reading_as(reader):
            body = spool().stream(lambda out: _write(out, principal, spec, asked, reader))
            name = f"{translated(spec.title)} {datetime.now(reader.zone):%Y-%m-%d}.xlsx"
    except Busy as busy:
        return _busy(busy, reader)
    return StreamingResponse(body, media_type=XLSX, headers=_headers(name))


def _parameters(query: QueryParams) -> Mapping[str, list[str]]:
    return {key: query.getlist(key) for key in query}


def _language(request: Request, principal: Principal) -> str:
    chosen_here = cookies.LANGUAGE in request.cookies
    return language_of(request.scope) if chosen_here or not principal.language else principal.language


def _zone(request: Request, principal: Principal) -> str:
    """The page names the zone it showed; a name that is none counts as UTC (ui/reader.py)."""
    return principal.time_zone or request.query_params.get("zone") or "UTC"


def _write(out: BinaryIO, principal: Principal, spec: ListSpec, asked: Asked, reader: Reader) -> None:
    """In a thread of its own, at the speed of the database; the cursor is closed whatever happens."""
    with reading_as(reader):
        several = asked.account is None and (principal.is_staff or len(principal.accounts) != 1)
        columns = report_columns(spec, several_accounts=several)
        names = [a.name for a in principal.accounts if asked.account in (None, a.code)]
        cover = cover_of(spec, asked, person=principal.name, accounts=names or [asked.account or ""])
        rows = stream_of(report_engine(), principal, spec, asked, columns, time_zone=str(reader.zone))
        with closing(rows):
            write_workbook(out, translated(spec.title), sheet_columns(columns), in_words(columns, rows), cover)


def _note(principal: Principal, spec: ListSpec, asked: Asked, address: str | None) -> None:
    query = asked.query(spec, with_place=False)
    deed = Deed(
        "report.export",
        "list",
        object_label=spec.name,
        function=spec.permissions[0],
        after={"query": query},
        address=address,
    )
    with writing(app_engine(), principal, *spec.permissions) as connection:
        record(connection, principal, deed)


def _headers(name: str) -> dict[str, str]:
    return {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }


def _busy(busy: Busy, reader: Reader) -> Response:
    with reading_as(reader):
        said = _("Several reports are being written right now. Please try again in a moment.")
    return PlainTextResponse(f"{said}\n", 503, {"retry-after": str(busy.retry_after), "cache-control": "no-store"})


routes = [Route("/reports/{name}.xlsx", report)]
