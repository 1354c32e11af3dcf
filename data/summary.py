"""The dashboard: how requests, orders, invoices and inventory of an account stand, read in one go (SPEC R24–R27).

Every figure carries what to ask of its list to see exactly the rows it counts; the list's own conditions count them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, Select, and_, func, or_, select

from data.database import hat_of, reading
from data.inventory import INVENTORY
from data.invoices import INVOICES
from data.listing import Asked, Count, ListSpec, Page, read_asked
from data.listing.kept import rows_of
from data.listing.query import by_column, conditions_of
from data.listing.scope import Scope, scope_of
from data.models import InventoryItem, InvoiceTally, ServiceOrder, Site, Ticket
from data.models.rows import CUSTOMER_HATS
from data.notices import OpenNotice, open_notices
from data.open_balances import IS_OWED, ISSUERS_DAY, with_issuer
from data.orders import ORDERS
from data.team import TeamMember, key_team, team_of
from data.ticketing.attainment import AttainmentAsked, Kept, attainment_of
from data.ticketing.waiting import WAITING
from data.tickets import TICKETS
from rules.inventory import ItemStatus
from rules.lifecycle import Category
from rules.money import DUE_SOON
from rules.permissions import CUSTOMER_FUNCTIONS, Permission
from rules.principal import Principal

P = Permission
RECENT = timedelta(days=30)
MOST_TICKETS = 6
#: What a customer has with us; what is gone for good is history.
IN_USE = tuple(status for status in ItemStatus if status is not ItemStatus.DECOMMISSIONED)

#: What a dashboard has room for, in its order: column → width.
_ROOM = {"number": 130, "next_deadline": 150, "subject": 250, "status": 130, "site": 90, "account": None}
_UNSEEN = ("category", "paused_since")
_COUNTS = ("going_on", "paused", "late")
_columns = {column.key: column for column in TICKETS.columns}
#: The list of tickets as a dashboard shows it.
NEXT_TICKETS: ListSpec = replace(
    TICKETS,
    columns=(
        *(replace(_columns[key], width=width) for key, width in _ROOM.items()),
        *(_columns[key] for key in _UNSEEN),
    ),
)


@dataclass(frozen=True)
class Figure:
    """A number, and what to ask of its list to see just these rows."""

    n: int
    asked: Asked


@dataclass(frozen=True)
class TicketFigures:
    """What goes on; `late` clocks have run out, `first` are the tickets whose clocks run out first."""

    going_on: Figure
    paused: Figure
    late: Figure
    first: Page
    #: What the customer must answer; None for staff, who wait for it.
    waiting: Waiting | None


@dataclass(frozen=True)
class Waiting:
    """How many tickets wait for their customer, how many of them too long, and until when the first is answered."""

    figure: Figure
    overdue: int
    first_by: datetime | None


@dataclass(frozen=True)
class StatusCount:
    """Of one status: how many orders were requested, how many installed, and how many either, in the last 30 days."""

    status: str
    requested: int
    installed: int
    n: int


@dataclass(frozen=True)
class OrderFigures:
    """`recent`: requested or installed."""

    recent: Figure
    requested: Figure
    installed: Figure
    by_status: tuple[StatusCount, ...]


@dataclass(frozen=True)
class DueAmount:
    """What is due in one currency; currencies are never added up."""

    currency: str
    overdue: int
    overdue_amount: Decimal
    due_soon: int
    due_soon_amount: Decimal


@dataclass(frozen=True)
class InvoiceFigures:
    overdue: Figure
    due_soon: Figure
    amounts: tuple[DueAmount, ...]


@dataclass(frozen=True)
class ItemCount:
    """How many items of a kind are at a site (or at none that is named)."""

    site_code: str | None
    site_name: str | None
    kind: str
    n: int


@dataclass(frozen=True)
class InventoryFigures:
    items: Figure
    counts: tuple[ItemCount, ...]


@dataclass(frozen=True)
class Dashboard:
    """Each part is None where the person does not hold its function: then it does not exist for them."""

    team: tuple[TeamMember, ...] | None
    tickets: TicketFigures | None
    #: Of this month's promises (UTC); who sees only their own tickets is told nothing of a whole company.
    attainment: Kept | None
    orders: OrderFigures | None
    invoices: InvoiceFigures | None
    inventory: InventoryFigures | None
    notices: tuple[OpenNotice, ...] | None


def dashboard_of(
    engine: Engine, principal: Principal, *, account: str | None = None, time_zone: str = "UTC", language: str = "en"
) -> Dashboard:
    """Everything about the accounts in view. `account`: the code its links name, where staff look at one customer."""
    principal.require(P.DASHBOARD_VIEW)
    return home_of(engine, principal, account=account, time_zone=time_zone, language=language)


def home_of(
    engine: Engine, principal: Principal, *, account: str | None = None, time_zone: str = "UTC", language: str = "en"
) -> Dashboard:
    """The same, as far as it exists for somebody who may have no dashboard."""
    held = [
        function for function in CUSTOMER_FUNCTIONS if function is not P.TICKET_VIEW_OWN and principal.may(function)
    ]
    team = tickets = attainment = orders = invoices = inventory = notices = None
    if held:
        with reading(engine, principal, *held) as connection:
            scope = scope_of(connection, principal, hat_of(principal, held[0]), None, time_zone)
            tickets = _tickets(connection, scope, account) if P.TICKET_VIEW_COMPANY in held else None
            attainment = attainment_of(connection, scope, _this_month()) if P.TICKET_VIEW_COMPANY in held else None
            orders = _orders(connection, scope, account) if P.ORDER_VIEW in held else None
            invoices = _invoices(connection, scope, account) if P.INVOICE_VIEW in held else None
            inventory = _inventory(connection, scope, account) if P.INVENTORY_VIEW in held else None
            knows_where = P.INVENTORY_VIEW in held
            notices = (
                open_notices(connection, scope, language, knows_where=knows_where) if P.NOTICE_VIEW in held else None
            )
            team = team_of(connection, scope.one) if scope.one is not None else None
    if tickets is None and principal.may(P.TICKET_VIEW_OWN):
        with reading(engine, principal, P.TICKET_VIEW_OWN) as connection:  # another hat: only what they requested
            own = principal.covering(P.TICKET_VIEW_OWN)
            scope = scope_of(connection, own, hat_of(own, P.TICKET_VIEW_OWN), None, time_zone)
            tickets = _tickets(connection, scope, account)
    if team is None:
        team = key_team(engine, principal)
    return Dashboard(team, tickets, attainment, orders, invoices, inventory, notices)


def _this_month() -> AttainmentAsked:
    today = datetime.now(UTC).date().replace(day=1)
    return AttainmentAsked(today, today)


def _asking(spec: ListSpec, account: str | None, **parameters: str | tuple[str, ...]) -> Asked:
    """What the list's page would read in its address."""
    asked = {key: (value,) if isinstance(value, str) else value for key, value in parameters.items()}
    return read_asked(spec, asked | ({"account": (account,)} if account else {}))


