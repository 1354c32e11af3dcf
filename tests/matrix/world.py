"""The world of the matrix: five accounts, two sites, everybody of identities.yaml, and which row is which."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Table, insert, text, update

from auth.sessions import hashed, new_token
from data.models import Base
from tests.matrix.people import ACCOUNTS, PARENTS, SITES, Identity, identities
from tests.matrix.phrases import Row, rows_of, tables

#: Whose rows stand about, and who they are: (a member of, or a role of staff).
BYSTANDERS = {
    "colleague": ("own", None),
    "of the sub-account": ("sub", None),
    "of the parent": ("parent", None),
    "stranger": ("other", None),
    "clerk": (None, "service_desk"),
    "teller": (None, "finance"),
    "keeper": (None, "account_manager"),
}
_LIVES = {
    "expired": {"expires_at": text("now() - interval '1 minute'")},
    "another": {"expires_at": text("now() + interval '1 hour'")},
    "idle": {"last_seen": text("now() - interval '31 minutes'")},
    "revoked": {"revoked_at": text("now()")},
    # a quarter of an hour and no more, which ends when those of the others do
    "job": {"kind": "job", "created_at": text("now() + interval '45 minutes'")},
    "not proved": {"proved_at": text("now() - interval '30 minutes'")},
}
_numbers = itertools.count(1)


def table_of(name: str) -> Table:
    """rules.yaml names tables of the schema portal by themselves."""
    return Base.metadata.tables[name if "." in name else f"portal.{name}"]


@dataclass
class World:
    """Name → id of what was planted, a token per identity, and for every table: key of a row → what it is."""

    accounts: dict[str, int] = field(default_factory=dict)
    sites: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    issuer: int = 0
    #: (table, label, whose) → id
    made: dict[tuple[str, str, str | None], int] = field(default_factory=dict)
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    _tickets: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def person(self, name: str | None) -> int | None:
        return self.people.get(name or "")

    def number(self) -> int:
        return next(_numbers)

    def ticket(self, row: Row) -> int:
        return self._tickets[_which(row)]

    def item(self, row: Row) -> int | None:
        """Something of the row's account at the row's site."""
        places = {("own", "here"): "own", ("own", "there"): "other site", ("own", None): "no site"}
        label = places.get((str(row.account), row.site)) or {"sub": "sub-account", "other": "other company"}.get(
            str(row.account), str(row.account)
        )
        return self.made["inventory_item", label, None]

    def parent(self, table: str, row: Row) -> int:
        """The row of that table which this one belongs to: it has the same label."""
        return self.made[table, row.label, row.of]

    def record(self, row: Row, key: str, first_id: Any) -> None:
        self.rows.setdefault(row.table, {})[key] = row
        self.made[row.table, row.label, row.of] = first_id
        if row.table == "ticket":
            self._tickets[_which(row)] = first_id


def _which(row: Row) -> tuple[Any, ...]:
    return row.account, row.site, row.of, row.kind, "taken up" in row.flags


def set_up(connection: Connection) -> World:
    """As the owner, into an empty database: one example of every row that rules.yaml names, and of nothing else."""
    world = World()
    _places(connection, world)
    _people(connection, world)
    for table in Base.metadata.sorted_tables:
        name = table.name if table.schema == "portal" else str(table)
        for row in rows_of(name) if name in tables() else ():  # tests/test_matrix.py names what is missing
            for planted in _everybodys(row):
                _plant(connection, world, planted)
    _found(connection, world)
    return world


def _add(connection: Connection, world: World, row: Row, **values: Any) -> int:
    """One row, recorded under its key and by the first column of it."""
    table = table_of(row.table)
    key = ", ".join(f'"{c.name}"' for c in table.primary_key)
    first = next(iter(table.primary_key))
    added = insert(table).values(**values).returning(text(f"row({key})::text"), first)
    as_text, first_id = connection.execute(added).one()
    world.record(row, as_text, first_id)
    return first_id


def _places(connection: Connection, world: World) -> None:
    entity = {"code": "EX", "name": "Example", "country": "KR", "currency": "KRW", "bank_details": "account 000"}
    world.issuer = _add(connection, world, Row("legal_entity", "a row"), **entity)
    for row in (row for row in rows_of("account") if row.account in ACCOUNTS):
        name = str(row.account)
        is_so = {"closed_at": text("now()")} if "closed" in row.flags else {}
        about = {"code": name.upper(), "name": name, "second_factor_for_paa": "asks for a second factor" in row.flags}
        world.accounts[name] = _add(connection, world, row, **about, **is_so)
    for name, parent in PARENTS.items():
        below = update(table_of("account")).where(table_of("account").c.id == world.accounts[name])
        connection.execute(below.values(parent_id=world.accounts.get(parent or "")))
    for name in SITES:
        about = {"code": name.upper(), "name": name, "country": "KR", "city": name, "time_zone": "Asia/Seoul"}
        world.sites[name] = _add(connection, world, Row("site", name, site=name), **about, legal_entity_id=world.issuer)


def _people(connection: Connection, world: World) -> None:
    for name, (account, role) in BYSTANDERS.items():
        person = _person(connection, world, name, account, "general", (role,) if role else ())
        of = {"token_hash": hashed(new_token()), "person_id": person, "role": role}
        _add(connection, world, Row("auth.session", "a row"), **of, **_LIVES["another"])
    for identity in identities().values():
        if not identity.is_person:
            world.tokens[identity.name] = new_token() if identity.session == "invented" else ""
            continue
        role = "paa" if identity.paa_of else "general"
        person = _person(connection, world, identity.name, identity.company, role, identity.roles, identity)
        _rights(connection, world, identity, person)
        _session(connection, world, identity, person)


def _person(
    connection: Connection, world: World, name: str, account: str | None, role: str, roles: tuple[str, ...],
    identity: Identity | None = None,
) -> int:  # fmt: skip
    """Somebody, and what they are; these rows are the matrix's as well."""
    label = "mine" if identity else next((r.label for r in rows_of("person") if r.of == name), name)
    is_so = {"ended": identity is not None and identity.ended, "of staff": account is None}
    row = Row("person", label, account=account, of=name, flags=frozenset(flag for flag, so in is_so.items() if so))
    kind = "customer" if account else "staff"
    disabled = text("now()") if identity and identity.disabled else None
    about = {"kind": kind, "name": name, "email": f"{world.number()}@matrix.example", "disabled_at": disabled}
    world.people[name] = person = _add(connection, world, row, **about)
    if account:
        ended = text("now()") if identity and identity.ended else None
        of = {"account_id": world.accounts[account], "person_id": person, "role": role, "ended_at": ended}
        _add(connection, world, replace(row, table="membership"), **of)
    for held in roles:
        flags = frozenset({"of the desk"} if held == "service_desk" else ())
        _add(connection, world, replace(row, table="staff_member", flags=flags), person_id=person, role=held)
    return person


