"""How often we kept our promises: met out of met and breached, by month, account, kind, site and clock (SPEC §4).

Sums come from the tally of what is judged (data/tallies.py) and from the few clocks that are late and still run, so
they cost the same with a thousand tickets and with a million; the list behind a figure reads the clocks themselves."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Date,
    Engine,
    Numeric,
    Select,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from data.database import hat_of, reading
from data.listing.kept import rows_of
from data.listing.scope import Scope
from data.models import Account, ClockTally, Site, Ticket, TicketClock
from data.models.rows import Hat
from data.streams import Batch, batches
from rules.permissions import Permission
from rules.principal import Principal

P = Permission
#: Own tickets alone say nothing about how a company is served.
PERMISSION = P.TICKET_VIEW_COMPANY
_BATCH = 1000


@dataclass(frozen=True)
class AttainmentAsked:
    """Months are those in which the promise began, in UTC, both inclusive (any day of them). Nothing means all."""

    since: date
    until: date
    account_ids: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    #: None among them: tickets without a site.
    site_ids: tuple[int | None, ...] = ()
    clocks: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """One figure; `behind` asks for its tickets."""

    month: date
    #: None in a sum over accounts, as is its name and code.
    account_id: int | None
    account: str | None
    kind: str
    site_id: int | None
    site: str | None
    clock: str
    met: int
    breached: int
    account_code: str | None
    site_code: str | None

    @property
    def share(self) -> float:
        """Between 0 and 1; there is no figure of nothing."""
        return self.met / (self.met + self.breached)


@dataclass(frozen=True)
class Promise:
    """One clock behind a figure, with its ticket."""

    number: str
    subject: str
    account: str
    kind: str
    site: str | None
    clock: str
    round: int
    started_at: datetime
    deadline: datetime
    stopped_at: datetime | None
    outcome: str


@dataclass(frozen=True)
class Kept:
    """How many promises were kept, and how many missed."""

    met: int
    breached: int

    @property
    def n(self) -> int:
        return self.met + self.breached

    @property
    def share(self) -> float | None:
        return self.met / self.n if self.n else None


_month = cast(func.date_trunc("month", func.timezone("UTC", TicketClock.started_at)), Date)
#: A clock that is late and still runs is broken already (rule 4); one that runs in time or rests is not judged yet.
_is_late = TicketClock.outcome.is_(None) & TicketClock.stopped_at.is_(None) & (TicketClock.deadline < func.now())
_outcome = case((_is_late, "breached"), else_=TicketClock.outcome)
_GROUP = ("month", "account_id", "kind", "site_id", "clock")


def list_attainment(
    engine: Engine, principal: Principal, asked: AttainmentAsked, *, by_account: bool = True
) -> tuple[Figure, ...]:
    """Every figure that has something behind it, newest month first; for each account, or summed over them."""
    scope, question = _scope(principal, asked), replace(asked, account_ids=())
    with reading(engine, principal, PERMISSION) as connection:
        rows = rows_of(
            connection,
            ("figures", question, by_account),
            scope,
            lambda scope: _figures(question, scope.accounts, by_account=by_account),
        )
        return tuple(Figure(*row) for row in rows)


def _scope(principal: Principal, asked: AttainmentAsked) -> Scope:
    """The accounts that are asked for, else those in view; a manager's own; for the desk None, which is all."""
    accounts: tuple[int, ...] | None = asked.account_ids or principal.chosen
    hat = hat_of(principal, PERMISSION)
    if not accounts and principal.is_staff:
        accounts = tuple(account.id for account in principal.accounts) if hat is Hat.MANAGER else None
    return Scope(accounts, hat, principal.person_id)


def _figures(asked: AttainmentAsked, accounts: tuple[int, ...] | None, *, by_account: bool = True) -> Select[Any]:
    sums = _counted(asked, accounts, by_account=by_account).subquery("sums")
    columns = sums.c
    return (
        select(
            columns.month, columns.account_id, Account.name, columns.kind, columns.site_id, Site.name, columns.clock,
            columns.met, columns.breached, Account.code, Site.code,
        )
        .outerjoin(Account, Account.id == columns.account_id)
        .outerjoin(Site, Site.id == columns.site_id)
        .order_by(columns.month.desc(), Account.name, columns.kind, Site.name, columns.clock)
    )  # fmt: skip


def attainment_of(connection: Connection, scope: Scope, asked: AttainmentAsked) -> Kept:
    """The sum of all figures of a scope, in a transaction of somebody who may see them; one statement."""

    def query(scope: Scope) -> Select[Any]:
        sums = _counted(asked, scope.accounts, by_account=False).subquery("sums")
        return select(func.coalesce(func.sum(sums.c.met), 0), func.coalesce(func.sum(sums.c.breached), 0))

    ((met, breached),) = rows_of(connection, ("attainment", asked), scope, query)
    return Kept(int(met), int(breached))


def _counted(asked: AttainmentAsked, accounts: tuple[int, ...] | None, *, by_account: bool) -> Select[Any]:
    """(month, account_id, kind, site_id, clock, met, breached): what is judged, and what is late and still runs."""
    judged = select(*(getattr(ClockTally, name) for name in _GROUP), ClockTally.met, ClockTally.breached).where(
        ClockTally.month.between(_first(asked.since), _first(asked.until)), *_where(ClockTally, asked, accounts)
    )
    late = select(
        _month.label("month"), *(getattr(TicketClock, name) for name in _GROUP[1:]), literal(0), literal(1)
    ).where(_is_late, *_began(asked), *_where(TicketClock, asked, accounts))
    both = union_all(judged, late).subquery("both")
    met, breached = (cast(func.sum(both.c[name]), BigInteger) for name in ("met", "breached"))
    if asked.outcomes:  # a figure of one outcome alone
        met, breached = (
            value if name in asked.outcomes else literal(0) for name, value in (("met", met), ("breached", breached))
        )
    groups = [both.c[name] for name in _GROUP if by_account or name != "account_id"]
    nobody = cast(null(), BigInteger).label("account_id")
    columns = [both.c[name] if by_account or name != "account_id" else nobody for name in _GROUP]
    return select(*columns, met.label("met"), breached.label("breached")).group_by(*groups).having(met + breached > 0)


