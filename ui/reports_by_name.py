"""Every report there is, by the name in its address: who may ask for it, and how what was asked becomes a workbook.

The web sends them, and the worker mails them (docs/decisions/0030)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from urllib.parse import urlencode

from data import customers
from data.access import ACCESS
from data.accounts import ACCOUNTS
from data.audit_log import AUDIT, audit_for
from data.billing import BILLING
from data.documents import accepting
from data.documents.listing import DOCUMENTS
from data.engines import report_engine
from data.feedback import FEEDBACK
from data.invoicing import statement
from data.listing import Asked, Column, ListSpec, read_asked, stream_of
from data.listing.opened import permission_for
from data.listing.search import MAX_WORDS, tidy
from data.lists import LISTS
from data.locations import ENTITIES, SITES
from data.messages import MESSAGES
from data.roster import PEOPLE
from data.streams import Batch
from data.ticketing import parcels, service
from data.ticketing.queue import QUEUE
from data.ticketing.waiting import WAITING
from reports.workbook import Cover, write_workbook
from rules.errors import Forbidden, Invalid
from rules.looking import looking_at, looking_at_one
from rules.permissions import Permission
from rules.principal import AccountRef, Principal
from ui.report import cover_of, cover_with, report_columns, service_facts, sheet_columns
from ui.text import _, date_text, n_, reader, translated

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
    #: What its rows and sums are read by besides: a session that is narrowed to it needs them.
    reads: tuple[Permission, ...] = ()
    #: The page where whoever is sent back finds it, if it is not one of the report's own name; None: nobody signed in.
    page: Callable[[Principal | None], str] | None = None

    def functions(self, principal: Principal) -> tuple[Permission, ...]:
        """All that a session of theirs needs which reads nothing else (docs/decisions/0030). Staff read the accounts'
        names beside the rows."""
        names = (Permission.ACCOUNT_VIEW,) if principal.is_staff else ()
        return tuple(dict.fromkeys((*self.permissions, *self.reads, Permission.REPORT_EXPORT, *names)))


def taking(known: Principal, accounts: str | None, *permissions: Permission) -> Principal:
    """Whoever takes along what the list behind these functions shows: looking at what an address says of the accounts,
    where they may. Forbidden where that is nowhere."""
    principal = looking_at(known, accounts)
    principal.require(Permission.REPORT_EXPORT)
    principal = principal.covering(Permission.REPORT_EXPORT)  # what may be seen may not be taken along everywhere
    principal.require(*permissions)
    return principal


def covered(principal: Principal, parameters: Parameters) -> Principal:
    """The customer as they look at the one account that the address names, if it is one of those in view."""
    return looking_at_one(principal, (parameters.get("account") or (None,))[-1])


def write_report(out: BinaryIO, asked: Report, batches: Iterable[Batch]) -> int:
    """The workbook, in the words of whoever reads; how many rows it has."""
    return write_workbook(out, translated(asked.title), sheet_columns(asked.columns), batches, asked.cover())


def named(title: str, principal: Principal) -> str:
    """What it is, of whom, and the day it is today."""
    return " ".join((title, *_whose_it_is(principal), f"{datetime.now(reader().zone):%Y-%m-%d}"))


def _whose_it_is(principal: Principal) -> tuple[str, ...]:
    """In the name of the file, where somebody has several accounts and did not ask for all of them."""
    if principal.is_staff or len(principal.chosen) == len(principal.accounts):
        return ()
    codes = [account.code for account in _in_view(principal)]
    return (" ".join(codes) if len(codes) <= FEW else n_("{n} account", "{n} accounts", len(codes)),)


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

    return Kind(spec.permissions, ask, spec.needs_proof, READS.get(spec.name, ()))


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


def _of_acceptances(principal: Principal, _parameters: Parameters) -> Report:
    if not accepting.may_read_acceptances(principal):
        raise Forbidden("acceptances")
    names = [account.name for account in _in_view(principal.covering(Permission.USER_MANAGE))]
    facts = [] if principal.is_staff else [(_("Accounts"), ", ".join(names))]
    return Report(
        accepting.TITLE,
        accepting.REPORT,
        lambda zone: accepting.stream_acceptances(
            report_engine(), principal, language=reader().language, time_zone=zone
        ),
        lambda: cover_with(accepting.TITLE, principal.name, facts),
        "",
    )


def _with_acceptances(principal: Principal | None) -> str:
    """Administrators take it from the list of documents, everybody else from the policies in the help."""
    is_administrator = principal is not None and principal.may(Permission.DOCUMENT_MANAGE)
    return "documents" if is_administrator else "help?part=policies"


#: Lists of one kind of reader.
OTHERS = (ACCESS, ACCOUNTS, BILLING, DOCUMENTS, ENTITIES, FEEDBACK, PEOPLE, QUEUE, SITES, WAITING)
_OF_CUSTOMERS = (Permission.TICKET_VIEW_COMPANY, Permission.INVOICE_VIEW, Permission.INVENTORY_VIEW)
#: Lists that are opened by one function and read by others as well.
READS: dict[str, tuple[Permission, ...]] = {
    QUEUE.name: (Permission.TICKET_VIEW_COMPANY,),
    BILLING.name: (Permission.INVOICE_VIEW,),
    MESSAGES.name: (Permission.INVOICE_VIEW, Permission.INVOICE_MANAGE, Permission.TICKET_WORK),
    FEEDBACK.name: (Permission.TICKET_WORK,),
    DOCUMENTS.name: (Permission.DOCUMENT_VIEW,),
}

KINDS: dict[str, Kind] = {
    **{spec.name: _of_list(spec) for spec in (*LISTS.values(), *OTHERS)},
    AUDIT.name: Kind((Permission.AUDIT_READ, Permission.USER_MANAGE), _of_audit_log),
    "customers": Kind((Permission.ACCOUNT_VIEW,), _of_customers, reads=_OF_CUSTOMERS),
    "service": Kind((Permission.TICKET_VIEW_COMPANY,), _of_service),
    "statement": Kind((statement.PERMISSION,), _of_statement),
    "parcels": Kind((Permission.TICKET_WORK,), _of_parcels),
    "acceptances": Kind(
        (Permission.USER_MANAGE, Permission.DOCUMENT_VIEW), _of_acceptances, needs_proof=True, page=_with_acceptances
    ),
}
