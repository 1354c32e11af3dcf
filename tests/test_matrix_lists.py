"""The matrix against lists and reports: everybody opens each, and gets exactly the rows that the rules say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from io import BytesIO
from pkgutil import walk_packages
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from starlette.applications import Starlette

import data
from data import customers
from data.audit_log import audit_for
from data.listing import Asked, Column, ListSpec, read_asked, stream_of
from data.listing.spec import OFFERING
from data.ticketing import parcels
from rules.errors import Forbidden
from rules.principal import Principal
from tests.asgi import ask
from tests.cluster import Cluster
from tests.matrix.doors import doors, opens, proves_first, takes_along
from tests.matrix.people import Identity, identities
from tests.matrix.phrases import may
from tests.matrix.stage import PEOPLE, Matrix, portal_on
from web import reports
from web.errors import exception_handlers

#: Lists that are no ListSpec: their rows are asked for by a function of their own, below.
OTHERWISE = ("customers", "service", "parcels", "statement", "acceptances")


def _specs() -> Iterator[ListSpec]:
    """Every list declared anywhere in data/."""
    for about in walk_packages(data.__path__, "data."):
        if ".migrations" not in about.name:
            yield from (found for found in vars(import_module(about.name)).values() if isinstance(found, ListSpec))


SPECS = {spec.name: spec for spec in _specs()}


@pytest.fixture(scope="module")
def matrix(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    with portal_on(cluster, tmp_path_factory) as planted:
        yield planted


@pytest.fixture(scope="module")
def app() -> Starlette:
    return Starlette(routes=reports.routes, exception_handlers=exception_handlers)


def _missing() -> tuple[set[str], set[str]]:
    """What the matrix does not know, and what there is no more."""
    return set(reports.KINDS) - set(doors()["lists"]), set(doors()["lists"]) - set(reports.KINDS)


def test_every_list_stands_in_the_matrix() -> None:
    missing, gone = _missing()
    assert not missing, f"{missing}: say in tests/matrix/doors.yaml, under `lists`, who opens it and which rows it has"
    assert not gone, f"tests/matrix/doors.yaml speaks of lists there are no more: {gone}"
    assert set(SPECS) | set(OTHERWISE) == set(doors()["lists"]), "a list without a report, or a report without its rows"


def test_a_list_that_the_matrix_does_not_know_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reports.KINDS, "everything", reports.KINDS["tickets"])
    assert _missing() == ({"everything"}, set())


def _keys(matrix: Matrix, principal: Principal, name: str) -> set[str]:
    """The keys of all rows that the list shows, nothing filtered, over all accounts in view."""
    engine = matrix.database.app
    if name == "customers":
        page = customers.list_customers(engine, principal, customers.CustomersAsked())
        return {f"({customer.id})" for customer in page.rows}
    if name == "parcels":
        known = {uuid: f"({number})" for number, uuid in _owned(matrix, "select id, uuid from portal.parcel")}
        return {known[parcel.uuid] for parcel in parcels.list_parcels(engine, principal)}
    spec = audit_for(principal) if name == "audit" else SPECS[name]
    key = Column("key", "", next(iter(spec.table.primary_key)))
    with closing(stream_of(engine, principal, spec, _everything(spec), (key,), time_zone="UTC")) as batches:
        return {f"({row[0]})" for batch in batches for row in batch}


def _everything(spec: ListSpec) -> Asked:
    return read_asked(spec, {f.key: ["any"] for f in spec.filters if isinstance(f, OFFERING)})


def _owned(matrix: Matrix, query: str) -> list[Any]:
    with matrix.database.as_owner() as connection:
        return list(connection.execute(text(query)))


def _allowed(matrix: Matrix, identity: Identity, name: str) -> set[str]:
    about = doors()["lists"][name]
    only = about.get("only", [])
    return {
        key
        for key, row in matrix.world.rows[about["rows"]].items()
        if may(identity, "select", row)
        and all((flag.removeprefix("not ") in row.flags) != flag.startswith("not ") for flag in only)
    }


@pytest.mark.parametrize("name", PEOPLE)
def test_every_list_shows_each_exactly_the_rows_they_may_see(name: str, matrix: Matrix) -> None:
    identity = identities()[name]
    principal = matrix.principal(identity)
    if principal is None:
        assert not identity.comes_in
        return
    for listed, about in doors()["lists"].items():
        if "rows" not in about:
            continue
        if not opens(identity, "lists", listed):
            with pytest.raises(Forbidden):
                _keys(matrix, principal, listed)
            continue
        found, allowed = _keys(matrix, principal, listed), _allowed(matrix, identity, listed)
        if listed == "audit":  # what the tests themselves leave there is nobody's row of the matrix
            found &= set(matrix.world.rows["audit_entry"])
        assert found == allowed, listed


@pytest.mark.parametrize("name", PEOPLE)
def test_every_report_is_for_whom_the_rules_say(name: str, matrix: Matrix, app: Starlette) -> None:
    identity = identities()[name]
    principal = matrix.principal(identity)
    for listed, about in doors()["lists"].items():
        cookie = {"cookie": f"portal_session={matrix.token(identity)}"}
        answer = ask(app, f"/reports/{listed}.xlsx", headers=cookie, query="accounts=all")  # not what they chose last
        if principal is None:
            assert (answer.status, answer.body) == (303, b""), listed
            continue
        allowed = takes_along(identity, listed)
        refused = 303 if proves_first(identity, listed) else 403
        assert answer.status == (200 if allowed else refused), listed
        assert (b"PK" in answer.body) == allowed
        narrowed = ("ticket", "invoice", "dispute", "audit_entry", "account")  # by what is not filtered otherwise
        if allowed and about.get("rows") and about["rows"] not in narrowed:
            sheet = load_workbook(BytesIO(answer.body), read_only=True).worksheets[0]
            assert sum(1 for _ in sheet.values) - 1 == len(_allowed(matrix, identity, listed)), listed