def _rights(connection: Connection, world: World, identity: Identity, person: int) -> None:
    for function in sorted(identity.holds):
        sited = identity.at is not None and identity.has(function, identity.company, identity.at)
        sites = (
            [world.sites[identity.at or ""]] if sited and not identity.has(function, identity.company, None) else None
        )
        row = Row("access_grant", "mine", account=identity.company, of=identity.name)
        of = {"account_id": world.accounts[identity.company or ""], "person_id": person}
        _add(connection, world, row, **of, function=function, site_ids=sites)
    if identity.looks_after:
        row = Row("assignment", "mine, as a manager", account=identity.looks_after, of=identity.name)
        _add(connection, world, row, account_id=world.accounts[identity.looks_after], person_id=person)


def _session(connection: Connection, world: World, identity: Identity, person: int) -> None:
    world.tokens[identity.name] = token = new_token()
    narrowed = None if identity.narrowed_to is None else sorted(identity.narrowed_to)
    later = text("now() + interval '1 hour'")  # the tests may take longer than a proof lasts
    life = {"expires_at": later, "proved_at": later, "last_seen": later, **_LIVES.get(identity.session, {})}
    of = {"token_hash": hashed(token), "person_id": person, "role": identity.works_as, "functions": narrowed}
    if identity.second_factor in ("shown", "not shown"):
        _add(connection, world, Row("auth.second_factor", "a row"), person_id=person, secret=b"x", last_step=0)
    if identity.second_factor == "shown":
        life["proved_by"] = "code"
    _add(connection, world, Row("auth.session", "a row"), **of, **life)


#: Made together with the people they are about, or by a migration.
MADE_WITH_PEOPLE = {
    *("account", "person", "membership", "staff_member", "legal_entity", "site", "auth.session", "audit_chain"),
}
#: Counted by triggers.
_COUNTED = {"ticket_tally", "clock_tally", "invoice_tally"}


def _everybodys(row: Row) -> list[Row]:
    """The row itself, or one for each identity that has such a row of its own."""
    if (
        row.table in MADE_WITH_PEOPLE | _COUNTED
        or not row.is_planted()
        or (row.table, row.of) in (("access_grant", "me"), ("assignment", "me"))
    ):
        return []
    theirs = [row] if row.of != "me" else [row.of_identity(identity) for identity in identities().values()]
    return [planted for planted in theirs if planted is not None]


def _plant(connection: Connection, world: World, row: Row) -> None:
    from tests.matrix.planting import EXAMPLES

    assert row.table in EXAMPLES, f"tests/matrix/planting.py has no example of a row of {row.table}: add one"
    _add(connection, world, row, **EXAMPLES[row.table](world, row, f"M{world.number()}", None))


def _found(connection: Connection, world: World) -> None:
    """What triggers counted meanwhile, whose it is says the row itself; and what a migration made."""
    for (key,) in connection.execute(text("select row(id)::text from portal.audit_chain")):
        world.record(Row("audit_chain", "a row"), key, 1)
    accounts = {number: name for name, number in world.accounts.items()}
    sites = {number: name for name, number in world.sites.items()}
    for name in sorted(_COUNTED):
        for counted in connection.execute(
            text(f"select t.row as id, row(t.row)::text as key, t.* from portal.{name} t")
        ).mappings():
            flags = frozenset({"draft"} if counted.get("state") == "draft" else ())
            flags |= frozenset({"credit note"} if counted.get("type") == "credit_note" else ())
            row = Row(
                name, "", account=accounts[counted["account_id"]], site=sites.get(counted.get("site_id")), flags=flags
            )
            label = next(
                r.label for r in rows_of(name) if (r.account, r.site, r.flags) == (row.account, row.site, flags)
            )
            world.record(replace(row, label=label), counted["key"], counted["id"])
