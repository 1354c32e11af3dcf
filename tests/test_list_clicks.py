"""What a click in a list runs, and what it leaves as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from data.listing import query
from data.listing.summary import LIMIT
from rules.principal import Principal
from tests.cluster import Database
from tests.door import settings_for
from tests.standing import page_of, set_the_stage
from ui.list_view import summary, table, view

SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module", autouse=True)
def stage(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with database.as_owner() as connection:
        set_the_stage(connection)
    with settings_for(database, tmp_path_factory.mktemp("instance")):
        yield


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parts of a list that ran, in their order."""
    parts: list[str] = []

    def noted(where: Any, name: str, part: str) -> None:
        original = getattr(where, name)

        def call(*asked: Any, **options: Any) -> Any:
            parts.append(part)
            return original(*asked, **options)

        monkeypatch.setattr(where, name, call)

    noted(view, "filter_bar", "filters")
    noted(view, "choose_chart", "choice of charts")
    noted(view, "page_in", "rows")
    noted(summary, "summary_in", "charts")
    return parts


def test_a_filter_of_the_bar_runs_what_it_changes_and_not_the_bar(sign_in: SignIn, ran: list[str]) -> None:
    app = page_of(sign_in("dee"), "pages.portal.tickets")
    every = len(app.dataframe[0].value)
    kind = next(box for box in app.multiselect if box.label == "Type")
    ran.clear()
    kind.select("fault").run()
    assert ran == ["rows", "charts"]
    assert "fault" in app.query_params["kind"]
    assert 0 < len(app.dataframe[0].value) < every


def test_filters_behind_the_button_are_drawn_again_with_what_they_change(sign_in: SignIn, ran: list[str]) -> None:
    app = page_of(sign_in("fin"), "pages.staff.billing")
    period = next(box for box in app.selectbox if box.label == "Due")
    ran.clear()
    period.select("own_days").run()
    assert ran == ["filters", "rows"]
    assert len(app.date_input) == 2


def test_what_is_typed_is_searched_in_the_address_and_the_rows(sign_in: SignIn, ran: list[str]) -> None:
    app = page_of(sign_in("dee"), "pages.portal.tickets")
    ran.clear()
    app.text_input[0].set_value("  nothing   like this ").run()
    assert "nothing like this" in app.query_params["q"]
    assert not app.dataframe
    assert "filters" not in ran
    next(button for button in app.button if button.label == "Search without filters").click().run()
    assert "filters" in ran, "they say something else now"


def test_one_chart_is_counted_and_the_other_when_somebody_wants_it(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[tuple[str, ...]] = []
    original = summary.summary_in

    def counting(*asked: Any, charts: Any, **options: Any) -> Any:
        counted.append(tuple(chart.key for chart in charts))
        return original(*asked, charts=charts, **options)

    monkeypatch.setattr(summary, "summary_in", counting)
    app = page_of(sign_in("dee"), "pages.portal.tickets")
    assert counted == [("site",)]
    app.segmented_control[0].set_value("opened").run()
    assert counted[1:] == [("opened",)]
    assert len(app.get("plotly_chart")) == 1


def test_a_chart_is_drawn_with_its_rows_and_costs_no_fragment_of_its_own(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page_of(sign_in("dee"), "pages.portal.tickets")
    monkeypatch.setattr(summary, "_apart", lambda name: pytest.fail(f"a fragment for the charts of {name}"))
    app.multiselect[0].select("fault").run()
    assert app.get("plotly_chart")


def test_rows_that_were_counted_and_are_few_are_not_counted_again_for_a_chart(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[int | None] = []
    original = summary.summary_in

    def counting(*asked: Any, limit: int | None, **options: Any) -> Any:
        limits.append(limit)
        return original(*asked, limit=limit, **options)

    monkeypatch.setattr(summary, "summary_in", counting)
    page_of(sign_in("ana"), "pages.portal.orders")
    monkeypatch.setattr(query, "CAP", 1)
    page_of(sign_in("ana"), "pages.portal.orders")
    assert limits == [None, LIMIT]


def test_the_numbers_of_all_charts_stand_as_tables_in_place_of_one(sign_in: SignIn) -> None:
    app = page_of(sign_in("dee"), "pages.portal.tickets")
    app.segmented_control[0].set_value("tables").run()
    assert not app.get("plotly_chart")
    by_site, by_month = (table.value for table in app.table)
    assert by_site.astype(int).to_numpy().sum() == by_month.astype(int).to_numpy().sum() > 0


def test_drawing_a_table_changes_nothing_of_how_its_columns_look(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody who reads in the same language shares them."""
    shared: list[tuple[Any, str]] = []
    original = table.settled

    def noted(config: Any) -> Any:
        settled = original(config)
        shared.append((settled, repr(settled)))
        return settled

    monkeypatch.setattr(table, "settled", noted)
    table._config.cache_clear()
    app = page_of(sign_in("dee"), "pages.portal.tickets")
    app.run()
    assert any(isinstance(config, dict) for config, _before in shared)
    assert [repr(config) for config, _before in shared] == [before for _config, before in shared]


def test_rows_wait_for_no_chart_that_adds_up_all_accounts(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    show_rows, show_charts = view.show_table, view.show_summary
    monkeypatch.setattr(view, "show_table", lambda *a, **o: (drawn.append("rows"), show_rows(*a, **o))[1])
    monkeypatch.setattr(view, "show_summary", lambda *a, **o: (drawn.append("charts"), show_charts(*a, **o))[1])
    page_of(sign_in("dee"), "pages.portal.tickets")
    page_of(sign_in("ana"), "pages.portal.tickets")
    assert drawn == ["rows", "charts", "charts", "rows"]
