"""The same separation elsewhere: with an administrator who is no superuser, and on the system's own PostgreSQL."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from data.demo.cast import load_cast
from data.migrate import bootstrap_engine, migrate
from data.security.check import violations
from data.server import serving
from data.tallies import drift
from tests.attacks.bending import Bending
from tests.attacks.context import Context
from tests.attacks.logins import Logins
from tests.attacks.mails import Mails
from tests.attacks.oracles import Oracles
from tests.attacks.seeing import Seeing
from tests.attacks.sessions import Sessions
from tests.attacks.stage import Stage, stage_on
from tests.attacks.tickets import Tickets
from tests.attacks.writing import Writing
from tests.cluster import PASSWORDS, Database
from tests.demo_rows import NO_DRIFT
from tests.installed_server import installed_servers, running

OURS = "the portal's own server"
INSTALLED = installed_servers()


@pytest.fixture(scope="module", params=[OURS, *INSTALLED])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a superuser on a server that has never seen the portal."""
    with ExitStack() as stack:
        if request.param == OURS:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-test-"))
            yield stack.enter_context(serving(Path(folder), purpose="tests", say=lambda _line: None))
        else:
            yield stack.enter_context(running(INSTALLED[request.param]))


@pytest.fixture(scope="module")
def managed(server: str) -> Iterator[Database]:
    """As a provider hands it over: an administrator who may make roles and owns a database, and is no superuser."""
    engine = create_engine(make_url(server).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("create role provider login createrole createdb password 'provided'"))
        connection.execute(text("create database managed owner provider template template0 encoding 'UTF8' locale 'C'"))
    engine.dispose()
    url = make_url(server).set(username="provider", password="provided", database="managed")
    database = _migrated(url.render_as_string(hide_password=False))
    with database.as_owner() as connection:
        load_cast(connection)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def stage(managed: Database) -> Stage:
    return stage_on(managed)


def _migrated(url: str) -> Database:
    migrate(url, PASSWORDS, lambda _line: None)
    migrate(url, PASSWORDS, lambda _line: None)  # the second time nothing is left to do, and nothing goes wrong
    return Database(url)


def test_the_systems_own_postgresql_is_tried_if_there_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    told = (
        ", ".join(f"{name} in {folder}" for name, folder in INSTALLED.items()) or "none is installed, so none was tried"
    )
    with capsys.disabled():
        print(f"\nthe system's own PostgreSQL: {told}")
    assert installed_servers() == INSTALLED
    assert all((folder / "postgres").exists() for folder in INSTALLED.values())


def test_an_administrator_without_superuser_makes_a_database_without_violation(managed: Database) -> None:
    engine = bootstrap_engine(managed.owner_url)
    with engine.connect() as connection:
        assert (
            connection.scalar(text("select rolsuper or rolbypassrls from pg_roles where rolname = current_user"))
            is False
        )
        assert [str(violation) for violation in violations(connection)] == []
        connection.execute(text("set local role portal_owner"))
        connection.execute(text("alter table portal.invoice disable row level security"))
        assert {v.rule.name for v in violations(connection)} == {"row_security_off"}
        connection.rollback()
    engine.dispose()


def test_a_superuser_beside_them_makes_one_too(managed: Database, server: str) -> None:
    del managed  # first: its administrator must be the one who made the roles
    engine = create_engine(make_url(server).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("create database second template template0 encoding 'UTF8' locale 'C'"))
    engine.dispose()
    second = make_url(server).set(database="second").render_as_string(hide_password=False)
    database = _migrated(second)
    engine = bootstrap_engine(second)
    with engine.connect() as connection:
        assert [str(violation) for violation in violations(connection)] == []
    engine.dispose()
    database.dispose()


def test_tallies_are_kept_there_too(stage: Stage) -> None:
    with stage.database.as_owner() as connection:
        assert connection.scalar(text("select sum(n) from portal.ticket_tally")) == len(stage.scene.tickets)
        assert drift(connection) == NO_DRIFT


def test_statements_are_not_compiled_there(stage: Stage) -> None:
    """Many servers do by default; a page that reads under policies would wait for the compiler, not for the rows."""
    for engine in (stage.database.app, stage.database.auth, stage.database.jobs):
        with stage.passing(engine) as connection:
            assert connection.scalar(text("show jit")) == "off"


class TestSeeing(Seeing):
    pass


class TestContext(Context):
    pass


class TestSessions(Sessions):
    pass


class TestWriting(Writing):
    pass


class TestOracles(Oracles):
    pass


class TestLogins(Logins):
    pass


class TestTickets(Tickets):
    pass


class TestMails(Mails):
    pass


class TestBending(Bending):
    pass
