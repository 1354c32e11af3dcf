"""How a list is declared: its columns, filters and sorts. Adding one here is the whole change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, FromClause, Table
from sqlalchemy.sql.elements import KeyedColumnElement

from rules.permissions import Permission
from rules.words import N_

if TYPE_CHECKING:
    from data.listing.asked import Asked
    from data.listing.scope import Scope
    from data.listing.summary import Chart, Totals


class Kind(StrEnum):
    """What a value is, so that table, drawer and report each show it in their way."""

    TEXT = "text"
    NUMBER = "number"  # the row's own number: it opens the row
    TERM = "term"
    DATE = "date"
    MOMENT = "moment"
    MONEY = "money"
    INTEGER = "integer"
    CLOCK = "clock"
    ATTRIBUTES = "attributes"
    LANGUAGE = "language"  # by its code; it is shown by its name
    COUNTRY = "country"  # likewise
    CHANGE = "change"  # what was before and what is after, as a pair


class Shown(StrEnum):
    """Where a column is shown."""

    TABLE = "table"
    DRAWER = "drawer"
    REPORT = "report"


TABLE, DRAWER, REPORT = Shown.TABLE, Shown.DRAWER, Shown.REPORT
EVERYWHERE = frozenset({TABLE, DRAWER, REPORT})
NOT_IN_TABLE = frozenset({DRAWER, REPORT})
HIDDEN: frozenset[Shown] = frozenset()


@dataclass(frozen=True)
class Column:
    """One value of a row: its key in frames, its title (English; translated where shown), and how to read it."""

    key: str
    title: str
    value: ColumnElement[Any]
    kind: Kind = Kind.TEXT
    #: For TERM, and a NUMBER that is a word: whose words these are (ui/terms/).
    vocabulary: str | None = None
    shown: frozenset[Shown] = EVERYWHERE
    width: int | None = None
    #: Only where rows of several accounts are mixed.
    names_account: bool = False


@dataclass(frozen=True)
class Choice:
    """A filter by one or several of a fixed set of words. `default` holds while the address says nothing."""

    key: str
    title: str
    vocabulary: str
    values: tuple[str, ...]
    where: Callable[[Connection, tuple[str, ...]], ColumnElement[bool]]
    default: tuple[str, ...] = ()
    #: One at a time: they say different things about the same.
    single: bool = False
    #: The period these are usual parts of: whoever wants other days chooses them beside it.
    usual_of: str | None = None


@dataclass(frozen=True)
class Place:
    """The filter by site; its values are site codes. `of_many`: the column names several of them."""

    column: ColumnElement[Any]
    key: str = "site"
    of_many: bool = False


@dataclass(frozen=True)
class Issuer:
    """The filter by legal entity; its values are the entities' codes."""

    column: ColumnElement[int]
    key: str = "issuer"


@dataclass(frozen=True)
class Country:
    """The filter by country; its values are the codes that rows hold, and those that occur are offered by their
    names."""

    column: ColumnElement[str | None]
    key: str = "country"


@dataclass(frozen=True)
class Amount:
    """A filter by money, both ends included: `<key>_from` and `<key>_to` in the address. Its column counts in
    hundredths."""

    key: str
    title: str
    column: ColumnElement[int]


@dataclass(frozen=True)
class Written:
    """A filter by what somebody wrote, as it begins, capitals as they are."""

    key: str
    title: str
    column: ColumnElement[str | None]


@dataclass(frozen=True)
class Period:
    """A filter by days, both included: `<key>_from` and `<key>_to` in the address."""

    key: str
    title: str
    column: ColumnElement[Any]
    #: A moment's day depends on the reader's zone, a date's does not.
    of_moment: bool = False
    #: A day that is never after this one, and one that is never before it: the same bound holds for them, and saying
    #: so lets the list begin there when it is sorted by that day.
    never_after: ColumnElement[Any] | None = None
    never_before: ColumnElement[Any] | None = None


