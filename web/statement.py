"""`/statement.pdf?<the page's query>`: the statement of account as a document, for whoever may read the page."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data.audit import Deed, record
from data.database import writing
from data.engines import app_engine
from data.invoicing.statement import PERMISSION, TITLE, Statement, StatementAsked, read_statement, statement_of
from rules.looking import PARAMETER, looking_at
from rules.principal import Principal
from ui.reader import languages
from ui.statement import LANGUAGE, statement_pdf
from ui.text import Reader, reading_as, translated
from web.reports import reader_of
from web.taking import document, to_be_saved, who_asks

#: So many items of a currency stand in a document; the workbook has all of them.
MOST_ITEMS = 1_000


async def statement(request: Request) -> Response:
    known = await who_asks(request, "statement")
    if known is None:
        return RedirectResponse(f"/statement?{request.url.query}", 303, {"cache-control": "no-store"})
    principal = looking_at(known, request.query_params.get(PARAMETER))
    principal.require(PERMISSION)
    asked = read_statement({name: request.query_params.getlist(name) for name in request.query_params})
    return await document(_answer, principal, asked, _reader(request, principal))


def _reader(request: Request, principal: Principal) -> Reader:
    """Finance takes it in the language of whom it is for."""
    reader, wanted = reader_of(request, principal), request.query_params.get(LANGUAGE)
    return replace(reader, language=wanted) if wanted in languages() else reader


def _answer(principal: Principal, asked: StatementAsked, reader: Reader) -> Response:
    found = statement_of(app_engine(), principal, asked, time_zone=reader.time_zone, most=MOST_ITEMS)
    _note(principal, found)
    with reading_as(reader):
        body = statement_pdf(found, made_at=datetime.now(reader.zone).replace(microsecond=0))
        name = f"{translated(TITLE)} {found.code} {found.day:%Y-%m-%d}.pdf"
    return to_be_saved(body, "application/pdf", name)


def _note(principal: Principal, found: Statement) -> None:
    """Before the first byte leaves; who runs the account can read it there."""
    who = principal if principal.is_staff else principal.looking_at((found.account_id,))
    account = None if principal.is_staff else found.account_id
    after = {"account": found.code, "day": found.day.isoformat()}
    what = Deed("statement.read", "account", object_label=found.code)
    deed = replace(what, account_id=account, function=PERMISSION, after=after)
    with writing(app_engine(), who, PERMISSION) as connection:
        record(connection, who, deed)


routes = [Route("/statement.pdf", statement)]
