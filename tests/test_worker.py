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


def test_what_signing_in_left_behind_goes_after_its_time_and_not_before(database: Database) -> None:
    """Each row's name says how long ago it ended; nothing that is alive or young goes."""
    kept, gone = "kept", "gone"
    with database.as_owner() as connection:
        person = connection.scalar(text("select min(id) from portal.person"))
        for name, expires, ended in (
            (f"{kept}: alive", "1 hour", None),
            (f"{kept}: expired lately", "-29 days", None),
            (f"{kept}: ended lately", "1 hour", "-29 days"),
            (f"{gone}: expired", "-31 days", None),
            (f"{gone}: ended", "1 hour", "-31 days"),
        ):
            row = {"name": name.encode(), "person": person, "expires": expires, "ended": ended}
            times = "now() + cast(:expires as interval), now() + cast(:ended as interval)"
            connection.execute(
                text(
                    "insert into auth.session (token_hash, person_id, expires_at, revoked_at) "
                    f"values (:name, :person, {times})"
                ),
                row,
            )
            connection.execute(
                text(
                    "insert into auth.link (token_hash, person_id, purpose, expires_at, used_at) "
                    f"values (:name, :person, 'set_password', {times})"
                ),
                row,
            )
        connection.execute(
            text(
                "insert into auth.sign_in_code (code_hash, person_id, browser_hash, next, expires_at) values "
                "('kept', :person, '', '/', now()), ('gone', :person, '', '/', now() - interval '2 hours')"
            ),
            {"person": person},
        )
        connection.execute(
            text(
                "insert into auth.throttle (key, last_at, blocked_until) values ('kept', now(), null), "
                "('kept: blocked', now() - interval '3 days', now() + interval '1 hour'), "
                "('gone', now() - interval '3 days', now() - interval '2 days')"
            )
        )
    job = next(job for job in JOBS if job.name == "forget_signing_in")
    with database.jobs.begin() as connection:
        connection.execute(text("set local role portal_worker"))
        job.run(connection)
    left = (
        ("session", "token_hash", 3),
        ("link", "token_hash", 3),
        ("sign_in_code", "code_hash", 1),
        ("throttle", "key", 2),
    )
    with database.as_owner() as connection:
        for table, key, n in left:
            names = [bytes(name) for name in connection.scalars(text(f"select {key} from auth.{table}"))]
            assert sum(name.startswith(b"kept") for name in names) == n, table
            assert not [name for name in names if name.startswith(b"gone")], table


def test_the_worker_asks_for_forgetting_and_reads_nothing_of_it(database: Database) -> None:
    for statement in ("select 1 from auth.session", "delete from auth.session", "delete from auth.throttle"):
        with database.jobs.begin() as connection:
            connection.execute(text("set local role portal_worker"))
            with pytest.raises(ProgrammingError, match="permission denied"):
                connection.execute(text(statement))
    with database.app.begin() as connection:
        connection.execute(text("set local role portal_staff"))
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text("select authz.forget_signing_in()"))


def test_drafts_are_forgotten_after_thirty_days_and_the_worker_sees_only_their_age(database: Database) -> None:
    with database.as_owner() as connection:
        connection.execute(
            text(
                "insert into portal.draft (person_id, form, fields, saved_at) "
                "select p.id, age, '{}', now() - cast(age as interval) "
                "from (select min(id) from portal.person) p (id), unnest(array['29 days', '31 days']) age"
            )
        )
    job = next(job for job in JOBS if job.name == "forget_drafts")
    with database.jobs.begin() as connection:
        connection.execute(text("set local role portal_worker"))
        assert connection.scalar(text("select count(saved_at) from portal.draft")) == 1
        job.run(connection)
    with database.as_owner() as connection:
        assert connection.scalars(text("select form from portal.draft")).all() == ["29 days"]
    with database.jobs.begin() as connection:
        connection.execute(text("set local role portal_worker"))
        assert connection.scalar(text("select count(saved_at) from portal.draft")) == 0
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text("select fields from portal.draft"))
