"""From what is asked to rows: a page found by its keys, a capped count, one row, and the stream of all that match."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger, Text

from data.listing import search
from data.listing.asked import Asked
from data.listing.kept import statements
from data.listing.opened import Opened, opened, ways_in
from data.listing.scope import Scope
from data.listing.spec import (
    Amount,
    Choice,
    Column,
    Country,
    Issuer,
    Kind,
    ListSpec,
    Offering,
    Period,
    Place,
    Sort,
    Written,
)
from data.models import LegalEntity, Site
from data.models.rows import Hat
from data.streams import Batch, batches
from rules.errors import Invalid, NotFound
from rules.money import CURRENCIES
from rules.principal import Principal
from rules.words import N_

#: Counting stops here; a page says "1,000+" (docs/decisions/0010).
CAP = 1_000
PAGE_SIZE = 25


@dataclass(frozen=True)
class Count:
    n: int
    capped: bool


@dataclass(frozen=True)
class Page:
    """One page of rows, by the columns that a table shows, how many match, and where the neighbours begin."""

    values: dict[str, list[Any]]
    count: Count
    scope: Scope
    first: int
    previous: str | None
    next: str | None

    @property
    def length(self) -> int:
        return len(next(iter(self.values.values())))

    @cached_property
    def rows(self) -> pd.DataFrame:
        """As a frame, for whoever calculates with it."""
        return pd.DataFrame(self.values)


def page_of(
    engine: Engine, principal: Principal, spec: ListSpec, asked: Asked, *, time_zone: str = "UTC", size: int = PAGE_SIZE
) -> Page:
    """The page that is asked for, in a transaction of its own."""
    with opened(engine, principal, spec, asked.account, time_zone) as its:
        return page_in(its, asked, size=size)


def page_in(its: Opened, asked: Asked, *, size: int = PAGE_SIZE) -> Page:
    """The page that is asked for, of a list that is open."""
    spec, scope, connection, cursor = its.spec, its.scope, its.connection, _read_cursor(asked.at)

    def build(scope: Scope) -> tuple[Select[Any], ...]:
        conditions = conditions_of(connection, spec, asked, scope)
        # what words find is counted as the list is read: common ones are soon found there, and nowhere else for sure
        order = _order(spec, spec.sort_of(asked)) if asked.words else ()
        count = count_query(spec, scope, conditions, CAP, order=order)
        return _page_query(spec, asked, scope, conditions, cursor, size + 1), count

    question = "page", spec.name, asked, size
    kept = statements(connection, question, scope, build, keep=not asked.words)
    found, counted = (each.run(connection, scope) for each in kept)
    n = counted[0][0]
    return _page(spec, scope, Count(min(n, CAP), n > CAP), cursor, found, size)


def get_row(
    engine: Engine, principal: Principal, spec: ListSpec, key: str, *, time_zone: str = "UTC"
) -> dict[str, Any]:
    """All values of one row, by the key its address carries; NotFound for a stranger's as for one that never was."""
    if "\0" in key:  # the database refuses the sign itself, which would look like a fault of ours
        raise NotFound(key)
    wanted = cast(spec.row_key, Text) == key
    for who, permission in ways_in(principal, spec):
        with opened(engine, who, spec, time_zone=time_zone, by=permission) as its:
            query = _columns_of(spec).where(wanted, *its.scope.condition(spec.table), *_mine(spec, its.scope)).limit(1)
            row = its.connection.execute(query).mappings().first()
        if row is not None:
            return dict(row)
    raise NotFound(key)


def stream_of(
    engine: Engine, principal: Principal, spec: ListSpec, asked: Asked, columns: tuple[Column, ...], *, time_zone: str
) -> Generator[Batch]:
    """Every matching row in the asked order, in batches, from a cursor; moments already on the reader's clock."""
    with opened(engine, principal, spec, asked.account, time_zone) as its:
        scope, connection = its.scope, its.connection
        conditions = conditions_of(connection, spec, asked, scope)
        query = select(*(_for_report(spec, column, time_zone) for column in columns)).select_from(spec.source)
        query = query.where(*scope.condition(spec.table), *conditions).order_by(*_order(spec, spec.sort_of(asked)))
        yield from batches(connection, query)


def countries_of(engine: Engine, principal: Principal, spec: ListSpec) -> tuple[str, ...]:
    """The codes of those that occur in a list which can be filtered by them."""
    (column,) = (wanted.column for wanted in spec.filters if isinstance(wanted, Country))
    with opened(engine, principal, spec) as its:
        found = select(column).distinct().select_from(spec.looked_through).where(column.is_not(None))
        return tuple(its.connection.scalars(found.where(*its.scope.condition(spec.table))))


