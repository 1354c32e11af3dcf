"""The matrix against the routes: everybody asks at every address, and gets exactly what the rules say."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from pkgutil import walk_packages
from zipfile import ZipFile

import pytest
from sqlalchemy import insert, text
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

import shell
import web
from auth.sessions import hashed, new_token, who
from data.invoicing.bundle import safe_name
from data.models import SignInSession
from tests.asgi import Answer, ask
from tests.cluster import Cluster
from tests.matrix.doors import NOWHERE, doors, opens, takes_along
from tests.matrix.people import Identity, identities
from tests.matrix.phrases import Row, fits, may
from tests.matrix.stage import PEOPLE, Matrix, portal_on
from web.errors import exception_handlers


def _found() -> Iterator[BaseRoute]:
    """Whatever a module beside the pages calls its `routes` (app.py puts them together)."""
    for package in (web, shell):
        for about in walk_packages(package.__path__, f"{package.__name__}."):
            if about.name not in ("shell.main", "web.routes"):  # a page's entry, and the list of the others
                yield from getattr(import_module(about.name), "routes", ())


ALL_ROUTES: list[BaseRoute] = list(_found())


@pytest.fixture(scope="module")
def matrix(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    with portal_on(cluster, tmp_path_factory) as planted:
        yield planted


@pytest.fixture(scope="module")
def app() -> Starlette:
    return Starlette(routes=ALL_ROUTES, exception_handlers=exception_handlers)


def _ask(app: Starlette, token: str, path: str, **more: str) -> Answer:
    return ask(app, path, headers={"cookie": f"portal_session={token}"} if token else {}, **more)


def _missing(of: list[BaseRoute]) -> tuple[set[str], set[str]]:
    """What the matrix does not know, and what there is no more."""
    there_are = {f"{how} {r.path}" for r in of if isinstance(r, Route) for how in (r.methods or set()) - {"HEAD"}}
    return there_are - set(doors()["routes"]), set(doors()["routes"]) - there_are


def test_every_route_stands_in_the_matrix() -> None:
    missing, gone = _missing(ALL_ROUTES)
    assert not missing, f"{missing}: say in tests/matrix/doors.yaml, under `routes`, what it answers to whom"
    assert not gone, f"tests/matrix/doors.yaml speaks of routes there are no more: {gone}"


def test_a_route_that_the_matrix_does_not_know_is_found() -> None:
    async def everything(_request: object) -> None:
        raise AssertionError

    missing, _gone = _missing([*ALL_ROUTES, Route("/everything", everything, methods=["DELETE"])])
    assert missing == {"DELETE /everything"}


#: An address that each route with a blank in it is asked at.
FILLED = {"/assets/{version}/{name:path}": "/assets/1/logo.svg"}


@pytest.mark.parametrize("name", PEOPLE)
def test_every_route_answers_each_as_the_rules_say(name: str, matrix: Matrix, app: Starlette) -> None:
    identity = identities()[name]
    token = _another_session(matrix, identity)
    for address, answers in doors()["routes"].items():
        how, _, path = address.partition(" ")
        if isinstance(answers, str) or path == "/live/leave":
            continue
        answer = _ask(app, token, FILLED.get(path, path), method=how)
        assert answer.status == answers["in" if identity.comes_in else "out"], address
        if path in ("/live", "/live/stay"):
            assert (b'"ended":true' in answer.body.replace(b" ", b"")) != identity.comes_in, address
        if path in ("/live", "/live/role", "/auth/session", "/auth/signout"):
            assert (who(matrix.database.auth, token) is not None) == identity.comes_in, f"{address} ended a session"
    left = _ask(app, token, "/live/leave", method="POST")
    assert left.status == doors()["routes"]["POST /live/leave"]["in"]
    assert who(matrix.database.auth, token) is None
    assert (who(matrix.database.auth, matrix.token(identity)) is not None) == identity.comes_in, "nor any other session"


def _another_session(matrix: Matrix, identity: Identity) -> str:
    """The same person in another browser: as alive, or as dead."""
    if not identity.is_person:
        return matrix.token(identity)
    token = new_token()
    with matrix.database.as_owner() as connection:
        mine = text("select * from auth.session where token_hash = :token")
        session = connection.execute(mine, {"token": hashed(matrix.token(identity))}).mappings().one()
        values = {**session, "token_hash": hashed(token)}
        connection.execute(insert(SignInSession).values({k: v for k, v in values.items() if k != "uuid"}))
    return token


@pytest.mark.parametrize("name", PEOPLE)
def test_nobody_takes_on_a_role_they_do_not_have(name: str, matrix: Matrix, app: Starlette) -> None:
    identity = identities()[name]
    for role in ("account_manager", "finance", "service_desk", "administrator"):
        token = _another_session(matrix, identity)
        answer = ask(
            app, "/live/role", query=f"role={role}", method="POST", headers={"cookie": f"portal_session={token}"}
        )
        changed = any(cookie.startswith("portal_session=") for cookie in answer.all("set-cookie"))
        assert changed == (identity.comes_in and role in identity.roles), role


@pytest.mark.parametrize("name", PEOPLE)
def test_a_file_of_a_ticket_is_for_whom_its_message_is(name: str, matrix: Matrix, app: Starlette) -> None:
    identity = identities()[name]
    tried = 0
    for row, uuid in _files(matrix, identity):
        answer = _ask(app, matrix.token(identity), f"/attachments/{uuid}")
        allowed = may(identity, "select", row)
        assert answer.status == (200 if allowed else 404 if identity.comes_in else 303), row.label
        assert (len(answer.body) > 0 and answer.header("content-disposition") is not None) == (answer.status == 200)
        tried += 1
        if not identity.comes_in and tried == 3:
            break
    assert tried >= 3


@pytest.mark.parametrize("name", PEOPLE)
def test_a_document_is_for_whom_its_invoice_is(name: str, matrix: Matrix, app: Starlette) -> None:
    """The file that was planted is no PDF, so it is told by its bytes."""
    identity = identities()[name]
    with matrix.database.as_owner() as connection:
        known = dict(iter(connection.execute(text("select row(id)::text, uuid::text from portal.invoice"))))
    tried = {200: 0, 303: 0, 403: 0, 404: 0}
    for key, row in matrix.world.rows["invoice"].items():
        answer = _ask(app, matrix.token(identity), f"/invoices/{known[key]}.pdf")
        assert (answer.status == 200) == (identity.comes_in and may(identity, "select", row)), row.label
        assert (answer.body == b"x" and answer.header("content-disposition") is not None) == (answer.status == 200)
        tried[answer.status] += 1
    sees_some = any(fits(identity, who, NOWHERE) for who in doors()["pages"]["invoices"]["open"])
    assert not tried[404 if not sees_some else 403]
    assert (tried[303] > 0) != identity.comes_in


@pytest.mark.parametrize("name", PEOPLE)
def test_documents_are_taken_along_by_whom_the_list_is(name: str, matrix: Matrix, app: Starlette) -> None:
    identity = identities()[name]
    answer = _ask(app, matrix.token(identity), "/invoices.zip")
    taken = 200 if takes_along(identity, "invoices") else 403
    assert answer.status == (taken if identity.comes_in else 303)
    if answer.status != 200:
        return
    with ZipFile(BytesIO(answer.body)) as archive:
        shown = {name.removesuffix(".pdf") for name in archive.namelist()}
    with matrix.database.as_owner() as connection:
        known = dict(iter(connection.execute(text("select row(id)::text, number from portal.invoice"))))
    theirs = {
        safe_name(known[key]) for key, row in matrix.world.rows["invoice"].items() if may(identity, "select", row)
    }
    assert shown <= theirs
    assert shown


@pytest.mark.parametrize("name", PEOPLE)
def test_a_file_of_a_dispute_is_for_whom_its_invoice_is(name: str, matrix: Matrix, app: Starlette) -> None:
    identity = identities()[name]
    with matrix.database.as_owner() as connection:
        known = dict(iter(connection.execute(text("select row(id)::text, uuid::text from portal.dispute_file"))))
    rows = [(key, row) for key, row in matrix.world.rows["dispute_file"].items() if row.of in (None, identity.name)]
    assert len(rows) >= 6
    for key, row in rows:
        answer = _ask(app, matrix.token(identity), f"/attachments/disputes/{known[key]}")
        allowed = identity.comes_in and may(identity, "select", row)
        assert answer.status == (200 if allowed else 404 if identity.comes_in else 303), row.label
        assert (len(answer.body) > 0 and answer.header("content-disposition") is not None) == (answer.status == 200)


@pytest.mark.parametrize("name", PEOPLE)
def test_a_paper_is_for_whom_its_row_is(name: str, matrix: Matrix, app: Starlette) -> None:
    """Who holds nothing at all is not even asked which."""
    identity = identities()[name]
    with matrix.database.as_owner() as connection:
        known = dict(iter(connection.execute(text("select row(id)::text, uuid::text from portal.document"))))
    holds = any(fits(identity, who, NOWHERE) for who in ("holder", "any manager", "desk", "finance", "administrator"))
    refused = 303 if not identity.comes_in else 404 if holds else 403
    for key, row in matrix.world.rows["document"].items():
        answer = _ask(app, matrix.token(identity), f"/documents/{known[key]}")
        allowed = identity.comes_in and holds and may(identity, "select", row)
        assert answer.status == (200 if allowed else refused), row.label
        assert (len(answer.body) > 0 and answer.header("content-disposition") is not None) == (answer.status == 200)


@pytest.mark.parametrize("name", PEOPLE)
def test_a_file_of_a_message_is_for_who_reads_its_conversation(name: str, matrix: Matrix, app: Starlette) -> None:
    identity = identities()[name]
    with matrix.database.as_owner() as connection:
        known = dict(iter(connection.execute(text("select row(id)::text, uuid::text from portal.thread_file"))))
    others = ("colleague", "stranger", identity.name)
    rows = [(key, row) for key, row in matrix.world.rows["thread_file"].items() if row.of in others]
    assert len(rows) >= 6
    for key, row in rows:
        answer = _ask(app, matrix.token(identity), f"/attachments/messages/{known[key]}")
        allowed = identity.comes_in and may(identity, "select", row)
        assert answer.status == (200 if allowed else 404 if identity.comes_in else 303), row.label


#: Of whose tickets a note and an internal note are tried.
TRIED = ("mine", "own", "other site", "sub-account", "other company")


def _files(matrix: Matrix, identity: Identity) -> Iterator[tuple[Row, str]]:
    """One's own, one that the full user wrote, and one of each other kind."""
    with matrix.database.as_owner() as connection:
        known = dict(iter(connection.execute(text("select row(id)::text, uuid::text from portal.attachment"))))
    for key, row in matrix.world.rows["attachment"].items():
        whose, _, flag = row.label.partition(" · ")
        somebody_elses = whose == "mine" and row.of not in (identity.name, "full user")
        if whose in TRIED and flag != "reply" and not somebody_elses:
            yield row, known[key]


@pytest.mark.parametrize("name", PEOPLE)
def test_a_statement_is_for_whom_the_invoices_of_the_account_are(name: str, matrix: Matrix, app: Starlette) -> None:
    identity = identities()[name]
    token, opened = matrix.token(identity), opens(identity, "pages", "statement")
    with matrix.database.as_owner() as connection:
        codes = dict(iter(connection.execute(text("select id, code from portal.account"))))
    allowed: dict[str, bool] = {}
    for (table, _label, _of), key in matrix.world.made.items():
        if table == "invoice":
            row = matrix.world.rows["invoice"][f"({key})"]
            with matrix.database.as_owner() as connection:
                account = connection.scalar(text("select account_id from portal.invoice where id = :id"), {"id": key})
            allowed[codes[account]] = allowed.get(codes[account], False) or may(identity, "select", row)
    for code, sees in allowed.items():
        answer = _ask(app, token, "/statement.pdf", query=f"accounts=all&account={code}")
        is_theirs = sees and identity.comes_in
        refused = 303 if not identity.comes_in else 403 if not opened else 404
        assert answer.status == (200 if is_theirs else refused), code
        assert answer.body.startswith(b"%PDF") == is_theirs, code
