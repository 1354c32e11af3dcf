"""The catalog check: walks what PostgreSQL knows about roles, tables, policies and functions, and names what would let
one company see another. It reads pg_catalog only, so any login may run it; it runs on PostgreSQL 15 and newer."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, MetaData, text

from data.models import Base
from data.models.rows import Hat, Rows
from data.security.catalog import WORDS, Rule, bindings
from data.security.check_access import ACCESS_RULES
from data.security.check_policies import PERSONAL, POLICY_RULES
from data.security.check_tables import GLOBAL_UNIQUE, NO_MODEL, TABLE_RULES

UNDECLARED_TABLE = Rule(
    "undeclared_table",
    "Every model says who may see its rows (data/models/rows.py), even if the answer is: nobody.",
    "",
)
UNDECLARED_GRANT = Rule(
    "undeclared_grant",
    "What a hat may do is what the model declares; a grant beside it was made by hand.",
    "select distinct label, role, privilege, \"column\" from granted where kind in ('r', 'p') and role = any (:hats)",
)

RULES: tuple[Rule, ...] = (*TABLE_RULES, *POLICY_RULES, *ACCESS_RULES, UNDECLARED_TABLE, UNDECLARED_GRANT)


@dataclass(frozen=True)
class Violation:
    """A rule and the object that breaks it."""

    rule: Rule
    object: str

    def __str__(self) -> str:
        return f"{self.rule.name}: {self.object}. {self.rule.why}"


def violations(
    connection: Connection, metadata: MetaData = Base.metadata, rules: Collection[Rule] = RULES
) -> list[Violation]:
    """Everything that is not as it must be; empty on a database that was migrated and left alone."""
    with connection.begin_nested() as savepoint:
        connection.execute(text("set local search_path = pg_catalog"))  # so that policies name their functions in full
        found = [Violation(rule, found) for rule in rules for found in _finding(connection, rule, metadata)]
        savepoint.rollback()
    return found


def _finding(connection: Connection, rule: Rule, metadata: MetaData) -> Iterator[str]:
    """The objects that break a rule."""
    if rule is UNDECLARED_TABLE:
        yield from (str(t) for t in metadata.sorted_tables if not isinstance(t.info.get("rows"), Rows))
        return
    bound = {
        **bindings(metadata),
        "no_model": list(NO_MODEL),
        "global_unique": list(GLOBAL_UNIQUE),
        "personal": list(PERSONAL),
    }
    found = connection.execute(text(f"{WORDS} {rule.finds}"), bound)
    if rule is UNDECLARED_GRANT:
        undeclared = {tuple(grant) for grant in found} - set(_declared(metadata))
        yield from (" ".join(filter(None, grant)) for grant in sorted(undeclared))
        return
    yield from found.scalars()


def _declared(metadata: MetaData) -> Iterator[tuple[str, str, str, str]]:
    """Label, role, privilege and column (empty: the whole table) of every grant that a model declares."""
    for table in metadata.sorted_tables:
        rows = table.info.get("rows", Rows())
        for hat in Hat:
            if hat in rows.see:
                yield from ((str(table), hat, "select", column) for column in rows.columns.get(hat, ("",)))
            for privilege, writes in (("insert", rows.insert), ("update", rows.update)):
                if hat in writes:
                    yield from ((str(table), hat, privilege, column) for column in writes[hat].columns)
            if hat in rows.delete:
                yield (str(table), hat, "delete", "")
