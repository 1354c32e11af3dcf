"""Reports that are due are written and mailed: each in a session delegated by its reader, once, whoever does it.

What is read, and by whom, the database looks up in the report's own row (data/security/delegated.sql); what came of it
is one transaction, so a worker that is killed has done nothing, and another one begins again when its lease is over."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, cast
from urllib.parse import parse_qs

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from auth.sessions import hashed, new_token, principal_of
from data.models.rows import Hat
from data.outbox import new_message_id
from data.streams import Batch
from rules.errors import Forbidden
from rules.looking import ALL, PARAMETER, word_of
from rules.principal import Principal
from rules.schedules import MOST_COUNTED, Delivery, Every, Outcome, Schedule
from ui.reports_by_name import KINDS, Parameters, Report, covered, named, taking, write_report
from ui.text import Reader, language_for, reader, reading_as, translated

log = structlog.get_logger("portal.reports")

LOOK_EVERY = 10.0  # seconds
#: Of a workbook in a mail: a third more as text, and servers take ten megabytes nearly everywhere.
MOST_BYTES = 7_000_000
#: A run is over well before its session is.
LONGEST = 600.0  # seconds

_DUE = text(
    "select id, next_at from portal.scheduled_report where stopped_at is null and next_at <= now() "
    "and (lease_until is null or lease_until <= now()) order by next_at, id limit 1"
)
_BEGIN = text("select authz.begin_report(:report, :slot, :token, :message)")
_NOTE = text("select authz.note_reading(:report, :token, :covered)")
_FINISH = text(
    "select authz.finish_report(:report, :token, :outcome, :rows, :then_at, :covered, :name, :file, :message)"
)


class TooLarge(Exception):
    """More than a mail can carry."""


class TooSlow(Exception):
    """It takes longer than its session lasts."""


class Stopping(Exception):
    """The worker was told to stop; another one writes it."""


@dataclass(frozen=True)
class Run:
    """One report under way: as whom it is read, and what was asked."""

    id: int
    principal: Principal
    about: Mapping[str, Any] = field(repr=False)

    @property
    def parameters(self) -> Parameters:
        return parse_qs(self.about["query"])

    @property
    def next_at(self) -> datetime:
        about = self.about
        schedule = Schedule(Every(about["every"]), about["on_day"], about["at_hour"], about["time_zone"])
        return schedule.next_after(datetime.now(UTC))


@dataclass(frozen=True)
class Written:
    """What came of a run: 'rights', 'later' or an Outcome; of which accounts, how many rows, and the workbook."""

    outcome: str
    accounts: tuple[int, ...] = ()
    rows: int | None = None
    name: str | None = None
    file: bytes | None = field(default=None, repr=False)


def write_reports(engine: Engine, stopping: threading.Event) -> None:
    """Until `stopping` is set. A database that is away is waited for."""
    while not stopping.is_set():
        try:
            while not stopping.is_set() and write_next(engine, stopping):
                pass
        except DBAPIError as error:
            log.warning("reports.database_away", error=type(error.orig).__name__)
        except Exception:  # whatever it was, the next report deserves a try
            log.exception("reports.loop_failed")
        stopping.wait(LOOK_EVERY)


def write_next(engine: Engine, stopping: threading.Event) -> bool:
    """The report that has been due for longest, if any is; True if there was one."""
    with _as_worker(engine) as connection:
        due = connection.execute(_DUE).one_or_none()
    if due is None:
        return False
    run = _begun(engine, due.id, due.next_at)
    if run is not None:
        _finish(engine, run, _written(engine, run, stopping))
    return True


def _begun(engine: Engine, report: int, slot: datetime) -> Run | None:
    """None: somebody else has it, or it was stopped just now."""
    token = new_token()
    asked = {"report": report, "slot": slot, "token": hashed(token), "message": new_message_id()}
    with _as_worker(engine) as connection:
        facts = connection.scalar(_BEGIN, asked)
    return None if facts is None else Run(report, principal_of(facts, token), facts["report"])


def _written(engine: Engine, run: Run, stopping: threading.Event) -> Written:
    try:
        with reading_as(Reader(language_for(run.about["language"]), run.about["time_zone"])):
            return _read(engine, run, stopping)
    except Forbidden:
        return Written("rights")
    except Stopping:
        return Written("later")
    except OperationalError as error:  # nothing is wrong with the report
        log.warning("report.database_away", report=run.id, error=type(error.orig).__name__)
        return Written("later")
    except Exception:
        log.exception("report.failed", report=run.id)
        return Written(Outcome.FAILED)


def _read(engine: Engine, run: Run, stopping: threading.Event) -> Written:
    kind = KINDS[run.about["page"]]
    if kind.needs_proof:
        raise Forbidden(run.about["page"])  # whoever is not there proves nothing
    parameters = run.parameters
    accounts = (parameters.get(PARAMETER) or (None,))[-1]
    _require_what_was_chosen(run.principal, accounts, parameters)
    who = taking(run.principal, accounts, *kind.permissions)
    asked = kind.ask(who, parameters)
    whose = covered(who, parameters)
    read = () if whose.is_staff else tuple(a for a in whose.chosen if any(whose.may(p, a) for p in kind.permissions))
    with _as_worker(engine) as connection:
        noted = {"report": run.id, "token": hashed(who.token), "covered": list(read)}
        if not connection.scalar(_NOTE, noted):
            return Written("later")  # stopped meanwhile, and so this says nothing
    counting = _Counting(stopping)
    with closing(asked.rows(str(reader().zone))) as rows:
        if run.about["delivery"] == Delivery.LINK:
            return Written(Outcome.LINKED if counting.some(rows) else Outcome.EMPTY, read, counting.rows)
        file = _workbook(asked, counting.following(rows))
    if file is None:
        return Written(Outcome.LARGE, read)
    if not counting.rows:
        return Written(Outcome.EMPTY, read, 0)
    return Written(Outcome.SENT, read, counting.rows, f"{named(translated(asked.title), whose)}.xlsx", file)


def _require_what_was_chosen(principal: Principal, accounts: str | None, parameters: Parameters) -> None:
    """A list of accounts that are theirs no longer is not one of whatever else they have."""
    if principal.is_staff:
        return
    words = {word_of(account) for account in principal.accounts}
    one = (parameters.get("account") or (None,))[-1]
    gone = accounts not in (None, ALL) and not words & set(str(accounts).split(","))
    if gone or (one is not None and one not in {account.code for account in principal.accounts}):
        raise Forbidden("the accounts of the report")


def _workbook(asked: Report, batches: Iterable[Batch]) -> bytes | None:
    """None: it would be too large for a mail, and not more of it was written than that."""
    out = _Limited()
    try:
        write_report(cast(Any, out), asked, batches)
    except TooLarge:
        return None
    return out.getvalue()


class _Limited(BytesIO):
    def write(self, data: Any, /) -> int:
        if self.tell() + len(data) > MOST_BYTES:
            raise TooLarge
        return super().write(data)


class _Counting:
    """The rows that pass, as long as there is time."""

    def __init__(self, stopping: threading.Event) -> None:
        self.rows = 0
        self._stopping, self._until = stopping, time.monotonic() + LONGEST

    def following(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        for batch in batches:
            if self._stopping.is_set():
                raise Stopping
            if time.monotonic() > self._until:
                raise TooSlow
            self.rows += len(batch)
            yield batch

    def some(self, batches: Iterable[Batch]) -> bool:
        """Counted as far as a mail says how many there are."""
        for _batch in self.following(batches):
            if self.rows > MOST_COUNTED:
                break
        return self.rows > 0


def _finish(engine: Engine, run: Run, done: Written) -> None:
    with _as_worker(engine) as connection:
        counted = connection.scalar(
            _FINISH,
            {
                "report": run.id, "token": hashed(run.principal.token), "outcome": done.outcome, "rows": done.rows,
                "then_at": run.next_at, "covered": list(done.accounts), "name": done.name, "file": done.file,
                "message": new_message_id(),
            },
        )  # fmt: skip
    log.info("report.done" if counted else "report.dropped", report=run.id, outcome=done.outcome, rows=done.rows)


@contextmanager
def _as_worker(engine: Engine) -> Generator[Connection]:
    with engine.begin() as connection:
        connection.execute(text("select set_config('role', :hat, true)"), {"hat": Hat.WORKER})
        yield connection
