"""What the page of service levels is asked, as it stands in its address and in that of its report; in no language."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Engine, null, select

from data.database import reading
from data.listing.spec import Column, Kind
from data.models import Account
from data.sites import list_sites
from data.streams import Batch
from data.ticketing.attainment import PERMISSION, AttainmentAsked, Figure, stream_figures, stream_promises
from rules.errors import Invalid
from rules.principal import Principal
from rules.request_types import TicketKind
from rules.sla import Clock
from rules.words import N_

TITLE, TITLE_OF_PROMISES = N_("Service levels"), N_("Promises")
#: So many months until now; a single one is named "2026-11".
LAST: dict[str, int] = {"6m": 6, "3m": 3, "12m": 12}
OUTCOMES = ("met", "breached")
NOWHERE = "-"
#: The view of the tickets behind the figures.
TICKETS = "tickets"
_MONTH = "%Y-%m"


@dataclass(frozen=True)
class ServiceAsked:
    """Words of the address; nothing means all."""

    period: str = next(iter(LAST))
    kinds: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    account: str | None = None
    clock: str | None = None
    #: Only where tickets are listed.
    outcome: str | None = None
    tickets: bool = False

    def parameters(self) -> dict[str, list[str]]:
        said = {
            "show": [TICKETS] if self.tickets else [],
            "period": [self.period] if self.period != ServiceAsked.period else [],
            "kind": list(self.kinds),
            "site": list(self.sites),
            "account": [self.account] if self.account else [],
            "clock": [self.clock] if self.clock else [],
            "outcome": [self.outcome] if self.outcome and self.tickets else [],
        }
        return {name: values for name, values in said.items() if values}

    def query(self) -> str:
        return urlencode(self.parameters(), doseq=True)

    def behind(self, figure: Figure | None = None, *, outcome: str | None = None, month: date | None = None) -> Any:
        """The tickets behind one figure, or behind the sum of all that is asked."""
        asked = replace(self, tickets=True, outcome=outcome)
        if month is not None:
            asked = replace(asked, period=f"{month:{_MONTH}}")
        if figure is None:
            return asked
        site = figure.site_code or NOWHERE
        return replace(
            asked, period=f"{figure.month:{_MONTH}}", kinds=(figure.kind,), sites=(site,), clock=figure.clock,
            account=figure.account_code or self.account,
        )  # fmt: skip

    def months(self, today: date | None = None) -> tuple[date, date]:
        """The first and the last month, in UTC."""
        if self.period not in LAST:
            month = datetime.strptime(self.period, _MONTH).replace(tzinfo=UTC).date()
            return month, month
        last = (today or datetime.now(UTC).date()).replace(day=1)
        at = last.year * 12 + last.month - LAST[self.period]
        return date(at // 12, at % 12 + 1, 1), last


def read_service(parameters: Mapping[str, Sequence[str]]) -> ServiceAsked:
    """From an address; what it could not mean is refused."""
    period = _one(parameters, "period") or ServiceAsked.period
    if period not in LAST:
        _month(period)
    return ServiceAsked(
        period,
        _some(parameters, "kind", tuple(TicketKind)),
        tuple(dict.fromkeys(parameters.get("site", ())))[:100],
        _one(parameters, "account") or None,
        _one(parameters, "clock", tuple(Clock)) or None,
        _one(parameters, "outcome", OUTCOMES) or None,
        _one(parameters, "show") == TICKETS,
    )


def resolved(engine: Engine, principal: Principal, asked: ServiceAsked) -> AttainmentAsked:
    """With the ids of what the address names; a name that stands for nothing finds nothing."""
    first, last = asked.months()
    known = {site.code: site.id for site in list_sites(engine, principal)}
    sites = tuple(None if code == NOWHERE else known.get(code, 0) for code in asked.sites)
    accounts = (_account(engine, principal, asked.account),) if asked.account else ()
    outcomes = (asked.outcome,) if asked.outcome and asked.tickets else ()
    clocks = (asked.clock,) if asked.clock else ()
    return AttainmentAsked(first, last, accounts, asked.kinds, sites, clocks, outcomes)


def _account(engine: Engine, principal: Principal, code: str) -> int:
    mine = {account.code: account.id for account in principal.accounts}
    if mine or not principal.is_staff:
        return mine.get(code, 0)
    with reading(engine, principal, PERMISSION) as connection:
        return connection.execute(select(Account.id).where(Account.code == code)).scalar() or 0


def _one(parameters: Mapping[str, Sequence[str]], name: str, among: tuple[str, ...] = ()) -> str:
    value = (parameters.get(name) or ("",))[-1][:100]
    if value and among and value not in among:
        raise Invalid(N_("This choice does not exist: {value}"), name, value=value[:40])
    return value


def _some(parameters: Mapping[str, Sequence[str]], name: str, among: tuple[str, ...]) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(parameters.get(name, ())))
    for value in values:
        if value not in among:
            raise Invalid(N_("This choice does not exist: {value}"), name, value=value[:40])
    return values


def _month(period: str) -> None:
    try:
        datetime.strptime(period, _MONTH)  # noqa: DTZ007 - a month has no zone
    except ValueError as wrong:
        raise Invalid(N_("This month does not exist: {value}"), "period", value=period[:40]) from wrong


# --- the report


def _columns(*said: tuple[str, str, Kind] | tuple[str, str, Kind, str]) -> tuple[Column, ...]:
    return tuple(Column(key, title, null(), kind, *vocabulary) for key, title, kind, *vocabulary in said)


#: In the order of `stream_figures` and `stream_promises`, which have their values.
FIGURES = _columns(
    ("month", N_("Month (UTC)"), Kind.DATE),
    ("account", N_("Account"), Kind.TEXT),
    ("kind", N_("Type"), Kind.TERM, "ticket.kind"),
    ("site", N_("Site"), Kind.TEXT),
    ("promise", N_("Promise"), Kind.TERM, "clock.promise"),
    ("met", N_("Kept"), Kind.INTEGER),
    ("breached", N_("Missed"), Kind.INTEGER),
    ("percent", N_("Attainment (%)"), Kind.MONEY),
)
PROMISES = _columns(
    ("number", N_("Number"), Kind.TEXT),
    ("subject", N_("Subject"), Kind.TEXT),
    ("account", N_("Account"), Kind.TEXT),
    ("kind", N_("Type"), Kind.TERM, "ticket.kind"),
    ("site", N_("Site"), Kind.TEXT),
    ("promise", N_("Promise"), Kind.TERM, "clock.promise"),
    ("round", N_("Round"), Kind.INTEGER),
    ("started", N_("Began"), Kind.MOMENT),
    ("deadline", N_("Due"), Kind.MOMENT),
    ("stopped", N_("Done"), Kind.MOMENT),
    ("taken", N_("Taken (min)"), Kind.INTEGER),
    ("late", N_("Late by (min)"), Kind.INTEGER),
    ("outcome", N_("Outcome"), Kind.TERM, "clock.outcome"),
)


def stream_service(engine: Engine, principal: Principal, asked: ServiceAsked, *, time_zone: str) -> Generator[Batch]:
    """The rows of the page's table, or of the tickets behind it, whichever is looked at."""
    wanted = resolved(engine, principal, asked)
    if asked.tickets:
        yield from stream_promises(engine, principal, wanted, time_zone=time_zone)
    else:
        yield from stream_figures(engine, principal, wanted)
