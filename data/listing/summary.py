"""What charts and totals show of all that is filtered: from a tally where it can answer, else counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Engine, FromClause, func, select, text

from data.database import hat_of, reading
from data.listing.asked import Asked
from data.listing.query import conditions_of, count_of, permission_for
from data.listing.scope import scope_of
from data.listing.spec import ListSpec
from rules.principal import Principal

#: Beyond this many matches a page says "calculating" and lets the reader stop it.
LIMIT = 100_000


@dataclass(frozen=True)
class Dimension:
    """What a chart groups by: over the list's own rows and, where it can, over the tally."""

    key: str
    value: ColumnElement[Any]
    tally: ColumnElement[Any] | None
    vocabulary: str | None = None
    is_month: bool = False


@dataclass(frozen=True)
class Chart:
    """One chart of a list. A click on `group` sets the filter of the same key."""

    key: str
    title: str
    group: Dimension
    stack: Dimension | None = None


@dataclass(frozen=True)
class Totals:
    """Money of what is filtered, per currency; sums of different currencies do not exist."""

    currency: tuple[ColumnElement[Any], ColumnElement[Any]]
    sums: tuple[tuple[str, ColumnElement[Any], ColumnElement[Any]], ...]


@dataclass(frozen=True)
class Counted:
    """A chart's numbers: a frame with `group`, `stack` (if the chart has one) and `n`."""

    chart: Chart
    rows: pd.DataFrame


@dataclass(frozen=True)
class Summary:
    """All charts of a list, and its totals per currency (a frame with `currency`, `n` and the sums)."""

    charts: tuple[Counted, ...]
    totals: pd.DataFrame | None
    from_tally: bool


@dataclass(frozen=True)
class TooMany:
    """More rows than are counted while somebody waits."""

    more_than: int


def summary_of(
    engine: Engine,
    principal: Principal,
    spec: ListSpec,
    asked: Asked,
    *,
    time_zone: str = "UTC",
    limit: int | None = LIMIT,
    begun: Callable[[Connection], None] | None = None,
) -> Summary | TooMany:
    """Charts and totals of exactly what is filtered. `limit` None: however many there are, for the background;
    `begun` gets the connection, so that somebody else may end its statement."""
    permission = permission_for(principal, spec)
    with reading(engine, principal, permission) as connection:
        scope = scope_of(connection, principal, hat_of(principal, permission), asked.account, time_zone)
        if limit is None:
            connection.execute(text("set local statement_timeout = '120s'"))
        if begun is not None:
            begun(connection)
        tallied = spec.tally.where(connection, asked, scope) if spec.tally else None
        if spec.tally is not None and tallied is not None:
            source: FromClause = spec.tally.source
            return _summary(connection, spec, source, [*scope.condition(spec.tally.table), *tallied], of_tally=True)
        conditions = conditions_of(connection, spec, asked, scope)
        if limit is not None and count_of(connection, spec, scope, conditions, limit).capped:
            return TooMany(limit)
        return _summary(connection, spec, spec.source, [*scope.condition(spec.table), *conditions], of_tally=False)


def _summary(
    connection: Connection,
    spec: ListSpec,
    source: FromClause,
    conditions: Sequence[ColumnElement[bool]],
    *,
    of_tally: bool,
) -> Summary:
    n = func.sum(spec.tally.table.c.n) if of_tally and spec.tally else func.count()
    charts = tuple(
        Counted(chart, _grouped(connection, source, conditions, _groups(chart, of_tally=of_tally), {"n": n}))
        for chart in spec.charts
    )
    totals = None
    if spec.totals:
        sums = {name: func.sum(tallied if of_tally else own) for name, own, tallied in spec.totals.sums}
        groups = {"currency": spec.totals.currency[of_tally]}
        totals = _grouped(connection, source, conditions, groups, {"n": n, **sums})
    return Summary(charts, totals, of_tally)


def _groups(chart: Chart, *, of_tally: bool) -> dict[str, ColumnElement[Any]]:
    dimensions = {"group": chart.group} | ({"stack": chart.stack} if chart.stack else {})
    return {
        name: dimension.tally if of_tally and dimension.tally is not None else dimension.value
        for name, dimension in dimensions.items()
    }


def _grouped(
    connection: Connection,
    source: FromClause,
    conditions: Sequence[ColumnElement[bool]],
    groups: dict[str, ColumnElement[Any]],
    measures: dict[str, ColumnElement[Any]],
) -> pd.DataFrame:
    columns = [value.label(name) for name, value in (groups | measures).items()]
    query = select(*columns).select_from(source).where(*conditions).group_by(*groups.values())
    rows = connection.execute(query.having(next(iter(measures.values())) != 0).order_by(*groups.values())).all()
    frame = pd.DataFrame([tuple(row) for row in rows], columns=list(groups) + list(measures))
    frame["n"] = frame["n"].astype("int64")
    return frame
