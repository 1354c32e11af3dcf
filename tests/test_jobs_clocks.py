"""The clocks are watched: the desk is told at three quarters and at the end, the manager at the end, each once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import text

from data.live import News
from data.models.rows import Hat
from data.news import unread
from data.notices import NoticesAsked, get_notice, list_notices
from jobs.clocks import watch_clocks
from rules.principal import Principal
from shell import said
from tests.cluster import Database
from tests.patience import PATIENCE
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
        for table in ("notice_read", "notice_site", "notice_update", "notice_text", "notice_account", "notice"):
            connection.execute(text(f"delete from portal.{table}"))
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


def rung(database: Database) -> list[str]:
    """What the bell was given, in that order."""
    with database.as_owner() as connection:
        return list(connection.scalars(text("select says from portal.notice order by id")))


def alter(database: Database, change: str, **values: object) -> None:
    with database.as_owner() as connection:
        connection.execute(text(f"update portal.ticket_clock set {change} where outcome is null"), values)


def test_the_desk_is_warned_once_at_three_quarters(database: Database) -> None:
    watched(database, 14 * MINUTE)
    assert told(database) == []
    for minute in (15, 16, 19):
        watched(database, minute * MINUTE)
    assert told(database) == [("desk", "sla_warning")]
    assert rung(database) == ["sla_warning"]


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
    assert (told(database), rung(database)) == ([], [])


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
    assert rung(database) == ["sla_breach"]


# --- the bell

SignIn = Callable[[str], Principal]
WATCHES = """
import sys, time
from datetime import datetime
from sqlalchemy import create_engine, text
from jobs.clocks import watch_clocks

with create_engine(sys.argv[1]).begin() as connection:
    connection.execute(text("select set_config('role', 'portal_worker', true)"))
    watch_clocks(connection, datetime.fromisoformat(sys.argv[2]))
    print("watched", flush=True)
    time.sleep(60)
"""


def heard_by(database: Database, principal: Principal) -> list[str]:
    return [row.says or row.title for row in list_notices(database.app, principal, NoticesAsked()).rows]


def test_a_worker_that_is_killed_before_it_is_through_has_told_nobody_and_the_next_one_tells_once(
    database: Database,
) -> None:
    at = (START + 21 * MINUTE).isoformat()
    command = [sys.executable, "-c", WATCHES, database.login("portal_jobs"), at]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "watched\n"
        worker.kill()
    assert (told(database), rung(database)) == ([], [])
    for minute in (21, 22):
        watched(database, minute * MINUTE)
    assert rung(database) == ["sla_breach"]
    assert sorted(told(database)) == [("desk", "sla_breach"), ("manager", "sla_breach")]


def test_the_bell_tells_the_desk_at_three_quarters_and_the_accounts_manager_at_the_breach(
    database: Database, sign_in: SignIn
) -> None:
    people = {name: sign_in(name) for name in ("dee", "mia", "fin", "ada", "ana", "vic", "abel", "bea")}
    nobody: dict[str, list[str]] = {name: [] for name in people}
    watched(database, 15 * MINUTE)
    heard = {name: heard_by(database, who) for name, who in people.items()}
    assert heard == {**nobody, "dee": ["sla_warning"]}
    watched(database, 20 * MINUTE)
    heard = {name: heard_by(database, who) for name, who in people.items()}
    assert heard == {**nobody, "dee": ["sla_breach", "sla_warning"], "mia": ["sla_breach"]}
    counted = {name: unread(database.app, who).notices for name, who in people.items()}
    assert counted == {**dict.fromkeys(people, 0), "dee": 2, "mia": 1}


def test_a_manager_who_looks_after_the_account_no_more_sees_its_warnings_no_more(
    database: Database, scene: Scene, sign_in: SignIn
) -> None:
    mia = sign_in("mia")
    watched(database, 20 * MINUTE)
    gone = (
        "delete from portal.assignment where person_id = :mia and account_id = :seoul returning person_id, account_id"
    )
    with database.as_owner() as connection:
        row = connection.execute(text(gone), {"mia": mia.person_id, "seoul": scene.accounts["seoul"]}).one()
    try:
        assert heard_by(database, mia) == []
    finally:
        with database.as_owner() as connection:
            back = text("insert into portal.assignment (person_id, account_id) values (:person_id, :account_id)")
            connection.execute(back, row._asdict())
    assert heard_by(database, mia) == ["sla_breach"]


def test_a_warning_says_which_promise_of_which_ticket_and_leads_there(
    database: Database, scene: Scene, sign_in: SignIn
) -> None:
    dee = sign_in("dee")
    watched(database, 20 * MINUTE)
    asked = "select t.number, t.kind, c.clock from portal.ticket t join portal.ticket_clock c on c.ticket_id = t.id "
    with database.as_owner() as connection:
        ticket = connection.execute(text(f"{asked} where t.id = :ticket"), {"ticket": scene.tickets[TICKET]}).one()
    (row,) = list_notices(database.app, dee, NoticesAsked()).rows
    assert get_notice(database.app, dee, row.uuid).row == row
    assert (row.title, row.link) == (ticket.number, f"/tickets?ticket={ticket.number}")
    assert row.promise == ("first_answer" if ticket.clock == "first_answer" else ticket.kind)
    assert row.due_at == START + 20 * MINUTE
    assert (row.account, len(row.sites)) == ("Acme Seoul", 1)


def test_the_badge_goes_up_by_itself_for_staff_and_no_customer_hears_that_anything_happened(
    database: Database, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = News()
    monkeypatch.setattr(said, "news", heard)
    people = {name: sign_in(name) for name in ("dee", "mia", "ana", "vic", "bea")}

    def versions() -> dict[str, dict[str, int]]:
        return {name: said.versions(who, tuple(said.LISTS)) for name, who in people.items()}

    with psycopg.connect(database.login("portal_app").replace("+psycopg", ""), autocommit=True) as listener:
        listener.execute("listen portal")
        before = versions()
        watched(database, 20 * MINUTE)
        with database.as_owner() as connection:
            connection.execute(text("select pg_notify('portal', 'the end')"))
        for notification in listener.notifies(timeout=PATIENCE):
            if notification.payload == "the end":
                break
            heard.hear(notification.payload)
    after = versions()
    assert {name for name in people if after[name]["notices"] != before[name]["notices"]} == {"dee", "mia"}
    assert {name for name in people if after[name] != before[name]} == {"dee", "mia"}
