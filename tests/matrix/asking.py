"""Trying it: what an identity reaches in the database, in every hat the application could put on it, in every table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import psycopg
from psycopg.errors import Error, InsufficientPrivilege, UniqueViolation
from psycopg.types.json import Json
from sqlalchemy import TextClause, make_url

from data.models.rows import PEOPLE_HATS, Hat
from tests.cluster import Database
from tests.matrix.people import ACCOUNTS, Identity, read
from tests.matrix.phrases import OPERATIONS, Row, may, rows_of, tables
from tests.matrix.planting import EXAMPLES
from tests.matrix.world import World, table_of

HATS = {"portal_app": PEOPLE_HATS, "portal_jobs": (Hat.WORKER,)}
#: As columns.yaml calls them.
HAT_NAMES = {
    Hat.CUSTOMER: "customer",
    Hat.OWN: "own",
    Hat.MANY: "many",
    Hat.STAFF: "staff",
    Hat.MANAGER: "manager",
    Hat.WORKER: "worker",
}
_WEAR = (
    "select set_config('role', %s, true), set_config('portal.session', %s, true), "
    "set_config('portal.account', %s, true), set_config('portal.accounts', %s, true)"
)
_HELD = "select {asked}(%s::name, c.oid, %s) from pg_class c where c.relnamespace = %s::regnamespace and c.relname = %s"


@cache
def columns() -> Mapping[str, Any]:
    """columns.yaml as it stands."""
    return read("columns.yaml")


def columns_of(table: str, how: str, hat: Hat) -> tuple[str, ...]:
    """The columns that this hat may read, insert or update."""
    for hats, named in (columns()[table].get(how) or {}).items():
        if HAT_NAMES[hat] in hats.split():
            return tuple(c.name for c in table_of(table).columns) if named == "all" else tuple(named)
    return ()


def own_hats(identity: Identity) -> tuple[Hat, ...]:
    """What the portal itself puts on this person (data/database.py: hat_of)."""
    if not identity.is_person:
        return HATS[identity.login]
    if identity.is_customer:
        return (Hat.CUSTOMER, Hat.OWN, Hat.MANY)
    return (Hat.MANAGER,) if identity.works_as == "account_manager" else (Hat.STAFF,)


@dataclass
class Reached:
    """What was reached: (operation, table) → keys of rows, or labels of rows that could be added."""

    in_own_hats: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    in_any_hat: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    #: By a statement that reads nothing, so that only its own policy stands in the way: how many rows at most.
    blindly: dict[tuple[str, str], int] = field(default_factory=dict)

    def note(self, operation: str, table: str, keys: set[str], *, own: bool) -> None:
        self.in_any_hat.setdefault((operation, table), set()).update(keys)
        if own:
            self.in_own_hats.setdefault((operation, table), set()).update(keys)

    def note_blind(self, operation: str, table: str, n: int) -> None:
        self.blindly[operation, table] = max(n, self.blindly.get((operation, table), 0))


class Trial:
    """One login's connection; everything done on it is rolled back."""

    def __init__(
        self, database: Database, world: World, login: str = "portal_app", only: tuple[str, ...] | None = None
    ) -> None:
        url = make_url(database.login(login)).set(drivername="postgresql").render_as_string(hide_password=False)
        self.connection = psycopg.connect(url, cursor_factory=psycopg.ClientCursor)
        self.world, self.login = world, login
        self.tables = only or tables()
        self._held: dict[tuple[Hat, str, str], bool] = {}

    def reached(self, identity: Identity) -> Reached:
        """Each hat, with each account in view."""
        found = Reached()
        for hat in HATS[self.login]:
            for account, accounts in _views(identity, hat):
                self._wear(identity, hat, account, accounts)
                own = hat in own_hats(identity)
                visible = self._look(identity, found, hat, own=own)
                if identity.only_reads:  # they are nobody where they could write
                    self.connection.rollback()
                    self._wear(identity, hat, account, accounts, reads=False)
                self._change(identity, found, hat, visible, own=own)
                self._insert(identity, found, hat, account, own=own)
                self.connection.rollback()
        return found

    def wearing(self, identity: Identity, hat: Hat, account: str) -> psycopg.ClientCursor[Any]:
        """A transaction of theirs, to be rolled back."""
        self._wear(identity, hat, account, ACCOUNTS if hat is Hat.MANY else ())
        return self.connection.cursor()

    def close(self) -> None:
        self.connection.close()

    def _wear(
        self, identity: Identity, hat: Hat, account: str, accounts: tuple[str, ...], *, reads: bool = True
    ) -> None:
        if identity.only_reads and reads:
            self.connection.execute("set transaction read only")
        ids = [str(self.world.accounts[name]) for name in accounts]
        one = str(self.world.accounts[account]) if account else ""
        context = (str(hat), self.world.tokens.get(identity.name, ""), one, "{" + ",".join(ids) + "}" if ids else "")
        self.connection.execute(_WEAR, context)

    def holds(self, hat: Hat, operation: str, table: str) -> bool:
        """Has the hat any such grant? Without one no policy is asked."""
        asked = hat, operation, table
        if asked not in self._held:
            asking = "has_table_privilege" if operation == "delete" else "has_any_column_privilege"
            where = table_of(table)
            values = str(hat), operation, where.schema, where.name
            (held,) = self.connection.execute(_HELD.format(asked=asking), values).fetchone() or (False,)
            self._held[asked] = bool(held)
        return self._held[asked]

    def _look(self, identity: Identity, found: Reached, hat: Hat, *, own: bool) -> dict[str, set[str]]:
        """All rows of all tables, in one statement; where the key may not be read, how many there are."""
        readable = [t for t in self.tables if self.holds(hat, "select", t)]
        named = [t for t in readable if _key_is_readable(t, hat)]
        shown: dict[str, set[str]] = {t: set() for t in readable}
        union = " union all ".join(f"select '{t}', {_key(t)}::text from {table_of(t)}" for t in named)
        for table, key in self.connection.execute(union) if union else ():
            shown[table].add(key)
        for table in set(readable) - set(named):
            (n,) = self.connection.execute(f"select count(*) from {table_of(table)}").fetchone() or (0,)
            shown[table] = self._counted(identity, "select", table, n)
        for table, keys in shown.items():
            found.note("select", table, keys, own=own)
        return shown

    def _change(
        self, identity: Identity, found: Reached, hat: Hat, visible: Mapping[str, set[str]], *, own: bool
    ) -> None:
        for table in self.tables:
            for operation, same, other in _changes(table, hat):
                if not self.holds(hat, operation, table):
                    continue
                n = self._count(other)
                found.note_blind(operation, table, n)
                if _key_is_readable(table, hat):
                    keys = self._keys(same, _key(table), visible.get(table, set()))
                else:
                    keys = self._counted(identity, operation, table, n)
                found.note(operation, table, keys, own=own)

    def _counted(self, identity: Identity, operation: str, table: str, n: int) -> set[str]:
        """Where the key may not be read, the number must do."""
        allowed = {k for k, row in self.world.rows.get(table, {}).items() if may(identity, operation, row)}
        return allowed if n == len(allowed) else {f"{n} rows of which the key may not be read"}

    def _keys(self, statement: str, key: str, visible: set[str]) -> set[str]:
        """The keys of all rows that the statement reaches. What a trigger refuses for one row is tried row by row."""
        try:
            return {row[0] for row in self._tried(f"{statement} returning {key}::text")}
        except InsufficientPrivilege:
            return {one for one in visible if self._reaches(f"{statement} where {key}::text = %s", one)}
        except Error:  # a key that others hold on to: by then the policies had let it through
            return {one for one in visible if self._reaches(f"{statement} where {key}::text = %s", one)}

    def _reaches(self, statement: str, one: str) -> bool:
        return self._count(statement, (one,)) > 0

    def _count(self, statement: str, values: tuple[object, ...] = ()) -> int:
        try:
            return self._tried_count(statement, values)
        except InsufficientPrivilege:
            return 0
        except Error:
            return 1

    def _insert(self, identity: Identity, found: Reached, hat: Hat, in_view: str, *, own: bool) -> None:
        """A row is tried while its account is in view, and while another is."""
        for table in self.tables:
            if not self.holds(hat, "insert", table):
                continue
            found.note("insert", table, set(), own=own)
            for row in rows_of(table):
                theirs = row.of_identity(identity) if "insert" in row.operations else None
                if theirs is None or in_view not in (theirs.account or "own", "own", ""):
                    continue
                if self._adds(identity, hat, theirs):
                    found.note("insert", table, {row.label}, own=own)

    def _adds(self, identity: Identity, hat: Hat, row: Row) -> bool:
        example = EXAMPLES[row.table](self.world, row, f"N{self.world.number()}", identity)
        filled = {c: example[c] for c in columns_of(row.table, "insert", hat) if c in example}
        values = ", ".join(str(v) if isinstance(v, TextClause) else "%s" for v in filled.values())
        named = ", ".join(f'"{c}"' for c in filled)
        bound = tuple(Json(v) if isinstance(v, dict) else v for v in filled.values() if not isinstance(v, TextClause))
        try:
            self._tried_count(f"insert into {table_of(row.table)} ({named}) values ({values})", bound)
        except InsufficientPrivilege:
            return False
        except UniqueViolation:  # the policies had let it through
            return True
        return True

    def _tried(self, statement: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        return self._try(statement, values, lambda cursor: cursor.fetchall())

    def _tried_count(self, statement: str, values: tuple[object, ...] = ()) -> int:
        return self._try(statement, values, lambda cursor: cursor.rowcount)

    def _try(self, statement: str, values: tuple[object, ...], read: Callable[[psycopg.ClientCursor[Any]], Any]) -> Any:
        """One way to the server and back: the savepoint, the statement, and away with what it did."""
        cursor = self.connection.cursor()
        try:
            cursor.execute(f"savepoint one; {statement}; rollback to savepoint one", values or None)
        except Error:
            self.connection.execute("rollback to savepoint one")
            raise
        cursor.nextset()
        return read(cursor)


def _views(identity: Identity, hat: Hat) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Which account is in view, and which several. Whoever belongs to none tries two of them."""
    if hat in (Hat.CUSTOMER, Hat.OWN):
        belongs = any(identity.belongs_to(account) for account in ACCOUNTS)
        yield from ((account, ()) for account in (ACCOUNTS if belongs else ("own", "other")))
    elif hat is Hat.MANY:
        yield "", ACCOUNTS
    else:
        yield "own", ACCOUNTS


def _changes(table: str, hat: Hat) -> Iterator[tuple[str, str, str]]:
    """How each operation is tried: with a look at what stands there, and without."""
    name = table_of(table)
    changed = columns_of(table, "update", hat) or (next(iter(name.columns)).name,)
    same, other = (
        ", ".join(f'"{c}" = {value}' for c, value in zip(changed, values, strict=True))
        for values in ([_as_it_stands(c) for c in changed], ["default"] * len(changed))
    )
    yield "update", f"update {name} set {same}", f"update {name} set {other}"
    yield "delete", f"delete from {name}", f"delete from {name}"


def _as_it_stands(column: str) -> str:
    """What is edited by several says which version follows; a trigger asks for it."""
    return f'"{column}"' if column != "version" else '"version" + 1'


def _key(table: str) -> str:
    return f"row({', '.join(f'{chr(34)}{c.name}{chr(34)}' for c in table_of(table).primary_key)})"


def _key_is_readable(table: str, hat: Hat) -> bool:
    return {c.name for c in table_of(table).primary_key} <= set(columns_of(table, "read", hat))


def wrong_cells(world: World, identity: Identity, found: Reached, only: tuple[str, ...] = ()) -> Iterator[str]:
    """Every cell that is not as the rules say, in words."""
    for table in only or tables():
        for operation in OPERATIONS:
            known = _rows(world, identity, operation, table)
            allowed = {key for key, row in known.items() if may(identity, operation, row)}
            anywhere = found.in_any_hat.get((operation, table), set())
            for key in sorted(anywhere - allowed):
                yield f"{identity.name}: {operation} of {table} ({_named(known, key)}) works, and no rule allows it"
            for key in sorted(allowed - found.in_own_hats.get((operation, table), set())):
                yield f"{identity.name}: {operation} of {table} ({_named(known, key)}) is refused, and a rule allows it"
            if found.blindly.get((operation, table), 0) > len(allowed):
                yield f"{identity.name}: {operation} of {table} reaches rows that no rule allows, without reading them"


def _named(known: Mapping[str, Row], key: str) -> str:
    """Which row that is; of one that is somebody's own, whose."""
    row = known.get(key)
    return key if row is None else f"{row.label}, of {row.of}" if row.of else row.label


def _rows(world: World, identity: Identity, operation: str, table: str) -> dict[str, Row]:
    if operation != "insert":
        return world.rows.get(table, {})
    theirs = {row.label: row.of_identity(identity) for row in rows_of(table) if "insert" in row.operations}
    return {label: row for label, row in theirs.items() if row is not None}