def stream_behind(engine: Engine, principal: Principal, asked: AttainmentAsked) -> Iterator[Sequence[Promise]]:
    """The tickets behind the figures, in batches from a cursor: the list of one figure, or the export of all."""
    with reading(engine, principal, PERMISSION) as connection:
        rows = connection.execution_options(yield_per=_BATCH).execute(_behind(asked, _scope(principal, asked).accounts))
        for batch in rows.partitions(_BATCH):
            yield [Promise(*list(row)) for row in batch]


def page_behind(
    engine: Engine, principal: Principal, asked: AttainmentAsked, *, page: int, size: int
) -> tuple[Promise, ...]:
    """One page of the same list, the newest promise first."""
    scope, question = _scope(principal, asked), replace(asked, account_ids=())

    def query(scope: Scope) -> Select[Any]:
        return _behind(question, scope.accounts).limit(size).offset((page - 1) * size)

    with reading(engine, principal, PERMISSION) as connection:
        rows = rows_of(connection, ("promises", question, page, size), scope, query)
        return tuple(Promise(*row) for row in rows)


def stream_figures(engine: Engine, principal: Principal, asked: AttainmentAsked) -> Generator[Batch]:
    """For the report: month, account, kind, site, promise, met, breached, and the share in percent."""
    figures = _figures(asked, _scope(principal, asked).accounts).subquery("figures")
    month, _id, account, kind, _site, site, clock, met, breached, *_codes = figures.c
    percent = func.round(cast(100, Numeric) * met / (met + breached), 2)
    query = select(month, account, kind, site, promise_of(clock, kind), met, breached, percent)
    with reading(engine, principal, PERMISSION) as connection:
        yield from batches(connection, query.order_by(month.desc(), account, kind, site, clock))


def stream_promises(
    engine: Engine, principal: Principal, asked: AttainmentAsked, *, time_zone: str
) -> Generator[Batch]:
    """For the report: the tickets behind, with how long it took and by how many minutes it was late."""
    found = _behind(asked, _scope(principal, asked).accounts).subquery("promises")
    number, subject, account, kind, site, clock, round_, started, deadline, stopped, outcome = found.c
    until = func.coalesce(stopped, func.now())
    local = [func.timezone(time_zone, moment) for moment in (started, deadline, stopped)]
    taken = case((stopped.is_not(None), _minutes(stopped - started)))
    late = case((outcome == "breached", _minutes(until - deadline)))
    query = select(number, subject, account, kind, site, promise_of(clock, kind), round_, *local, taken, late, outcome)
    with reading(engine, principal, PERMISSION) as connection:
        yield from batches(connection, query.order_by(started.desc(), number))


def promise_of(clock: Any, kind: Any) -> Any:
    """What a clock promises, by its word in `clock.promise`: the second one by the kind of ticket."""
    return case((clock == "second", kind), else_=clock)


def _minutes(length: Any) -> Any:
    return cast(func.ceil(func.extract("epoch", length) / 60), BigInteger)


def behind(figure: Figure) -> AttainmentAsked:
    """What to ask for to see the tickets of one figure."""
    return AttainmentAsked(
        since=figure.month,
        until=figure.month,
        account_ids=() if figure.account_id is None else (figure.account_id,),
        kinds=(figure.kind,),
        site_ids=(figure.site_id,),
        clocks=(figure.clock,),
    )


def _behind(asked: AttainmentAsked, accounts: tuple[int, ...] | None) -> Select[Any]:
    clock = TicketClock
    return (
        select(
            Ticket.number, Ticket.subject, Account.name, clock.kind, Site.name, clock.clock, clock.round,
            clock.started_at, clock.deadline, clock.stopped_at, _outcome.label("outcome"),
        )
        .select_from(clock)
        .join(Ticket, (Ticket.account_id == clock.account_id) & (Ticket.id == clock.ticket_id))
        .join(Account, Account.id == clock.account_id)
        .outerjoin(Site, Site.id == clock.site_id)
        .where(*_began(asked), *_where(clock, asked, accounts))
        .where(_outcome.in_(asked.outcomes or ("met", "breached")))
        .order_by(clock.started_at.desc(), clock.id.desc())
    )  # fmt: skip


def _first(day: date) -> date:
    return day.replace(day=1)


def _began(asked: AttainmentAsked) -> list[Any]:
    after = date(asked.until.year + asked.until.month // 12, asked.until.month % 12 + 1, 1)
    first, end = (func.timezone("UTC", cast(day, Date)) for day in (_first(asked.since), after))
    return [TicketClock.started_at >= first, TicketClock.started_at < end]


def _where(table: Any, asked: AttainmentAsked, accounts: tuple[int, ...] | None) -> list[Any]:
    """The accounts stand here for the planner; the policies decide."""
    conditions = [] if accounts is None else [table.account_id.in_(accounts)]
    for column, values in ((table.kind, asked.kinds), (table.clock, asked.clocks)):
        if values:
            conditions.append(column.in_(values))
    if asked.site_ids:
        named = [site for site in asked.site_ids if site is not None]
        nowhere = [table.site_id.is_(None)] if None in asked.site_ids else []
        conditions.append(or_(table.site_id.in_(named), *nowhere))
    return conditions