def conditions_of(connection: Connection, spec: ListSpec, asked: Asked, scope: Scope) -> list[ColumnElement[bool]]:
    """The filters as conditions over the list's own table (the accounts come with the scope)."""
    conditions = [*_mine(spec, scope), *([] if spec.only is None else [spec.only])]
    for wanted in spec.filters:
        if isinstance(wanted, Period):
            conditions += _within(wanted, asked, scope)
        elif isinstance(wanted, Amount):
            conditions += _between(wanted, asked)
        elif isinstance(wanted, Written):
            conditions += _beginning(wanted, asked)
        elif values := asked.chosen(wanted.key):
            conditions.append(_some_of(connection, wanted, values))
    if asked.words:
        conditions.append(search.found(connection, spec, asked.words))
    return conditions


def _mine(spec: ListSpec, scope: Scope) -> list[ColumnElement[bool]]:
    return [spec.mine == scope.person_id] if scope.hat is Hat.OWN and spec.mine is not None else []


def _some_of(connection: Connection, wanted: Offering, values: tuple[str, ...]) -> ColumnElement[bool]:
    match wanted:
        case Choice():
            return wanted.where(connection, values)
        case Country():
            return wanted.column.in_(values)
        case _:
            return _at(connection, wanted, values)


def _at(connection: Connection, named: Place | Issuer, codes: tuple[str, ...]) -> ColumnElement[bool]:
    model = Site if isinstance(named, Place) else LegalEntity
    ids = tuple(connection.scalars(select(model.id).where(model.code.in_(codes))))
    if not ids:
        return false()
    if isinstance(named, Place) and named.of_many:
        return named.column.overlap(literal(list(ids), ARRAY(BigInteger)))
    return named.column.in_(ids)


def _between(amount: Amount, asked: Asked) -> list[ColumnElement[bool]]:
    """Whole numbers, because comparing them is leakproof and an index serves it."""
    least, most = (None if end is None else literal(int(end * 100), BigInteger) for end in asked.amount(amount.key))
    bounds = (least is not None and amount.column >= least, most is not None and amount.column <= most)
    return [bound for bound in bounds if bound is not False]


def _beginning(written: Written, asked: Asked) -> list[ColumnElement[bool]]:
    text = asked.text(written.key)
    return [func.starts_with(written.column, text)] if text else []


def _within(period: Period, asked: Asked, scope: Scope) -> list[ColumnElement[bool]]:
    first, last = asked.period(period.key)
    if not period.of_moment:
        bounds = [column >= first for column in (period.column, period.never_before) if first and column is not None]
        return bounds + [
            column <= last for column in (period.column, period.never_after) if last and column is not None
        ]
    zone = ZoneInfo(scope.time_zone)
    bounds = []
    if first:
        bounds.append(period.column >= datetime.combine(first, time(), zone))
    if last:
        bounds.append(period.column < datetime.combine(last + timedelta(days=1), time(), zone))
    return bounds


def _order(spec: ListSpec, sort: Sort, *, backwards: bool = False) -> tuple[ColumnElement[Any], ...]:
    """The sort and then the id, so that no two rows are equal. Empty values are last, as in the index."""
    upwards = sort.descending is backwards
    return tuple(column.asc() if upwards else column.desc() for column in (sort.column, spec.table.c.id))


@dataclass(frozen=True)
class _Cursor:
    """A place in a list: the row it lies beside, and on which side of it the page is."""

    backwards: bool
    value: str | None
    id: int
    first: int


def _read_cursor(token: str | None) -> _Cursor | None:
    if token is None:
        return None
    try:
        backwards, value, row_id, first = json.loads(base64.urlsafe_b64decode(token.encode()))
        return _Cursor(bool(backwards), None if value is None else str(value), int(row_id), max(1, int(first)))
    except (ValueError, TypeError, binascii.Error):
        raise Invalid(N_("This place in the list does not exist any more."), "at") from None


def _token(*, backwards: bool, value: Any, row_id: int, first: int) -> str:
    plain = None if value is None or value is pd.NaT else str(value)
    return base64.urlsafe_b64encode(json.dumps([backwards, plain, row_id, first]).encode()).decode()


def _beyond(spec: ListSpec, sort: Sort, cursor: _Cursor) -> ColumnElement[bool]:
    """The rows on the cursor's side, in the list's order (empty values come last)."""
    ids = spec.table.c.id
    upwards = sort.descending is cursor.backwards  # towards larger values
    if cursor.value is None:  # among the empty ones at the end
        beside = and_(sort.column.is_(None), ids > cursor.id if upwards else ids < cursor.id)
        return or_(sort.column.is_not(None), beside) if cursor.backwards else beside
    key = tuple_(sort.column, ids)
    here = tuple_(cast(literal(cursor.value, Text), sort.column.type), literal(cursor.id, BigInteger))
    beside = key > here if upwards else key < here
    empty_follow = sort.column.nullable and not sort.descending and not cursor.backwards
    return or_(beside, sort.column.is_(None)) if empty_follow else beside


