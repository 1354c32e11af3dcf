"""The rules of the matrix (rules.yaml): the rows of every table, and who may see, add, change and remove them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from tests.matrix.people import ACCOUNTS, SITES, Identity, facts, functions, line_of, read

OPERATIONS = ("select", "insert", "update", "delete")


@dataclass(frozen=True)
class Row:
    """A row of a table, as far as a rule asks about it. `of`: whose it is; "me" stands for each identity's own."""

    table: str
    label: str
    account: str | None = None
    site: str | None = None
    of: str | None = None
    who: str = "people"
    kind: str = "remote_hands"
    flags: frozenset[str] = field(default_factory=frozenset)
    operations: tuple[str, ...] = OPERATIONS

    def of_identity(self, identity: Identity) -> Row | None:
        """This identity's own; None if their kind has none, or they are nobody."""
        wanted = {
            "customers": identity.is_customer,
            "staff": identity.is_person and not identity.is_customer,
            "managers": identity.looks_after is not None,
        }
        if self.of != "me" or not wanted.get(self.who, identity.is_person):
            return None if self.of == "me" else self
        theirs = identity.looks_after if self.who == "managers" else identity.company
        account = theirs if self.account == "mine" else self.account
        ended = {"ended"} if identity.ended else set()
        return replace(self, of=identity.name, account=account, flags=self.flags | ended)

    def is_planted(self) -> bool:
        return "select" in self.operations


@cache
def written() -> Mapping[str, Any]:
    """rules.yaml as it stands."""
    return read("rules.yaml")


def tables() -> tuple[str, ...]:
    return tuple(written()["tables"])


@cache
def rows_of(table: str) -> tuple[Row, ...]:
    """The kinds of row that the matrix tells apart in this table."""
    about = written()["tables"][table]
    sets: dict[str, Any] = {**written()["rows"][about["rows"]], **about.get("also", {})}
    without = about.get("without", ())
    return tuple(
        row
        for label, said in sets.items()
        if said is not None and label not in without
        for row in _multiplied(Row(table, label, kind=about.get("kind", "remote_hands")), said, about.get("times", {}))
    )


def _multiplied(row: Row, said: Mapping[str, Any], times: Mapping[str, Any]) -> Iterator[Row]:
    row = replace(
        row,
        account=said.get("account"),
        site=said.get("site"),
        of=said.get("of"),
        who=said.get("who", "people"),
        flags=frozenset(said.get("is", ())),
        operations=tuple(o for o in OPERATIONS if o != said.get("not for") and o in said.get("for", o)),
    )
    if not times or not row.is_planted():
        yield row
    for kind in times.get("kind", ()):
        yield replace(row, label=f"{row.label} · {kind}", kind=kind)
    for flag in times.get("is", ()):
        yield replace(row, label=f"{row.label} · {flag}", flags=row.flags | {flag})


def may(identity: Identity, operation: str, row: Row) -> bool:
    """Does any rule allow it? The row is somebody's by now, never "me"."""
    if identity.only_reads and operation != "select":
        return False
    return any(fits(identity, phrase, row) for phrase in written()["tables"][row.table].get(operation, ()))


def fits(identity: Identity, phrase: str, row: Row) -> bool:
    """Does this rule speak of this identity and this row?"""
    who, parent, conditions = parts(phrase)
    if not all(_is(identity, condition, row) for condition in conditions):
        return False
    return _means(identity, who, row) and (not parent or may(identity, "select", replace(row, table=parent)))


@cache
def parts(phrase: str) -> tuple[str, str, tuple[str, ...]]:
    """WHO, the table after `as` (or nothing), and the conditions."""
    whoever, _, conditions = phrase.partition(" if ")
    who, _, parent = whoever.partition(" as ")
    return who, parent, tuple(filter(None, conditions.split(" and ")))


def _is(identity: Identity, condition: str, row: Row) -> bool:
    wanted = not condition.startswith("not ")
    name = condition.removeprefix("not ")
    asked = OF_WHOEVER_COMES.get(name)
    return wanted == (asked(identity, row) if asked else name in row.flags)


