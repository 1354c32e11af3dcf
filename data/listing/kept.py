"""Statements that were asked before: built and compiled once, with the accounts and the person put in anew each time.

Building a list's statement costs several times what sending it does, and most people ask what others asked before."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from data.driver import fetch
from data.listing.scope import Scope
from data.sites import issuer_days

MOST = 1_000
#: Values are `$1`, `$2`: the server's own way.
NUMBERED = PGDialect_psycopg(paramstyle="numeric_dollar")


class Mark(int):
    """Stands, while a statement is built, where later the number of an account or of the person goes."""


def marked(scope: Scope) -> Scope:
    """The scope with a mark in the place of everything that differs from person to person."""
    accounts = None if scope.accounts is None else tuple(Mark(place) for place in range(len(scope.accounts)))
    return replace(scope, accounts=accounts, person_id=Mark(len(accounts or ())))


@dataclass(frozen=True)
class Kept:
    """A statement as the server takes it."""

    sql: bytes
    #: In their order; of those that differ from person to person a mark, or a list of them.
    values: tuple[Any, ...]

    @classmethod
    def of(cls, statement: Select[Any]) -> Kept:
        compiled = statement.compile(dialect=NUMBERED, compile_kwargs={"render_postcompile": True})
        return cls(str(compiled).encode(), tuple(compiled.params[name] for name in compiled.positiontup or ()))

    def run(self, connection: Connection, scope: Scope) -> Sequence[tuple[Any, ...]]:
        facts = (*(scope.accounts or ()), scope.person_id)
        return fetch(connection, self.sql, [_put_in(v, facts) if _is_marked(v) else v for v in self.values])


def _is_marked(value: Any) -> bool:
    return isinstance(value, Mark) or (isinstance(value, list) and any(isinstance(each, Mark) for each in value))


def _put_in(mark: Mark | list[Mark], facts: Sequence[int]) -> int | str:
    """Several as PostgreSQL writes an array: the driver would look at each of them to find that out."""
    return facts[mark] if isinstance(mark, Mark) else "{" + ",".join(str(facts[each]) for each in mark) + "}"


_kept: OrderedDict[Hashable, tuple[Kept, ...]] = OrderedDict()
_lock = Lock()


def statements(
    connection: Connection,
    question: Hashable,
    scope: Scope,
    build: Callable[[Scope], Sequence[Select[Any]]],
    *,
    keep: bool = True,
) -> tuple[Kept, ...]:
    """What `build(scope)` gives; it is called where nobody asked this question before.

    `keep` is for what will be the same next time; what words find is not."""
    if not keep:
        return tuple(Kept.of(statement) for statement in build(scope))
    shape = None if scope.accounts is None else len(scope.accounts), scope.hat, scope.time_zone
    # what is overdue changes at midnight of each issuer; sites may be renamed
    key = question, shape, tuple(issuer_days(connection).items()), int(time.time() / 600)
    with _lock:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return found
    built = tuple(Kept.of(statement) for statement in build(marked(scope)))
    with _lock:
        _kept[key] = built
        if len(_kept) > MOST:
            _kept.popitem(last=False)
    return built


def rows_of(
    connection: Connection, question: Hashable, scope: Scope, build: Callable[[Scope], Select[Any]]
) -> Sequence[tuple[Any, ...]]:
    """The same for a question that is one statement."""
    (kept,) = statements(connection, question, scope, lambda marked: (build(marked),))
    return kept.run(connection, scope)
