"""`/reports/<list>.xlsx?<the page's query>`: exactly what is filtered, streamed while it is written."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import BinaryIO
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from auth.second_factor import is_proved
from data import customers
from data.access import ACCESS
from data.accounts import ACCOUNTS
from data.audit_log import AUDIT, audit_for
from data.billing import BILLING
from data.engines import auth_engine, report_engine
from data.instance import open_home, room
from data.invoicing import statement
from data.listing import Asked, Column, ListSpec, read_asked, stream_of
from data.listing.opened import permission_for
from data.listing.search import MAX_WORDS, tidy
from data.lists import LISTS
from data.roster import PEOPLE
from data.settings import settings
from data.streams import Batch
from data.ticketing import parcels, service
from data.ticketing.queue import QUEUE
from data.ticketing.waiting import WAITING
from reports.ahead import fetched_ahead
from reports.spool import Busy, Spool
from reports.workbook import Cover, write_workbook
from rules.errors import Invalid, NotFound
from rules.looking import PARAMETER, looking_at
from rules.permissions import Permission
from rules.principal import AccountRef, Principal
from ui.list_view.proved import PROVE_FIRST
from ui.report import cover_of, cover_with, report_columns, service_facts, sheet_columns
from ui.text import Reader, _, date_text, n_, reader, reading_as, translated
from web.exports import Export
from web.language import language_of
from web.taking import saved_as, who_asks

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: So many accounts are named in the name of a file.
FEW = 3
Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Report:
    """One report somebody asked for: its words, its columns, and how its rows are read and its cover is written."""

    title: str
    columns: Sequence[Column]
    rows: Callable[[str], Generator[Batch]]
    cover: Callable[[], Cover]
    #: What was asked, for the audit log.
    query: str


@dataclass(frozen=True)
class Kind:
    """What can be asked for under a name: who may, and how the question becomes a report."""

    permissions: tuple[Permission, ...]
    ask: Callable[[Principal, Parameters], Report]
    #: People: only for who has proved within ten minutes that it is they (auth/step_up.py).
    needs_proof: bool = False


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
    if principal is None:
        return RedirectResponse(f"/{name}?{request.url.query}", 303, {"cache-control": "no-store"})
    if kind.needs_proof and not await run_in_threadpool(is_proved, auth_engine(), principal.token):
        return RedirectResponse(f"/{name}?{request.url.query}&{PROVE_FIRST}", 303, {"cache-control": "no-store"})
    asked = kind.ask(principal, {key: request.query_params.getlist(key) for key in request.query_params})
    export = Export(covered(request, principal), name, kind.permissions, asked.query)
    await run_in_threadpool(export.begun)
    return _answer(asked, export, reader_of(request, principal))


async def who_takes(request: Request, *permissions: Permission) -> Principal | None:
    """Who takes something along that the list behind these functions shows; None: they are not signed in."""
    known = await who_asks(request, "report")
    if known is None:
        return None
    principal = looking_at(known, request.query_params.get(PARAMETER))
    principal.require(Permission.REPORT_EXPORT)
    principal = principal.covering(Permission.REPORT_EXPORT)  # what may be seen may not be taken along everywhere
    principal.require(*permissions)
    return principal


def covered(request: Request, principal: Principal) -> Principal:
    """The customer as they look at the one account that the address names, if it is one of those in view."""
    account = request.query_params.get("account")
    named = tuple(a.id for a in principal.accounts if a.code == account and a.id in principal.chosen)
    return principal.looking_at(named) if named and not principal.is_staff else principal


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


def named(title: str, principal: Principal) -> str:
    """What it is, of whom, and the day it is today."""
    return " ".join((title, *_whose_it_is(principal), f"{datetime.now(reader().zone):%Y-%m-%d}"))


def _whose_it_is(principal: Principal) -> tuple[str, ...]:
    """In the name of the file, where somebody has several accounts and did not ask for all of them."""
    if principal.is_staff or len(principal.chosen) == len(principal.accounts):
        return ()
    codes = [account.code for account in _in_view(principal)]
    return (" ".join(codes) if len(codes) <= FEW else n_("{n} account", "{n} accounts", len(codes)),)


def _write(out: BinaryIO, asked: Report, export: Export, reader: Reader) -> None:
    """In a thread of its own, at the speed of the database; the cursor is closed whatever happens."""
    with (
        export.followed() as following,
        reading_as(reader),
        closing(asked.rows(str(reader.zone))) as rows,
        closing(fetched_ahead(rows)) as batches,
    ):
        counted = following(batches)
        write_workbook(out, translated(asked.title), sheet_columns(asked.columns), counted, asked.cover())


def reader_of(request: Request, principal: Principal) -> Reader:
    """In the words and on the clock of the page they asked on."""
    return Reader(language_of(request.scope, principal.language), _zone(request, principal))


def _zone(request: Request, principal: Principal) -> str:
    """The page names the zone it showed; a name that is none counts as UTC (ui/reader.py)."""
    return principal.time_zone or request.query_params.get("zone") or "UTC"


def _of_list(spec: ListSpec) -> Kind:
    def ask(principal: Principal, parameters: Parameters) -> Report:
        asked: Asked = read_asked(spec, parameters)
        covered = principal.covering(permission_for(principal, spec))
        several = asked.account is None and (principal.is_staff or len(covered.chosen) != 1)
        columns = report_columns(spec, several_accounts=several)
        names = [a.name for a in _in_view(covered) if asked.account in (None, a.code)]
        return Report(
            spec.title,
            columns,
            lambda zone: stream_of(report_engine(), principal, spec, asked, columns, time_zone=zone),
            lambda: cover_of(spec, asked, person=principal.name, accounts=names or [asked.account or ""]),
            asked.query(spec, with_place=False),
        )

    return Kind(spec.permissions, ask, spec.needs_proof)


def _in_view(principal: Principal) -> tuple[AccountRef, ...]:
    """The accounts whose names stand on the cover: a manager's are all they look after."""
    return tuple(a for a in principal.accounts if principal.is_staff or a.id in principal.chosen)


