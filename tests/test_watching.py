"""`/watch/…`: a link that is opened changes nothing, a click does, and a mail program may click for its reader."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from auth.watching import WatchStep, watch_link
from data.settings import settings
from tests.asgi import Answer, ask
from tests.cluster import Database
from tests.scene import set_the_scene
from web import watching


@pytest.fixture(scope="module")
def watcher(database: Database) -> int:
    with database.as_owner() as connection:
        scene = set_the_scene(connection)
        connection.execute(text("update portal.account set outside_watchers = true"))
        asked = "select id from portal.ticket_watcher where ticket_id = :ticket"
        return connection.execute(text(asked), {"ticket": scene.tickets["seoul: abel's hands"]}).scalar_one()


@pytest.fixture(autouse=True)
def configured(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("PORTAL_HOME", str(tmp_path))
    monkeypatch.setenv("PORTAL_SECRET", "s" * 40)
    monkeypatch.setattr(watching, "auth_engine", lambda: database.auth)
    settings.cache_clear()
    yield
    settings.cache_clear()


def visit(step: WatchStep, watcher: int, *, method: str = "GET", spoil: str = "", language: str = "en") -> Answer:
    path, _mark, query = (watch_link(step, watcher).removeprefix(settings().base_url) + spoil).partition("?")
    app = Starlette(routes=watching.routes)
    return ask(app, path, query=query, method=method, headers={"accept-language": language})


def state(database: Database, watcher: int) -> str:
    with database.as_owner() as connection:
        found = connection.execute(
            text("select confirmed_at from portal.ticket_watcher where id = :w"), {"w": watcher}
        ).one_or_none()
    return "gone" if found is None else "confirmed" if found.confirmed_at else "asked"


def test_the_way_of_a_watcher(database: Database, watcher: int) -> None:
    assert visit(WatchStep.CONFIRM, watcher).status == 200
    assert state(database, watcher) == "asked", "programs that look through mail open links too"
    assert visit(WatchStep.CONFIRM, watcher, method="POST", spoil="x").status == 404
    assert state(database, watcher) == "asked"
    assert visit(WatchStep.CONFIRM, watcher, method="POST").status == 200
    assert state(database, watcher) == "confirmed"
    assert visit(WatchStep.LEAVE, watcher + 1, method="POST", spoil="x").status == 404
    assert visit(WatchStep.LEAVE, watcher).status == 200
    assert state(database, watcher) == "confirmed"
    assert visit(WatchStep.LEAVE, watcher, method="POST").status == 200
    assert state(database, watcher) == "gone"
    assert visit(WatchStep.LEAVE, watcher, method="POST").status == 200, "a second click is told the same"
    assert visit(WatchStep.CONFIRM, watcher, method="POST").status == 404


def test_the_page_names_no_ticket_and_runs_no_script(watcher: int) -> None:
    page = visit(WatchStep.LEAVE, watcher)
    assert b"RH-" not in page.body
    assert b"<script" not in page.body
    assert "default-src 'none'" in (page.header("content-security-policy") or "")
    assert b'<form method="post">' in page.body