def _tickets(connection: Connection, scope: Scope, account: str | None) -> TicketFigures:
    table = Ticket.__table__
    asked = _asking(TICKETS, account, sort="deadline")

    def query(scope: Scope) -> Select[Any]:
        conditions = [*scope.condition(table), *conditions_of(connection, TICKETS, asked, scope)]
        paused, late = table.c.category == Category.PAUSED, table.c.next_deadline < func.now()
        counts = func.count(), func.count().filter(paused), func.count().filter(late)
        first = (
            select(table.c.id, *(count.over().label(name) for count, name in zip(counts, _COUNTS, strict=True)))
            .where(*conditions)
            .order_by(table.c.next_deadline, table.c.id)
            .limit(MOST_TICKETS)
            .subquery("first")
        )
        return (
            select(*(first.c[name] for name in _COUNTS), *(c.value.label(c.key) for c in NEXT_TICKETS.columns))
            .select_from(TICKETS.source.join(first, first.c.id == table.c.id))
            .where(*scope.condition(table))
            .order_by(table.c.next_deadline, table.c.id)
        )

    found = rows_of(connection, ("dashboard.tickets", asked), scope, query)
    n, paused, late = found[0][:3] if found else (0, 0, 0)
    values = by_column(NEXT_TICKETS.columns, [row[3:] for row in found])
    page = Page(values, Count(n, capped=False), scope, 1, None, None)
    stopped = Figure(paused, _asking(TICKETS, account, stage="paused"))
    overdue = Figure(late, _asking(TICKETS, account, clock="late", sort="deadline"))
    waiting = _waiting(connection, scope) if scope.hat in CUSTOMER_HATS else None
    return TicketFigures(Figure(n, asked), stopped, overdue, page, waiting)


