"""The matrix against commands and imports: everybody tries each on every row, and may what the rules say."""

from __future__ import annotations

import ast
from collections.abc import Generator, Iterator
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import NoReturn
from uuid import uuid4

import pytest
from sqlalchemy import text

import data
from data.commands import Command, Work, execute
from data.imports import KINDS as FILES
from data.models.rows import PEOPLE_HATS, Hat
from data.settings import CHECKOUT
from rules.errors import Forbidden, NotFound, NotProven
from rules.permissions import Permission
from rules.principal import Principal
from tests.cluster import Cluster
from tests.matrix.asking import columns_of
from tests.matrix.doors import does, doors, rows_for
from tests.matrix.people import identities
from tests.matrix.phrases import Row
from tests.matrix.stage import PEOPLE, Matrix, portal_on
from tests.matrix.world import table_of


@pytest.fixture(scope="module")
def matrix(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    with portal_on(cluster, tmp_path_factory) as planted:
        yield planted


def _commands() -> dict[str, type[Command]]:
    """Every command of the portal by its name, wherever in data/ it stands."""
    for module in walk_packages(data.__path__, "data."):
        if ".migrations" not in module.name:
            import_module(module.name)
    return {command.name: command for command in _below(Command) if command.__module__.startswith("data.")}


def _below(command: type[Command]) -> Iterator[type[Command]]:
    for one in command.__subclasses__():
        if isinstance(getattr(one, "name", None), str):
            yield one
        yield from _below(one)


def test_every_command_and_import_stands_in_the_matrix() -> None:
    for what, there_are in (("commands", set(_commands())), ("imports", set(FILES))):
        missing, gone = there_are - set(doors()[what]), set(doors()[what]) - there_are
        assert not missing, f"{missing}: say in tests/matrix/doors.yaml, under `{what}`, who may"
        assert not gone, f"tests/matrix/doors.yaml, `{what}`, speaks of what there is no more: {gone}"


def test_what_the_matrix_does_not_know_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Forgotten(Command):
        name = "everything.delete"

    Forgotten.__module__ = "data.forgotten"
    with pytest.raises(AssertionError, match=r"everything.delete.*under `commands`"):
        test_every_command_and_import_stands_in_the_matrix()
    Forgotten.__module__ = "tests"
    monkeypatch.setitem(FILES, "people", FILES["sites"])
    with pytest.raises(AssertionError, match=r"people.*under `imports`"):
        test_every_command_and_import_stands_in_the_matrix()


@pytest.fixture(scope="module")
def numbers(matrix: Matrix) -> dict[str, dict[int, str]]:
    """Table → id → what a command calls the row by."""

    def known(query: str) -> dict[int, str]:
        with matrix.database.as_owner() as connection:
            return dict(iter(connection.execute(text(query))))

    tables = {about["to"] for about in doors()["commands"].values()}
    called = {table: f"select id, uuid from portal.{table}" for table in tables if "uuid" in table_of(table).columns}
    called["ticket"] = "select id, number from portal.ticket"
    return {table: known(query) for table, query in called.items()}


@pytest.mark.parametrize("name", PEOPLE)
def test_every_command_is_done_by_whom_the_rules_say(
    name: str, matrix: Matrix, numbers: dict[str, dict[int, str]]
) -> None:
    identity = identities()[name]
    principal = matrix.principal(identity)
    if principal is None:
        assert not identity.comes_in
        return
    for kind in _commands().values():
        for row in rows_for(kind.name):
            theirs = row.of_identity(identity)
            if theirs is None or "ended" in theirs.flags:
                continue
            said = f"{kind.name}: {row.label}"
            done = _is_done(matrix, principal, _example(matrix, numbers, kind, theirs))
            assert done == does(identity, kind.name, theirs), said


def _is_done(matrix: Matrix, principal: Principal, command: Command) -> bool:
    """As far as `execute` asks who may: what the command then writes is a matter of the tables."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(command), "carry_out", _let_through)
        try:
            execute(matrix.database.app, principal, command, key=uuid4() if command.creates else None)
        except (Forbidden, NotFound, NotProven):
            return False
        except _LetThrough:
            return True
    raise AssertionError("it was carried out")


class _LetThrough(Exception):
    """It would be carried out now; raised, so that all of it is undone."""


def _let_through(_command: Command, _work: Work) -> NoReturn:
    raise _LetThrough


#: What a command calls the row that it is about, where that is not the name of the table.
CALLED = {
    "scheduled_report": "report", "membership": "member", "bank_line": "line", "credit_application": "credit",
    "notice": "uuid", "saved_view": "view",
}  # fmt: skip


def _example(matrix: Matrix, numbers: dict[str, dict[int, str]], kind: type[Command], row: Row) -> Command:
    """The command for this row; what else it says does not matter to who may."""
    world, table = matrix.world, doors()["commands"][kind.name]["to"]
    first = world.made[table, row.label, row.of]
    ticket = first if table in ("ticket", "shipment") else world.ticket(row) if table == "visitor" else 0
    known = {
        "number": numbers["ticket"].get(ticket),
        CALLED.get(table, table): numbers.get(table, {}).get(first),
        "function": Permission.INVOICE_VIEW,
        "account_id": world.accounts.get(row.account or "own"),
        "site_id": world.sites.get(row.site or "here"),
        "kind": row.kind,
        "values": {},
        "version": 1,
    }
    needed = (f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING)  # type: ignore[arg-type]
    return kind(**{field: known.get(field) for field in needed})


#: What a form asks for as well: which countries and time zones there are.
FACTS = {"data.imports.fields.COUNTRIES", "data.imports.fields.ZONES"}


def test_nobody_who_comes_by_the_web_has_a_way_to_import() -> None:
    """No page, route or shell knows of it: a billing run is handed to a command, which finance alone may give
    (data/invoicing/billing_run.py), and everything else is the operator's."""
    for folder in ("auth", "jobs", "pages", "reports", "rules", "shell", "ui", "web"):
        for file in (CHECKOUT / folder).rglob("*.py"):
            assert not any(module.startswith("data.imports") for module in _imported(file) - FACTS), file
    assert any(module.startswith("data.imports") for module in _imported(CHECKOUT / "operate" / "import_rows.py"))


def _imported(file: Path) -> set[str]:
    return set(_named(ast.parse(file.read_text("utf-8"))))


def _named(tree: ast.Module) -> Generator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("kind", FILES)
def test_no_hat_writes_what_an_import_writes(kind: str) -> None:
    """Of every table an import fills there is something that no hat may fill in: its rows are the operator's alone.

    But for accounts and sites, which an administrator makes by hand as well (account.create, site.create)."""
    made_by_hand = {("account", Hat.STAFF), ("site", Hat.STAFF)}
    for target in (FILES[kind].target, *([FILES[kind].lines.target] if FILES[kind].lines else [])):
        for hat in PEOPLE_HATS:
            fills_all = set(target.filled) <= set(columns_of(target.name, "insert", hat))
            assert fills_all == ((target.name, hat) in made_by_hand), (target.name, hat)
    assert doors()["imports"][kind] == ["operator"]