def _whose(principal: Principal) -> list[tuple[str, str]]:
    names = [account.name for account in _in_view(principal.covering(Permission.TICKET_VIEW_COMPANY))]
    return [] if principal.is_staff else [(_("Accounts"), ", ".join(names))]


def _of_audit_log(principal: Principal, parameters: Parameters) -> Report:
    return _of_list(audit_for(principal)).ask(principal, parameters)


def _words(parameters: Parameters) -> str:
    return tidy((parameters.get("q") or ("",))[-1])[:MAX_WORDS]


def _of_customers(principal: Principal, parameters: Parameters) -> Report:
    words, order = _words(parameters), (parameters.get("sort") or ("",))[-1]
    if order and order not in set(customers.CustomerOrder):
        raise Invalid("This order does not exist: {value}", "sort", value=order[:40])
    asked = customers.CustomersAsked(words, customers.CustomerOrder(order or customers.CustomerOrder.ATTENTION))
    return Report(
        customers.TITLE,
        customers.REPORT,
        lambda zone: customers.stream_customers(report_engine(), principal, asked, time_zone=zone),
        lambda: cover_with(customers.TITLE, principal.name, [(_("Search"), asked.words)] if asked.words else []),
        urlencode({"q": asked.words, "sort": asked.order}),
    )


def _of_service(principal: Principal, parameters: Parameters) -> Report:
    asked = service.read_service(parameters)
    title = service.TITLE_OF_PROMISES if asked.tickets else service.TITLE
    return Report(
        title,
        service.PROMISES if asked.tickets else service.FIGURES,
        lambda zone: service.stream_service(report_engine(), principal, asked, time_zone=zone),
        lambda: cover_with(title, principal.name, [*_whose(principal), *service_facts(asked)]),
        asked.query(),
    )


def _of_statement(principal: Principal, parameters: Parameters) -> Report:
    asked = statement.read_statement(parameters)
    covered = principal.covering(statement.PERMISSION)
    several = asked.account is None and (principal.is_staff or len(covered.chosen) != 1)
    names = [a.name for a in _in_view(covered) if asked.account in (None, a.code)]
    day = date_text(asked.day) if asked.day else _("now")
    facts = [(_("Accounts"), ", ".join(names) or asked.account or _("All accounts")), (_("As of"), day)]
    return Report(
        statement.TITLE,
        statement.report_columns(several=several),
        lambda zone: statement.stream_statement(report_engine(), principal, asked, several=several, time_zone=zone),
        lambda: cover_with(statement.TITLE, principal.name, facts),
        asked.query(),
    )


def _of_parcels(principal: Principal, parameters: Parameters) -> Report:
    words, site = _words(parameters), (parameters.get("site") or ("",))[-1][:100]
    asked = parcels.ParcelsAsked(words, site)
    facts = [(said, value) for said, value in ((_("Search"), words), (_("Site"), site)) if value]
    return Report(
        parcels.TITLE,
        parcels.REPORT,
        lambda zone: parcels.stream_parcels(report_engine(), principal, asked, time_zone=zone),
        lambda: cover_with(parcels.TITLE, principal.name, facts),
        urlencode({"q": words, "site": site}),
    )


KINDS: dict[str, Kind] = {
    **{spec.name: _of_list(spec) for spec in (*LISTS.values(), ACCESS, ACCOUNTS, BILLING, PEOPLE, QUEUE, WAITING)},
    AUDIT.name: Kind((Permission.AUDIT_READ, Permission.USER_MANAGE), _of_audit_log),
    "customers": Kind((Permission.ACCOUNT_VIEW,), _of_customers),
    "service": Kind((Permission.TICKET_VIEW_COMPANY,), _of_service),
    "statement": Kind((statement.PERMISSION,), _of_statement),
    "parcels": Kind((Permission.TICKET_WORK,), _of_parcels),
}

routes = [Route("/reports/{name}.xlsx", report)]
