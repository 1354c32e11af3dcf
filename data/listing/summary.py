"""What charts and totals show of all that is filtered: from a tally where it can answer, else counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Engine, FromClause, Select, func, select, text

from data.listing.asked import Asked
from data.listing.kept import Kept, statements
from data.listing.opened import Opened, opened
from data.listing.query import conditions_of, count_query
from data.listing.scope import Scope
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
    #: Which rows it is about, of the list and of the tally; None: all that are filtered.
    only: tuple[ColumnElement[bool], ColumnElement[bool]] | None = None


@dataclass(frozen=True)
class Totals:
    """Money of what is filtered, per currency; sums of different currencies do not exist."""

    currency: tuple[ColumnElement[Any], ColumnElement[Any]]
    sums: tuple[tuple[str, ColumnElement[Any], ColumnElement[Any]], ...]


@dataclass(frozen=True)
class Counted:
    """A chart's numbers: group, stack (if the chart has one) and n, in each of its cells."""

    chart: Chart
    cells: tuple[tuple[Any, ...], ...]

    @cached_property
    def rows(self) -> pd.DataFrame:
        """As a frame, for whoever calculates with it."""
        frame = pd.DataFrame(list(self.cells), columns=["group", *(["stack"] if self.chart.stack else []), "n"])
        return frame.astype({"n": "int64"})


@dataclass(frozen=True)
class Summary:
    """All charts of a list, and its totals per currency: `currency`, `n` and the sums."""

    charts: tuple[Counted, ...]
    sums: tuple[dict[str, Any], ...] | None
    from_tally: bool

    @cached_property
    def totals(self) -> pd.DataFrame | None:
        """As a frame, for whoever calculates with it."""
        return None if self.sums is None else pd.DataFrame(list(self.sums)).astype({"n": "int64"})


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
    charts: tuple[Chart, ...] | None = None,
    limit: int | None = LIMIT,
    begun: Callable[[Connection], None] | None = None,
) -> Summary | TooMany:
    """Charts (None: all of the list's) and totals of exactly what is filtered. `limit` None: however many there are,
    for the background; `begun` gets the connection, so that somebody else may end its statement."""
    with opened(engine, principal, spec, asked.account, time_zone) as its:
        if limit is None:
            its.connection.execute(text("set local statement_timeout = '120s'"))
        if begun is not None:
            begun(its.connection)
        return summary_in(its, asked, charts=charts, limit=limit)


def summary_in(
    its: Opened, asked: Asked, *, charts: tuple[Chart, ...] | None = None, limit: int | None = LIMIT
) -> Summary | TooMany:
    """The same of a list that is open. `limit` None: it is known already that there are not too many."""
    drawn = its.spec.charts if charts is None else charts
    return tallied_in(its, asked, drawn) or _of_rows(its, asked, drawn, limit)


def tallied_in(its: Opened, asked: Asked, charts: tuple[Chart, ...]) -> Summary | None:
    """All of it without looking at the rows; None where the tally cannot answer."""
    kept = _tally_statements(its, asked, charts)
    if not kept:
        return None
    return _summary(its.spec, charts, [each.run(its.connection, its.scope) for each in kept], of_tally=True)


def _tally_statements(its: Opened, asked: Asked, charts: tuple[Chart, ...]) -> tuple[Kept, ...]:
    spec, connection, tally = its.spec, its.connection, its.spec.tally
    if tally is None or asked.words:
        return ()

    def build(scope: Scope) -> list[Select[Any]]:
        conditions = tally.where(connection, asked, scope)
        if conditions is None:
            return []
        return _queries(spec, charts, tally.source, [*scope.condition(tally.table), *conditions], of_tally=True)

    question = "tally", spec.name, _keys(charts), replace(asked, at=None, sort=None)
    return statements(connection, question, its.scope, build)


def _of_rows(its: Opened, asked: Asked, charts: tuple[Chart, ...], limit: int | None) -> Summary | TooMany:
    spec, scope, connection = its.spec, its.scope, its.connection

    def build(scope: Scope) -> list[Select[Any]]:
        conditions = conditions_of(connection, spec, asked, scope)
        within = [*scope.condition(spec.table), *conditions]
        queries = _queries(spec, charts, spec.source, within, of_tally=False)
        return queries if limit is None else [count_query(spec, scope, conditions, limit), *queries]

    question = "rows", spec.name, _keys(charts), replace(asked, at=None, sort=None), limit
    kept = statements(connection, question, scope, build, keep=not asked.words)
    if limit is not None:
        counted, *kept = kept
        if counted.run(connection, scope)[0][0] > limit:
            return TooMany(limit)
    return _summary(spec, charts, [each.run(connection, scope) for each in kept], of_tally=False)


def _keys(charts: tuple[Chart, ...]) -> tuple[str, ...]:
    return tuple(chart.key for chart in charts)


def _queries(
    spec: ListSpec,
    charts: tuple[Chart, ...],
    source: FromClause,
    conditions: Sequence[ColumnElement[bool]],
    *,
    of_tally: bool,
) -> list[Select[Any]]:
    """One for each chart, then the totals."""
    n = func.sum(spec.tally.table.c.n) if of_tally and spec.tally else func.count()
    found = [
        _grouped(
            source,
            [*conditions, *([] if chart.only is None else [chart.only[of_tally]])],
            _groups(chart, of_tally=of_tally),
            {"n": n},
        )
        for chart in charts
    ]
    if spec.totals:
        sums = {name: func.sum(tallied if of_tally else own) for name, own, tallied in spec.totals.sums}
        groups = {"currency": spec.totals.currency[of_tally]}
        found.append(_grouped(source, conditions, groups, {"n": n, **sums}))
    return found


def _summary(
    spec: ListSpec, charts: tuple[Chart, ...], found: Sequence[Sequence[Sequence[Any]]], *, of_tally: bool
) -> Summary:
    counted = tuple(Counted(chart, tuple(map(tuple, rows))) for chart, rows in zip(charts, found, strict=False))
    sums = None
    if spec.totals:
        names = "currency", "n", *(name for name, _own, _tallied in spec.totals.sums)
        sums = tuple(dict(zip(names, row, strict=True)) for row in found[-1])
    return Summary(counted, sums, of_tally)


def _groups(chart: Chart, *, of_tally: bool) -> dict[str, ColumnElement[Any]]:
    dimensions = {"group": chart.group} | ({"stack": chart.stack} if chart.stack else {})
    return {
        name: dimension.tally if of_tally and dimension.tally is not None else dimension.value
        for name, dimension in dimensions.items()
    }


def _grouped(
    source: FromClause,
    conditions: Sequence[ColumnElement[bool]],
    groups: dict[str, ColumnElement[Any]],
    measures: dict[str, ColumnElement[Any]],
) -> Select[Any]:
    columns = [value.label(name) for name, value in (groups | measures).items()]
    query = select(*columns).select_from(source).where(*conditions).group_by(*groups.values())
    return query.having(next(iter(measures.values())) != 0).order_by(*groups.values())
