"""`/invoices/<uuid>.pdf`, `.xml` and `/invoices.zip?<the page's query>`: documents for whoever reads the invoice."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import BinaryIO
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data.engines import app_engine, report_engine
from data.invoices import INVOICES
from data.invoicing.bundle import asked_for, names_of, papers, safe_name
from data.invoicing.documents import Paper, take_document
from data.invoicing.e_invoice import e_invoice
from data.listing import read_asked
from reports.spool import Busy
from reports.zip_stream import ForwardZip
from rules.principal import Principal
from ui.invoice_sheet import pdf_of
from ui.reports_by_name import covered, named
from ui.text import _, reading_as
from web.exports import Export
from web.reports import busy_now, reader_of, spool, streamed, who_takes
from web.taking import document, to_be_saved, who_asks

PDF, XML, ZIP = "application/pdf", "application/xml", "application/zip"
#: What it is called in the audit log.
BUNDLE = "invoices.zip"


def _pdf(paper: Paper) -> bytes:
    """The original, where finance has one."""
    return paper.original.content if paper.original else pdf_of(paper)


def _document(kind: str, media_type: str, made: Callable[[Paper], bytes]) -> Route:
    async def answer(request: Request) -> Response:
        uuid: UUID = request.path_params["uuid"]
        principal = await who_asks(request, "document")
        if principal is None:
            return RedirectResponse(f"/invoices?invoice={uuid}", 303, {"cache-control": "no-store"})
        who = principal.anywhere()
        content, number = await document(_taken, who, uuid, kind, made)
        return to_be_saved(content, media_type, f"{safe_name(number)}.{kind}")

    return Route(f"/invoices/{{uuid:uuid}}.{kind}", answer)


def _taken(principal: Principal, uuid: UUID, kind: str, made: Callable[[Paper], bytes]) -> tuple[bytes, str]:
    paper = take_document(app_engine(), principal, uuid, kind)
    return made(paper), paper.detail.invoice.number


async def bundle(request: Request) -> Response:
    principal = await who_takes(request, *INVOICES.permissions)
    if principal is None:
        return RedirectResponse(f"/invoices?{request.url.query}", 303, {"cache-control": "no-store"})
    parameters = {key: request.query_params.getlist(key) for key in request.query_params}
    asked = read_asked(INVOICES, parameters)
    who = covered(principal, parameters)
    uuids = await run_in_threadpool(asked_for, report_engine(), principal, asked)
    query = asked.query(INVOICES, with_place=False)
    export = Export(who, BUNDLE, INVOICES.permissions, query)
    await run_in_threadpool(export.begun)
    with reading_as(reader_of(request, principal)):
        try:
            body = spool().stream(partial(_write, export=export, principal=principal, uuids=uuids))
        except Busy as busy:
            return busy_now(busy)
        return streamed(body, ZIP, f"{named(_('Invoices'), who)}.zip")


def _write(out: BinaryIO, *, export: Export, principal: Principal, uuids: tuple[UUID, ...]) -> None:
    """In a thread of its own; one document at a time is in memory."""
    with export.followed() as following, ForwardZip(out) as archive:
        every = (paper for (paper,) in following(papers(report_engine(), principal, uuids)))
        for name, paper in names_of(every):
            with archive.part(f"{name}.pdf") as part:
                part.write(_pdf(paper))


routes = [_document("pdf", PDF, _pdf), _document("xml", XML, e_invoice), Route("/invoices.zip", bundle)]
