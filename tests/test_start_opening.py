"""Opening a database: marked once as demo or real, filled once, and with logins that are not too powerful."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from data import opening
from data.instance import Kind, demo_password
from data.opening import check_logins, prepare
from data.settings import Settings
from rules.errors import SetupError
from tests.cluster import Cluster, Database


@pytest.fixture
def fresh(cluster: Cluster) -> Database:
    return Database(cluster.new_database("empty"))


@pytest.fixture
def instance(tmp_path: Path, fresh: Database) -> Callable[..., Settings]:
    """`instance(demo=False)` → its settings. The logins are the cluster's, so that no other test loses its password."""
    given = {f"{login}_url": fresh.login(f"portal_{login}") for login in ("app", "auth", "jobs")}

    def with_settings(**chosen: object) -> Settings:
        return Settings(**{"home": tmp_path / "instance", **given, **chosen})

    return with_settings


class DemoLoader:
    """Stands where the demo's rows are made, and may be interrupted."""

    def __init__(self) -> None:
        self.hashes: list[str] = []
        self.interrupted = False

    def __call__(self, _url: str, _say: Callable[[str], None], *, password_hash: str) -> None:
        if self.interrupted:
            raise KeyboardInterrupt
        self.hashes.append(password_hash)


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> DemoLoader:
    loader = DemoLoader()
    monkeypatch.setattr(opening, "load", loader)
    return loader


def marks(database: Database) -> dict[str, str]:
    with database.as_owner() as connection:
        return dict(connection.execute(text("select key, value from portal.instance")).all())


def test_a_demo_gets_its_people_once_however_often_it_starts(fresh, instance, demo: DemoLoader):
    config = instance()
    demo.interrupted = True
    with pytest.raises(KeyboardInterrupt):
        prepare(config, fresh.owner_url, print, str.upper)
    assert marks(fresh) == {"kind": "demo"}
    demo.interrupted = False
    for _ in range(2):
        assert prepare(config, fresh.owner_url, print, str.upper) is Kind.DEMO
    assert demo.hashes == [demo_password(config).upper()]


def test_a_real_instance_gets_no_invented_people(fresh, instance, demo: DemoLoader):
    assert prepare(instance(demo=False), fresh.owner_url, print, str.upper) is Kind.REAL
    assert prepare(instance(), fresh.owner_url, print, str.upper) is Kind.REAL, "the mark decides"
    assert demo.hashes == []
    with pytest.raises(SetupError, match="is a real instance and stays one"):
        prepare(instance(demo=True), fresh.owner_url, print, str.upper)


def test_a_command_does_not_make_a_demo_of_an_instance_that_never_ran(fresh, instance, demo: DemoLoader):
    with pytest.raises(SetupError, match=r"start it once with \./portal run, or set PORTAL_DEMO=0"):
        prepare(instance(), fresh.owner_url, print, None)
    assert marks(fresh) == {}
    assert demo.hashes == []
    assert prepare(instance(demo=False), fresh.owner_url, print, None) is Kind.REAL


def test_logins_as_migrate_makes_them_are_accepted(instance):
    check_logins(instance())


def test_a_login_that_may_do_everything_is_refused(fresh, instance):
    with pytest.raises(SetupError, match="can bypass row security") as refusal:
        check_logins(instance(auth_url=fresh.owner_url))
    assert "\n" not in str(refusal.value)


def test_a_login_that_does_not_work_names_the_variable_and_keeps_the_password(fresh, instance):
    wrong = make_url(fresh.login("portal_jobs")).set(password="geheim").render_as_string(hide_password=False)
    with pytest.raises(SetupError, match=r"portal_jobs cannot sign in .*: check PORTAL_JOBS_URL") as refusal:
        check_logins(instance(jobs_url=wrong))
    assert "geheim" not in str(refusal.value)