#: Those that offer some of a number of words.
Offering = Choice | Place | Issuer | Country
OFFERING = (Choice, Place, Issuer, Country)
Filter = Offering | Period | Amount | Written


@dataclass(frozen=True)
class Sort:
    """An order that an index serves. Empty values come last in an ascending one; a descending one has none."""

    key: str
    title: str
    column: KeyedColumnElement[Any]
    descending: bool = False


@dataclass(frozen=True)
class TallySource:
    """A table of sums that can answer for a list, as long as the filter has only its dimensions.

    `where` gives the conditions over the tally, or None where it cannot answer exactly."""

    table: Table
    #: The tally joined with what its dimensions name.
    source: FromClause
    where: Callable[[Connection, Asked, Scope], Sequence[ColumnElement[bool]] | None]


@dataclass(frozen=True)
class ListSpec:
    """One list: where it stands, who may open it, and everything it shows."""

    name: str
    title: str
    permissions: tuple[Permission, ...]
    table: Table
    #: The table joined with what its columns name.
    source: FromClause
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...]
    sorts: tuple[Sort, ...]
    #: The filters that stand in the bar, by key; the others are one click away.
    bar: tuple[str, ...]
    #: The column by which one row is asked for in an address, and the parameter's name there.
    row_key: KeyedColumnElement[Any]
    row_parameter: str
    number: KeyedColumnElement[str]
    #: The database's function that finds ids by words; where rows are few, the condition itself.
    finder: str | Callable[[Connection, str], ColumnElement[bool]]
    #: What a search looks in, said where it found nothing.
    searched: str
    charts: tuple[Chart, ...] = ()
    totals: Totals | None = None
    tally: TallySource | None = None
    #: The order (by its key) that people want of what they ask for; None: the first of the sorts.
    usual_order: Callable[[Asked], str | None] | None = None
    #: Whose row it is, for those who see only their own. The policy says so too; this is for the planner.
    mine: KeyedColumnElement[Any] | None = None
    #: What makes a row one of this list, whatever is filtered; an open drawer keeps one that has just ceased to be.
    only: ColumnElement[bool] | None = None
    #: What stands in the empty search field.
    hint: str = N_("Number or words")
    #: What it says where there is no row at all; None: that nothing matches the filters.
    nothing: str | None = None
    #: So few rows in any account that no index is needed: filters and sorts may name columns of all of `source`.
    is_small: bool = False
    #: Of people: its report is for whoever has proved within ten minutes that it is they (auth/step_up.py).
    needs_proof: bool = False
    #: Its page says more of the account that the list is narrowed to: choosing one draws all of it anew.
    page_is_of_account: bool = False
    #: Each row has a document: those of all rows can be taken along at once, at "/<name>.zip".
    has_documents: bool = False

    @property
    def looked_through(self) -> FromClause:
        """Where rows are found, sorted and counted."""
        return self.source if self.is_small else self.table

    def filter_named(self, key: str) -> Filter:
        return next(f for f in self.filters if f.key == key)

    def sort_named(self, key: str) -> Sort:
        return next(s for s in self.sorts if s.key == key)

    def sort_of(self, asked: Asked) -> Sort:
        """The order that is asked for, or else the usual one."""
        return self.sort_named(asked.sort) if asked.sort else self.usual_sort(asked)

    def usual_sort(self, asked: Asked) -> Sort:
        usual = self.usual_order(asked) if self.usual_order else None
        return self.sort_named(usual) if usual else self.sorts[0]

    @property
    def on_a_page(self) -> tuple[Column, ...]:
        """What a page of rows carries: what its table shows, and what is shown nowhere and only worked with."""
        return tuple(column for column in self.columns if TABLE in column.shown or not column.shown)

    def shown_in(self, place: Shown, *, several_accounts: bool) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if place in c.shown and (several_accounts or not c.names_account))
