"""What an operator sees of the mail: `/readyz` and `/metrics`, and nothing there that names anybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from jobs.worker import beat
from tests.cluster import Database
from tests.mail_room import Outbox
from web import health

DEE, ADA = "desk@portal.example", "admin@portal.example"


class Engine:
    """The pool of this test's database, in use or not."""

    def __init__(self, database: Database, *, in_use: bool = True) -> None:
        self.database, self.currsize = database, int(in_use)

    def __call__(self):
        return self.database.auth

    def cache_info(self):
        return self


@pytest.fixture
def outbox(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outbox]:
    monkeypatch.setattr(health, "auth_engine", Engine(database))
    outbox = Outbox(database)
    yield outbox
    outbox.empty()


def numbers() -> dict[str, float]:
    return {sample.name: sample.value for metric in health.Outbox().collect() for sample in metric.samples}


def late(database: Database, minutes: int) -> None:
    with database.as_owner() as connection:
        moved = "created_at = now() - :late * interval '1 minute', next_at = now() - :late * interval '1 minute'"
        connection.execute(text(f"update portal.mail set {moved} where state = 'ready'"), {"late": minutes})


def test_mail_that_waits_too_long_is_told_with_its_age(database: Database, outbox: Outbox) -> None:
    beat(database.jobs)
    assert health._look()["mail"] == "ok"
    outbox.to_person(DEE, context={"status": "closed"})
    assert health._look()["mail"] == "ok"
    late(database, 23)
    assert health._look()["mail"] == "waiting for 23 minutes"
    assert 23 * 60 <= numbers()["portal_mail_oldest_unsent_seconds"] < 25 * 60


def test_a_mail_that_was_refused_for_now_shows_in_the_numbers_and_alarms_nobody(
    database: Database, outbox: Outbox
) -> None:
    beat(database.jobs)
    outbox.to_person(DEE, context={"status": "closed"})
    late(database, 60)
    with database.as_owner() as connection:
        connection.execute(text("update portal.mail set attempts = 3, next_at = now() + interval '1 hour'"))
    assert health._look()["mail"] == "ok"
    assert numbers()["portal_mail_oldest_unsent_seconds"] >= 3600


def test_dead_mail_is_counted(database: Database, outbox: Outbox) -> None:
    assert numbers() == {"portal_mail_oldest_unsent_seconds": 0, "portal_mail_dead": 0, "portal_reports_overdue": 0}
    for who in (DEE, ADA, ADA):
        outbox.to_person(who, context={"status": "closed"})
    with database.as_owner() as connection:
        hers = "select id from portal.person where email = :ada"
        connection.execute(text(f"update portal.mail set state = 'dead' where person_id = ({hers})"), {"ada": ADA})
    assert numbers()["portal_mail_dead"] == 2


def test_a_scrape_does_not_open_a_database_that_nobody_needed_yet(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "auth_engine", Engine(database, in_use=False))
    assert numbers() == {}


def test_a_scheduled_report_that_is_overdue_is_counted_and_one_that_was_stopped_is_not(
    database: Database, outbox: Outbox
) -> None:
    plant = (
        "insert into portal.scheduled_report (person_id, page, query, functions, every, on_day, at_hour, time_zone, "
        "delivery, next_at, stopped_at) "
        "select min(id), 'tickets', '', array['report.export'], 'week', 1, 8, 'UTC', 'link', "
        "now() - interval '{late}', {stopped} from portal.person"
    )
    with database.as_owner() as connection:
        for late, stopped in (("20 minutes", "null"), ("2 hours", "now()"), ("2 hours", "null")):
            connection.execute(text(plant.format(late=late, stopped=stopped)))
    assert numbers()["portal_reports_overdue"] == 1
    with database.as_owner() as connection:
        connection.execute(text("delete from portal.scheduled_report"))
