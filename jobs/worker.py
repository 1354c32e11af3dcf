"""The worker's day: every job in its slot of time, by one worker, until it is told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from data import tallies
from data.engines import jobs_engine
from data.log import write_log_plainly
from data.models.rows import Hat
from jobs.audit import seal_audit
from jobs.clocks import watch_clocks
from jobs.deliver import deliver, forget_old_mail, forget_sent_files
from jobs.digests import make_digests
from jobs.housekeeping import forget_command_keys, forget_drafts, forget_signing_in
from jobs.notices import mail_notices, say_overdue
from jobs.reports import write_reports
from jobs.tickets import close_tickets, note_no_shows, watch_storage

log = structlog.get_logger("portal.worker")

BEAT = 5.0  # seconds
LAST_REPORT = 2.0  # seconds for a report to notice it; another worker writes it
LAST_MAIL = 8.0  # seconds that a mail which is being handed over gets when the worker stops


@dataclass(frozen=True)
class Job:
    """Something that is due once in every `every`, whoever does it."""

    name: str
    every: timedelta
    run: Callable[[Connection], None]

    def slot(self, now: datetime) -> str:
        """The stretch of time `now` lies in; two workers name it alike."""
        seconds = int(self.every.total_seconds())
        return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC).isoformat()


def forget_old_slots(connection: Connection) -> None:
    """A slot is only needed until it has passed."""
    connection.execute(
        text("delete from portal.job_run where slot <> 'alive' and started_at < now() - interval '7 days'")
    )


JOBS: tuple[Job, ...] = (
    Job("watch_clocks", timedelta(minutes=1), watch_clocks),
    Job("mail_notices", timedelta(seconds=15), mail_notices),
    Job("say_overdue", timedelta(hours=1), say_overdue),
    Job("seal_audit", timedelta(minutes=1), seal_audit),
    Job("close_tickets", timedelta(minutes=5), close_tickets),
    Job("note_no_shows", timedelta(minutes=15), note_no_shows),
    Job("watch_storage", timedelta(hours=1), watch_storage),
    Job("fold_tallies", timedelta(minutes=5), tallies.fold),
    Job("make_digests", timedelta(minutes=5), make_digests),
    Job("forget_old_mail", timedelta(days=1), forget_old_mail),
    Job("forget_sent_files", timedelta(minutes=15), forget_sent_files),
    Job("forget_old_slots", timedelta(days=1), forget_old_slots),
    Job("forget_signing_in", timedelta(hours=1), forget_signing_in),
    Job("forget_drafts", timedelta(days=1), forget_drafts),
    Job("forget_command_keys", timedelta(days=1), forget_command_keys),
)


def work(stopping: threading.Event) -> None:
    """Until `stopping` is set. A database that is away is waited for; a job that fails is tried at the next beat."""
    write_log_plainly()
    engine = jobs_engine()
    mail = threading.Thread(target=deliver, args=(engine, stopping), name="mail", daemon=True)
    mail.start()
    reports = threading.Thread(target=write_reports, args=(engine, stopping), name="reports", daemon=True)
    reports.start()
    while not stopping.is_set():
        try:
            beat(engine)
            for job in JOBS:
                _try(engine, job)
        except DBAPIError as error:
            log.warning("database.away", error=type(error.orig).__name__)
        stopping.wait(BEAT)
    mail.join(LAST_MAIL)
    reports.join(LAST_REPORT)


def _try(engine: Engine, job: Job) -> None:
    """What is wrong with one job keeps neither the others nor the mail from being done."""
    try:
        do(engine, job)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        log.exception("job.failed", job=job.name)
    except Exception:
        log.exception("job.failed", job=job.name)


def beat(engine: Engine) -> None:
    """Tell `/readyz` that somebody works."""
    with engine.begin() as connection:
        _as_worker(connection)
        connection.execute(
            text("insert into portal.job_run (name, slot) values ('worker', 'alive') on conflict do nothing")
        )
        connection.execute(
            text("update portal.job_run set finished_at = now() where name = 'worker' and slot = 'alive'")
        )


def do(engine: Engine, job: Job) -> bool:
    """Do the job if its slot is still free: the insert decides, so one of several does it. True if done here."""
    turn = {"name": job.name, "slot": job.slot(datetime.now(UTC))}
    with engine.begin() as connection:
        _as_worker(connection)
        claim = "insert into portal.job_run (name, slot) values (:name, :slot) on conflict do nothing returning true"
        if not connection.execute(text(claim), turn).scalar():
            return False
        job.run(connection)
        done = "update portal.job_run set finished_at = now(), result = 'done' where name = :name and slot = :slot"
        connection.execute(text(done), turn)
    log.info("job.done", job=job.name)
    return True


def _as_worker(connection: Connection) -> None:
    connection.execute(text("select set_config('role', :hat, true)"), {"hat": Hat.WORKER})