def _waiting(connection: Connection, scope: Scope) -> Waiting:
    table, asked = Ticket.__table__, _asking(WAITING, None)

    def query(scope: Scope) -> Select[Any]:
        overdue, first_by = func.count().filter(table.c.respond_by < func.now()), func.min(table.c.respond_by)
        conditions = [*scope.condition(table), *conditions_of(connection, WAITING, asked, scope)]
        return select(func.count(), overdue, first_by).select_from(table).where(*conditions)

    ((n, overdue, first_by),) = rows_of(connection, ("dashboard.waiting", asked), scope, query)
    return Waiting(Figure(n, asked), overdue, first_by)


def _orders(connection: Connection, scope: Scope, account: str | None) -> OrderFigures:
    """Requested or installed in the last 30 days of the reader's calendar (R26)."""
    table = ServiceOrder.__table__
    since = (datetime.now(ZoneInfo(scope.time_zone)).date() - RECENT).isoformat()
    asked = [_asking(ORDERS, account, requested_from=since), _asking(ORDERS, account, installed_from=since)]

    def query(scope: Scope) -> Select[Any]:
        requested, installed = (and_(*conditions_of(connection, ORDERS, one, scope)) for one in asked)
        return (
            select(table.c.status, func.count().filter(requested), func.count().filter(installed), func.count())
            .where(*scope.condition(table), or_(requested, installed))
            .group_by(table.c.status)
        )

    rows = rows_of(connection, ("dashboard.orders", *asked), scope, query)
    by_status = tuple(StatusCount(*row) for row in rows)
    return OrderFigures(
        Figure(sum(one.n for one in by_status), _asking(ORDERS, account, moved_from=since)),
        Figure(sum(one.requested for one in by_status), asked[0]),
        Figure(sum(one.installed for one in by_status), asked[1]),
        by_status,
    )


def _invoices(connection: Connection, scope: Scope, account: str | None) -> InvoiceFigures:
    tally, today = InvoiceTally.__table__, ISSUERS_DAY

    def query(scope: Scope) -> Select[Any]:
        overdue, soon = tally.c.due < today, tally.c.due.between(today, today + DUE_SOON.days)
        sums = [
            func.coalesce(func.sum(measure).filter(when), 0)
            for when in (overdue, soon)
            for measure in (tally.c.n, tally.c.balance)
        ]
        return (
            select(tally.c.currency, *sums)
            .select_from(with_issuer())
            .where(*scope.condition(tally), IS_OWED, or_(overdue, soon))
            .group_by(tally.c.currency)
            .order_by(tally.c.currency)
        )

    rows = rows_of(connection, "dashboard.invoices", scope, query)
    amounts = tuple(DueAmount(row[0], int(row[1]), row[2], int(row[3]), row[4]) for row in rows if row[1] or row[3])
    return InvoiceFigures(
        Figure(sum(one.overdue for one in amounts), _asking(INVOICES, account, status="overdue")),
        Figure(sum(one.due_soon for one in amounts), _asking(INVOICES, account, status="due_soon")),
        amounts,
    )


def _inventory(connection: Connection, scope: Scope, account: str | None) -> InventoryFigures:
    table = InventoryItem.__table__
    asked = _asking(INVENTORY, account, status=IN_USE)

    def query(scope: Scope) -> Select[Any]:
        counted = (
            select(table.c.site_id, table.c.kind, func.count().label("n"))
            .where(*scope.condition(table), *conditions_of(connection, INVENTORY, asked, scope))
            .group_by(table.c.site_id, table.c.kind)
            .subquery("counted")
        )
        return (
            select(Site.code, Site.name, counted.c.kind, counted.c.n)
            .select_from(counted.outerjoin(Site.__table__, Site.id == counted.c.site_id))
            .order_by(Site.country, Site.name, counted.c.kind)
        )

    rows = rows_of(connection, ("dashboard.inventory", asked), scope, query)
    counts = tuple(ItemCount(*row) for row in rows)
    return InventoryFigures(Figure(sum(one.n for one in counts), asked), counts)
