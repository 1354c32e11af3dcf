"""Why a ticket stands where it stands is said where its state is; a reopened one shows the clock that runs again."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from data.listing import page_of, read_asked
from data.ticketing import SetSeverity
from data.tickets import TICKETS
from pages.portal.ticket.details import _facts
from rules.principal import Principal
from rules.request_types import Severity
from tests.cluster import Database
from tests.ticket_scene import Desk, desk_in, later
from ui.text import Reader, _, reading_as


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: Callable[[str], Principal]) -> Desk:
    return desk_in(database, sign_in)


pytestmark = pytest.mark.usefixtures("configured")


def drawer(principal: object, number: str) -> None:
    from pages.portal.ticket.drawer import ticket_drawer

    ticket_drawer(principal)({"number": number})


def opened(desk: Desk, who: str, number: str) -> AppTest:
    app = AppTest.from_function(drawer, args=(desk.person(who), number), default_timeout=30).run()
    assert not app.exception
    return app


def head(app: AppTest) -> str:
    """What stands above the tabs."""
    inside = {line.value for tab in app.tabs for line in tab.markdown}
    return "\n".join(line.value for line in app.markdown if line.value not in inside)


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        (("acknowledged", "on_hold"), "A spare part is on its way"),
        (("rejected",), "Not ours"),
        (("acknowledged", "in_progress", "resolved", "reopened"), "It is down again"),
        (("cancelled",), "No longer needed"),
    ],
)
@pytest.mark.parametrize("reader", ["abel", "ana", "dee"])
def test_the_reason_stands_beside_the_state(desk: Desk, way: tuple[str, ...], reason: str, reader: str) -> None:
    number = desk.opens("abel")
    for to in way[:-1]:
        desk.moves("dee", number, to)
    assert reason not in head(opened(desk, reader, number))
    desk.moves("abel" if way[-1] in ("reopened", "cancelled") else "dee", number, way[-1])
    assert reason in head(opened(desk, reader, number))


def test_a_reason_goes_with_the_state_it_was_given_for(desk: Desk) -> None:
    number = desk.opens("abel")
    for to in ("acknowledged", "on_hold", "in_progress"):
        desk.moves("dee", number, to)
    assert "A spare part" not in head(opened(desk, "abel", number))


def test_why_a_severity_was_changed_is_no_reason_for_the_state(desk: Desk) -> None:
    number = desk.opens("ana", "fault")
    desk.moves("dee", number, "acknowledged")
    desk.moves("dee", number, "on_hold")
    desk.does("dee", SetSeverity(number, Severity.P3, "One feed is left"))
    seen = head(opened(desk, "ana", number))
    assert "A spare part is on its way" in seen
    assert "One feed is left" not in seen


def test_a_reason_is_shown_letter_by_letter(desk: Desk) -> None:
    number = desk.opens("abel")
    desk.moves("dee", number, "rejected", reason="**2026. 11. 22.** [x](javascript:alert(1))\n# No")
    seen = head(opened(desk, "abel", number))
    assert "**2026" not in seen and "[x](" not in seen and "\n# No" not in seen
    assert "No" in seen


def test_the_question_is_quoted_where_the_answer_is_asked_for(desk: Desk) -> None:
    number = desk.opens("abel")
    desk.moves("dee", number, "acknowledged")
    desk.says("dee", number, "Only for us", internal=True)
    desk.moves("dee", number, "waiting_customer", message="Which port, please?", respond_by=later(5))
    desk.says("dee", number, "For us again", internal=True)
    (box,) = opened(desk, "abel", number).warning
    said = box.value.replace("\\", "")
    assert "Which port, please?" in said and "Please answer by" in said
    assert "for us" not in said.lower()
    assert not opened(desk, "dee", number).warning, "the desk does not wait for itself"


def test_a_reopened_fault_shows_the_clock_that_runs_again(desk: Desk) -> None:
    number = desk.opens("ana", "fault")
    desk.moves("dee", number, "resolved")

    def listed() -> dict[str, object]:
        page = page_of(
            desk.database.app, desk.person("ana"), TICKETS, read_asked(TICKETS, {"q": [number], "stage": ["any"]})
        )
        return {key: values[0] for key, values in page.values.items()}

    assert listed()["category"] == "done"
    assert listed()["next_deadline"] is None
    desk.moves("ana", number, "reopened")
    assert listed()["category"] == "open"
    assert listed()["next_deadline"] == desk.sees("ana", number).clocks[-1].deadline is not None
    seen = head(opened(desk, "ana", number))
    assert "Resolution, round 2" in seen and "left" in seen
    assert "Met" in seen, "what was kept before stays"


# --- the facts of its kind


def test_a_korean_day_begins_no_numbered_list_and_a_weight_is_no_money(desk: Desk) -> None:
    heavy = {"oversized": True, "dimensions": "1 m", "weight_kg": "650", "declared_value": "1200", "currency": "KRW"}
    number = desk.opens("ana", "shipment", direction="outbound", ship_to="Row 4", **heavy)
    with reading_as(Reader("ko", "Asia/Seoul")):
        facts = _facts(desk.person("ana"), desk.sees("ana", number))
        assert facts[_("Pickup on")].startswith("20")
        assert [value for value in facts.values() if re.match(r"\d+\. ", value)] == []
        assert (facts[_("Weight (kg)")], facts[_("Declared value")]) == ("650", "₩1,200")
