"""What every test may ask for: a database of its own, and the cast signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Connection, insert, select, text
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from auth.sessions import hashed, new_token, who
from data.demo.cast import load_cast
from data.models import Person, SignInSession, StaffMember
from data.settings import settings
from rules.principal import Principal
from tests.cluster import Cluster, Database, running_cluster
from tests.demo_rows import demo_of
from tests.patience import PATIENCE
from tests.portal_server import Portal, running_browser, running_portal

#: First name → e-mail, as DESIGN introduces them.
CAST = {
    "ana": "paa@acme.example",
    "abel": "hands@acme.example",
    "vic": "viewer@acme.example",
    "bea": "paa@bolt.example",
    "mia": "manager@portal.example",
    "fin": "finance@portal.example",
    "dee": "desk@portal.example",
    "ada": "admin@portal.example",
}


@pytest.fixture(scope="session", autouse=True)
def _as_in_a_demo() -> Iterator[None]:
    """Staff sign in with their password alone; tests/test_second_factor_required.py is about those who must not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PORTAL_STAFF_SECOND_FACTOR", "0")
        settings.cache_clear()
        yield


@pytest.fixture(scope="session", autouse=True)
def _a_run_may_take_as_long_as_everything_else() -> Iterator[None]:
    """An AppTest gives its script a number of seconds of its own."""
    run = LocalScriptRunner.run

    def patient(
        runner: LocalScriptRunner, states: Any = None, query: Any = None, _timeout: float = 0, *more: Any, **named: Any
    ) -> Any:
        return run(runner, states, query, PATIENCE, *more, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LocalScriptRunner, "run", patient)
        yield


@pytest.fixture(scope="session", autouse=True)
def _components_are_looked_for_once() -> Iterator[None]:
    """Each AppTest reads what every installed package says of itself, to find components of Streamlit's: the same each
    time, and a tenth of a second."""
    with pytest.MonkeyPatch.context() as patch:
        found = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", found)
        yield


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as running:
        running.make_template("empty")
        database = Database(running.new_template("with_cast", "empty"))
        with database.as_owner() as connection:
            load_cast(connection)
        yield running


@pytest.fixture(scope="module")
def empty_database(cluster: Cluster) -> Iterator[Database]:
    """Migrated, nothing in it."""
    yield from _open(cluster, "empty")


@pytest.fixture(scope="module")
def database(cluster: Cluster) -> Iterator[Database]:
    """With the cast's companies, sites and people in it; shared by the tests of one module."""
    yield from _open(cluster, "with_cast")


@pytest.fixture(scope="module")
def demo(cluster: Cluster) -> Iterator[Database]:
    """With the demo's rows in it; shared by the tests of one module."""
    with demo_of(cluster) as database:
        yield database


@pytest.fixture
def owner(demo: Database) -> Iterator[Connection]:
    """The owner of the demo's tables, whose changes nobody else sees."""
    with demo.as_owner() as connection:
        yield connection
        connection.rollback()


def _open(cluster: Cluster, template: str) -> Iterator[Database]:
    opened = Database(cluster.new_database(template))
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def portal(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The whole portal over this database, in a process of its own."""
    with running_portal(database, tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.fixture(scope="module")
def configured(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The portal's own settings in this process lead to this database."""
    from tests.door import settings_for

    with settings_for(database, tmp_path_factory.mktemp("home") / "instance"):
        yield


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture(scope="module")
def sign_in(database: Database) -> Callable[[str], Principal]:
    """`sign_in("ana")` → the Principal of a live session, as a page would get it."""

    def signed_in(name: str) -> Principal:
        token = new_token()
        with database.as_owner() as connection:
            person = connection.execute(select(Person.id).where(Person.email == CAST[name])).scalar_one()
            role = connection.execute(select(StaffMember.role).where(StaffMember.person_id == person)).scalar()
            connection.execute(
                insert(SignInSession).values(
                    token_hash=hashed(token), person_id=person, role=role, expires_at=text("now() + interval '1 hour'")
                )
            )
        signed = who(database.auth, token)
        assert signed is not None
        return signed.principal

    return signed_in
