"""The worker: each job once in its slot, whoever does it, and nothing else than its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from data import tallies
from jobs.worker import JOBS, Job, beat, do
from tests.cluster import Database


def test_of_several_workers_one_does_a_job(database: Database) -> None:
    done: list[int] = []
    job = Job("once", timedelta(days=365), lambda _connection: done.append(1))
    with ThreadPoolExecutor(4) as workers:
        results = list(workers.map(lambda _n: do(database.jobs, job), range(8)))
    assert results.count(True) == 1
    assert done == [1]


def test_a_job_that_fails_is_not_counted_as_done(database: Database) -> None:
    def fail(_connection: Connection) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        do(database.jobs, Job("failing", timedelta(days=365), fail))
    assert do(database.jobs, Job("failing", timedelta(days=365), lambda _connection: None)), "it may be tried again"


def test_slots_are_the_same_for_everybody_and_end() -> None:
    job = Job("five", timedelta(minutes=5), lambda _connection: None)
    noon = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert job.slot(noon) == job.slot(noon + timedelta(minutes=4, seconds=59))
    assert job.slot(noon) != job.slot(noon + timedelta(minutes=5))


def test_every_job_runs_with_the_workers_rights(database: Database) -> None:
    for job in JOBS:
        assert do(database.jobs, job)
    with database.as_owner() as connection:
        assert set(tallies.drift(connection).values()) == {0}


def test_the_worker_reads_no_conversation_and_no_invoice(database: Database) -> None:
    for table in ("ticket_message", "invoice", "thread_message", "attachment"):
        with database.jobs.begin() as connection:
            connection.execute(text("select set_config('role', 'portal_worker', true)"))
            with pytest.raises(ProgrammingError, match="permission denied"):
                connection.execute(text(f"select 1 from portal.{table}"))


def test_readyz_sees_the_worker_after_its_first_beat(database: Database) -> None:
    seen = text("select worker_seen from signin.health()")
    with database.auth.begin() as connection:
        assert connection.scalar(seen) is None
    beat(database.jobs)
    beat(database.jobs)
    with database.auth.begin() as connection:
        assert datetime.now(UTC) - connection.scalar(seen) < timedelta(minutes=1)