def _means(identity: Identity, who: str, row: Row) -> bool:
    """WHO of a rule, for this row."""
    if who in WORDS:
        return WORDS[who](identity, row)
    wanted = who.removesuffix(" anywhere").split(" with ")
    assert set(wanted) <= set(functions()), f"{who!r} is no function and no other WHO"
    if who.endswith(" anywhere"):
        return all(identity.has_somewhere(function) for function in wanted)
    return all(identity.has(function, row.account, row.site) for function in wanted)


def _must_have_one(identity: Identity, row: Row) -> bool:
    """Whoever runs an account that asks for a second factor; staff, where the operator does."""
    asking = {of.account for of in rows_of("account") if "asks for a second factor" in of.flags}
    runs = {account for account in ACCOUNTS if identity.paa_of in line_of(account) and not identity.ended}
    return bool(runs & asking) or ("staff must" in row.flags and identity.works_as is not None)


#: What a condition asks of whoever comes, or of how the row is theirs; all others, of what the row is.
OF_WHOEVER_COMES: dict[str, Callable[[Identity, Row], bool]] = {
    "mine": lambda identity, row: row.of == identity.name,
    "nobody's": lambda _, row: row.of is None,
    "proved": lambda identity, _: identity.has_proved,
    "a second factor": lambda identity, _: identity.second_factor == "shown",
    "its own": lambda identity, row: identity.paa_of == row.account,
    "let in": lambda identity, _: identity.comes_in,
    "in a browser": lambda identity, _: identity.is_in_a_browser,
    "disabled": lambda identity, _: identity.disabled,
    "left": lambda identity, _: identity.has_left,
    "revoked": lambda identity, _: identity.session == "revoked",
    "a job's": lambda identity, _: identity.session == "job",
    "of the staff": lambda identity, _: identity.works_as is not None,
    "has a second factor": lambda identity, _: identity.second_factor in ("shown", "not shown"),
    "must have one": _must_have_one,
    "a role of theirs": lambda identity, row: row.kind in identity.roles,
    "there already": lambda identity, row: row.account == identity.company,
}
CONDITIONS = {*OF_WHOEVER_COMES, "ended"}


def _opens_such(identity: Identity, row: Row) -> bool:
    return identity.has(facts()["creates"][row.kind], row.account, row.site)


def _asks_there(identity: Identity, row: Row) -> bool:
    """May open one, and see it afterwards."""
    views = ("ticket.view_company", "ticket.view_own")
    return _opens_such(identity, row) and any(identity.has(view, row.account, row.site) for view in views)


def _claims_there(identity: Identity, row: Row) -> bool:
    """At which site a parcel lies only the database knows."""
    places = (replace(row, kind="shipment", site=site) for site in (*SITES, None))
    return any(_asks_there(identity, place) for place in places)


def _works_on(identity: Identity, row: Row) -> bool:
    sees = identity.is_customer and may(identity, "select", replace(row, table="ticket"))
    return sees and _opens_such(identity, row)


WORDS: dict[str, Callable[[Identity, Row], bool]] = {
    "people": lambda identity, _: identity.is_alive,
    "me": lambda identity, row: identity.is_alive and row.of == identity.name,
    "customer": lambda identity, _: identity.is_alive and identity.is_customer,
    "holder": lambda identity, _: identity.is_customer and any(map(identity.has_somewhere, functions())),
    "holder there": lambda identity, row: (
        identity.belongs_to(row.account)
        and any(identity.has_somewhere(function, row.account) for function in functions())
    ),
    "somebody's customer": lambda identity, _: any(map(identity.belongs_to, ACCOUNTS)),
    "member": lambda identity, row: identity.belongs_to(row.account),
    "member in person": lambda identity, row: identity.belongs_to(row.account) and not identity.only_reads,
    "manager": lambda identity, row: identity.reaches(row.account),
    "any manager": lambda identity, _: identity.works("account_manager"),
    "desk": lambda identity, _: identity.works("service_desk"),
    "finance": lambda identity, _: identity.works("finance"),
    "administrator": lambda identity, _: identity.works("administrator"),
    "worker": lambda identity, _: identity.login == "portal_jobs",
    "somebody": lambda identity, _: identity.is_person,
    "anybody": lambda identity, _: identity.login == "portal_app",
    "let in": lambda identity, _: identity.comes_in,
    "in a browser": lambda identity, _: identity.is_in_a_browser,
    "opens such": _opens_such,
    "asks there": _asks_there,
    "claims there": _claims_there,
    "works on it": _works_on,
}