def _page_query(
    spec: ListSpec, asked: Asked, scope: Scope, conditions: list[ColumnElement[bool]], cursor: _Cursor | None, size: int
) -> Select[Any]:
    """First the keys of the page from the list's own table and one of its indexes, then what its columns name."""
    sort = spec.sort_of(asked)
    backwards = cursor is not None and cursor.backwards
    order = _order(spec, sort, backwards=backwards)
    beyond = [_beyond(spec, sort, cursor)] if cursor else []
    keys = select(spec.table.c.id, sort.column.label("sorted_by")).select_from(spec.looked_through)
    if scope.accounts is not None and scope.one is None and "account_id" in spec.table.c:
        keys = _keys_of_each(spec, scope, [*conditions, *beyond], order, sort, backwards, size)
    else:
        keys = keys.where(*scope.condition(spec.table), *conditions, *beyond).order_by(*order).limit(size)
    found = keys.subquery("found")
    query = select(found.c.id, found.c.sorted_by, *(c.value.label(c.key) for c in spec.on_a_page))
    query = query.select_from(spec.source.join(found, found.c.id == spec.table.c.id))
    return query.where(*scope.condition(spec.table)).order_by(*order)


def _keys_of_each(
    spec: ListSpec,
    scope: Scope,
    conditions: list[ColumnElement[bool]],
    order: tuple[ColumnElement[Any], ...],
    sort: Sort,
    backwards: bool,
    size: int,
) -> Select[Any]:
    """Several accounts: the first rows of each by its own index, then the first of these (0.5 ms against 8)."""
    wanted = func.unnest(scope.several).table_valued("account_id").render_derived(name="wanted")
    each = (
        select(spec.table.c.id, sort.column.label("sorted_by"))
        .select_from(spec.looked_through)
        .where(spec.table.c.account_id == wanted.c.account_id, *conditions)
        .order_by(*order)
        .limit(size)
        .lateral("each")
    )
    sorted_by = literal_column("each.sorted_by"), literal_column("each.id")
    upwards = sort.descending is backwards
    merged = tuple(c.asc() if upwards else c.desc() for c in sorted_by)
    return select(each.c.id, each.c.sorted_by).select_from(wanted).join(each, true()).order_by(*merged).limit(size)


def _columns_of(spec: ListSpec) -> Select[Any]:
    return select(*(column.value.label(column.key) for column in spec.columns)).select_from(spec.source)


#: Money leaves with the decimals of its currency, as a sheet shows it.
_WHOLE = tuple(currency for currency, decimals in CURRENCIES.items() if decimals == 0)


def _for_report(spec: ListSpec, column: Column, time_zone: str) -> ColumnElement[Any]:
    if column.kind in (Kind.MOMENT, Kind.CLOCK):
        return func.timezone(time_zone, column.value).label(column.key)
    if column.kind is Kind.MONEY:
        currency = next(each.value for each in spec.columns if each.key == "currency")
        whole = currency.in_(_WHOLE)
        return case((whole, func.round(column.value)), else_=column.value).label(column.key)
    return column.value.label(column.key)


def count_query(
    spec: ListSpec,
    scope: Scope,
    conditions: list[ColumnElement[bool]],
    cap: int,
    *,
    order: tuple[ColumnElement[Any], ...] = (),
) -> Select[Any]:
    """How many match, counting no further than one beyond the cap."""
    some = select(literal(1)).select_from(spec.looked_through).where(*scope.condition(spec.table), *conditions)
    some = some.order_by(*order).limit(cap + 1)
    return select(func.count()).select_from(some.subquery())


def by_column(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    """Rows of these columns, turned: a table shows columns, and a frame costs as much as the query."""
    turned = zip(*rows, strict=True) if rows else ([] for _ in columns)
    return {column.key: list(values) for column, values in zip(columns, turned, strict=True)}


def _page(
    spec: ListSpec,
    scope: Scope,
    count: Count,
    cursor: _Cursor | None,
    found: Sequence[Sequence[Any]],
    size: int,
) -> Page:
    backwards = cursor is not None and cursor.backwards
    more = len(found) > size
    rows = list(found[:size])
    if backwards:
        rows.reverse()
    first = cursor.first if cursor else 1
    has_previous = more if backwards else cursor is not None
    has_next = bool(rows) and (more or backwards)
    if count.capped:  # whoever turned the pages beyond the cap knows of as many as they see
        count = replace(count, n=max(count.n, first + len(rows) - 1))
    return Page(
        by_column(spec.on_a_page, [row[2:] for row in rows]),
        count,
        scope,
        first,
        _token(backwards=True, value=rows[0][1], row_id=rows[0][0], first=max(1, first - size))
        if rows and has_previous
        else None,
        _token(backwards=False, value=rows[-1][1], row_id=rows[-1][0], first=first + len(rows)) if has_next else None,
    )
