"""More rows than are counted while somebody waits: the rows are there, the charts follow, and it can be stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest

from data.listing import Opened, TooMany
from data.listing.summary import summary_of
from rules.principal import Principal
from tests.cluster import Database
from tests.door import settings_for
from tests.patience import PATIENCE
from tests.standing import page_of, set_the_stage, words_of
from ui.list_view import summary, view

SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module", autouse=True)
def stage(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with database.as_owner() as connection:
        set_the_stage(connection)
    with settings_for(database, tmp_path_factory.mktemp("instance")):
        yield


@pytest.fixture
def may_count(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Every list is too long, and the background waits for this."""
    counting = Event()

    def counted(*asked: Any, **options: Any) -> Any:
        counting.wait(PATIENCE)
        return summary_of(*asked, **options)

    monkeypatch.setattr(summary, "summary_in", lambda *_asked, **_options: TooMany(100_000))
    monkeypatch.setattr(summary, "summary_of", counted)
    yield counting
    counting.set()


def test_rows_do_not_wait_for_charts_which_come_when_they_are_counted(sign_in: SignIn, may_count: Event) -> None:
    app = page_of(sign_in("dee"), "pages.portal.tickets")
    assert len(app.dataframe[0].value) > 0
    assert "Calculating over more than 100,000 rows…" in words_of(app)
    assert not app.get("plotly_chart")
    may_count.set()
    last = time.monotonic() + PATIENCE
    while not app.get("plotly_chart") and time.monotonic() < last:
        app.run()
    assert app.get("plotly_chart")
    assert "Calculating" not in words_of(app)


def test_calculating_is_stopped_and_begun_again(sign_in: SignIn, may_count: Event) -> None:
    app = page_of(sign_in("dee"), "pages.portal.tickets")
    app.button("tickets.stop").click().run()
    assert "Charts were not calculated." in words_of(app)
    assert "Calculating" not in words_of(app)
    app.button("tickets.calculate").click().run()
    assert "Calculating over more than 100,000 rows…" in words_of(app)
    assert not app.get("plotly_chart")


def test_stopping_runs_the_charts_alone(sign_in: SignIn, may_count: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page_of(sign_in("dee"), "pages.portal.tickets")
    turned: list[object] = []
    monkeypatch.setattr(view, "page_in", lambda *asked: turned.append(asked))
    app.button("tickets.stop").click().run()
    assert "Charts were not calculated." in words_of(app)
    assert not turned, "the rows stay as they are"


def test_another_chart_is_counted_of_what_is_true_then(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in the transaction in which the one before it was read: that is over."""
    app = page_of(sign_in("dee"), "pages.portal.tickets")
    is_open: list[bool] = []
    original = summary.summary_in

    def counting(its: Opened, *asked: Any, **options: Any) -> Any:
        is_open.append(not its.connection.closed)
        return original(its, *asked, **options)

    monkeypatch.setattr(summary, "summary_in", counting)
    app.segmented_control[0].set_value("opened").run()
    assert is_open == [True]
    assert app.get("plotly_chart")
