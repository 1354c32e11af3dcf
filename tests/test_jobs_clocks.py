"""The clocks are watched: the desk is told at three quarters and at the end, the manager at the end, each once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from data.models.rows import Hat
from jobs.clocks import watch_clocks
from tests.cluster import Database
from tests.scene import Scene, set_the_scene

START = datetime.now(UTC).replace(microsecond=0)
MINUTE = timedelta(minutes=1)
TICKET = "seoul: vic's fault"


@pytest.fixture(scope="module")
def scene(database: Database) -> Scene:
    with database.as_owner() as connection:
        return set_the_scene(connection)


@pytest.fixture(autouse=True)
def one_running_clock(database: Database, scene: Scene) -> None:
    """Of twenty minutes; all others in the scene have stopped."""
    with database.as_owner() as connection:
        connection.execute(text("delete from portal.mail"))
        connection.execute(text("update portal.ticket_clock set stopped_at = now(), outcome = 'met'"))
        connection.execute(
            text(
                "update portal.ticket_clock set stopped_at = null, outcome = null, warned_at = null, "
                "breach_told_at = null, paused_since = null, started_at = :start, target_seconds = 1200, "
                "paused_seconds = 0, deadline = cast(:start as timestamptz) + interval '20 minutes' "
                "where ticket_id = :ticket"
            ),
            {"start": START, "ticket": scene.tickets[TICKET]},
        )


def watched(database: Database, after: timedelta) -> None:
    with database.jobs.begin() as connection:
        connection.execute(text("select set_config('role', :hat, true)"), {"hat": Hat.WORKER})
        watch_clocks(connection, START + after)


def told(database: Database) -> list[tuple[str, str]]:
    asked = "select p.email, m.kind from portal.mail m join portal.person p on p.id = m.person_id order by m.id"
    with database.as_owner() as connection:
        return [(email.partition("@")[0], kind) for email, kind in connection.execute(text(asked))]


def alter(database: Database, change: str, **values: object) -> None:
    with database.as_owner() as connection:
        connection.execute(text(f"update portal.ticket_clock set {change} where outcome is null"), values)


def test_the_desk_is_warned_once_at_three_quarters(database: Database) -> None:
    watched(database, 14 * MINUTE)
    assert told(database) == []
    for minute in (15, 16, 19):
        watched(database, minute * MINUTE)
    assert told(database) == [("desk", "sla_warning")]


def test_at_the_breach_the_desk_and_the_accounts_manager_hear_once(database: Database) -> None:
    for minute in (15, 20, 21, 22):
        watched(database, minute * MINUTE)
    assert told(database)[0] == ("desk", "sla_warning")
    assert sorted(told(database)[1:]) == [("desk", "sla_breach"), ("manager", "sla_breach")]


def test_a_breach_that_came_between_two_looks_is_told_without_a_warning_after_it(database: Database) -> None:
    for minute in (25, 26):
        watched(database, minute * MINUTE)
    assert sorted(told(database)) == [("desk", "sla_breach"), ("manager", "sla_breach")]


@pytest.mark.parametrize(
    "change",
    [
        "paused_since = :start, deadline = null",
        "stopped_at = :start",
        "deadline = cast(:start as timestamptz) + interval '1 day'",
    ],
    ids=["paused", "stopped", "not due"],
)
def test_a_clock_that_does_not_run_out_is_no_news(database: Database, change: str) -> None:
    alter(database, change, start=START)
    watched(database, 30 * MINUTE)
    assert told(database) == []


def test_a_pause_moves_the_warning_with_the_deadline(database: Database) -> None:
    alter(database, "paused_seconds = 600, deadline = deadline + interval '10 minutes'")
    watched(database, 24 * MINUTE)
    assert told(database) == []
    watched(database, 25 * MINUTE)
    assert told(database) == [("desk", "sla_warning")]


def test_a_clock_that_ran_out_long_ago_is_no_news(database: Database) -> None:
    watched(database, timedelta(days=3))
    watched(database, timedelta(days=3, minutes=1))
    assert told(database) == []


def test_the_manager_of_another_account_hears_nothing(database: Database, scene: Scene) -> None:
    alter(database, "stopped_at = now(), outcome = 'met'")
    with database.as_owner() as connection:
        connection.execute(
            text(
                "update portal.ticket_clock set outcome = null, stopped_at = null, warned_at = null, "
                "breach_told_at = null, deadline = :due where ticket_id = :ticket"
            ),
            {"due": START, "ticket": scene.tickets["bolt: bea's fault in Seoul"]},
        )
    watched(database, MINUTE)
    assert told(database) == [("desk", "sla_breach")]


def test_several_looks_at_once_tell_once(database: Database) -> None:
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _n: watched(database, 21 * MINUTE), range(8)))
    assert sorted(told(database)) == [("desk", "sla_breach"), ("manager", "sla_breach")]
