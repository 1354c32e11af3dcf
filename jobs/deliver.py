"""The outbox is emptied: one mail after the other, by one worker; what a mail does harms no other mail.

A mail is claimed in a transaction of its own, for the length of a lease, before it is handed over, and noted as sent
after. A worker that is killed in between leaves a lease behind: the mail is sent again, with the same Message-ID."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.exc import DBAPIError

from data.models.rows import Hat
from data.settings import settings
from jobs.letters import Gathered, Undeliverable, Unwanted, written
from jobs.post import Away, Dropped, Post, Refused, post_of
from rules.mail import MailKind

log = structlog.get_logger("portal.mail")

LOOK_EVERY = 1.0  # seconds
ELECTION_EVERY = 5.0
#: The row that names the one who delivers, by their connection. A lock would do, but anybody who is connected may take
#: one by its number; this row only the worker writes.
_DELIVERS = "name = 'mail' and slot = 'alive'"
_WHO_I_AM = text("select pid || ' ' || backend_start from pg_stat_activity where pid = pg_backend_pid()")
_LIVES = text(
    "select exists (select from pg_stat_activity where pid || ' ' || backend_start = :one and usename = session_user)"
)
_MAKE_ROW = text("insert into portal.job_run (name, slot) values ('mail', 'alive') on conflict do nothing")
_READ_ROW = text(f"select result from portal.job_run where {_DELIVERS} for update")
_WRITE_ROW = text(f"update portal.job_run set result = :me, finished_at = now() where {_DELIVERS}")
_GIVE_UP_ROW = text(f"update portal.job_run set result = null where {_DELIVERS} and result = :me")
LEASE = "2 minutes"
MOST_ATTEMPTS = 10
SHORTEST_PAUSE, LONGEST_PAUSE = 2.0, 60.0
#: After a refusal: 1, 2, 4 … minutes, four hours at most, half of it by chance: mails shall not come back together.
FIRST_WAIT, LONGEST_WAIT = 60.0, 4 * 3600.0
#: A mail at which the connection breaks each time is given up after as long as mail servers keep one.
GIVE_UP_AFTER = "5 days"
_LIMIT = {"most": MOST_ATTEMPTS}

_CLAIM = text(
    "with next as (select id from portal.mail "
    " where state = 'ready' and next_at <= now() and (lease_until is null or lease_until < now()) "
    " order by next_at, id limit 1 for update skip locked) "
    "update portal.mail m set attempts = attempts + 1, lease_until = now() + cast(:lease as interval) "
    "from next where m.id = next.id "
    "returning m.id, m.kind, m.context, m.message_id, m.attempts"
)
_FREE_LEASES = text(
    "update portal.mail set lease_until = null, next_at = now() + (attempts - 1) * interval '5 seconds' "
    "where state = 'ready' and lease_until is not null"
)
#: Whatever ended the worker each time was in the mail.
_BURY = text(
    "update portal.mail set state = 'dead', last_error = coalesce(last_error, 'the worker ended while sending it') "
    "where state = 'ready' and attempts >= :most returning id, kind"
)
_SENT = text(
    "update portal.mail set state = 'sent', sent_at = now(), lease_until = null, last_error = null where id = :id"
)
_SET_ASIDE = text("update portal.mail set state = :state, lease_until = null, last_error = :reason where id = :id")
_KEEP = text(
    "update portal.mail set state = 'gathered', attempts = 0, lease_until = null, next_at = :until where id = :id"
)
#: What was gathered for a digest is over with it: told, or not to be told; given up if it was.
_ITS_NEWS = text(
    "update portal.mail i set last_error = d.last_error, "
    "state = case when i.id = any(cast(:left_out as bigint[])) then 'withheld' else d.state end, "
    "sent_at = case when i.id = any(cast(:left_out as bigint[])) then null else d.sent_at end "
    "from portal.mail d where d.id = :id and i.digest_id = d.id and d.state in ('sent', 'withheld', 'dead')"
)
_LATER = text(
    "update portal.mail set lease_until = null, last_error = :reason, "
    "next_at = now() + :seconds * interval '1 second', "
    "state = case when attempts >= :most then 'dead' else 'ready' end where id = :id returning state"
)
_NOT_COUNTED = text(
    "update portal.mail set lease_until = null, last_error = :reason, "
    "next_at = now() + :seconds * interval '1 second', "
    "attempts = attempts - 1, "
    "state = case when created_at < now() - cast(:give_up as interval) then 'dead' else 'ready' end "
    "where id = :id returning state"
)
#: Behind the others: if it was about this mail after all, they come first next time.
_GIVE_BACK = text(
    "update portal.mail set lease_until = null, attempts = attempts - 1, last_error = :reason, "
    "next_at = now() + interval '15 seconds' where id = :id"
)


@dataclass(frozen=True)
class Claimed:
    """The mail whose turn it is."""

    id: int
    kind: str
    context: dict[str, Any]
    message_id: str
    attempts: int


def deliver(engine: Engine, stopping: threading.Event) -> None:
    """Until `stopping` is set: be the one who delivers, or wait to become it."""
    while not stopping.is_set():
        try:
            with elected(engine) as connection:
                if connection is not None:
                    _as_long_as_elected(connection, stopping)
        except DBAPIError as error:
            log.warning("mail.database_away", error=type(error.orig).__name__)
        except Exception:  # whatever it was, the next mail deserves a try
            log.exception("mail.loop_failed")
        stopping.wait(ELECTION_EVERY)


def forget_old_mail(connection: Connection) -> None:
    """What was sent or given up long ago; the policy says how long that is (data/models/mail.py)."""
    connection.execute(text("delete from portal.mail where state <> 'ready'"))


def forget_sent_files(connection: Connection) -> None:
    """What went along with a mail that nobody sends any more; the policy says which that is."""
    connection.execute(text("delete from portal.mail_file"))


@contextmanager
def elected(engine: Engine) -> Iterator[Connection | None]:
    """The connection that the row names from now on, or None where it names another that lives."""
    with engine.connect() as connection:
        me = _stand(connection)
        try:
            yield connection if me else None
        finally:
            if me:
                _step_down(connection, me)


def _stand(connection: Connection) -> str | None:
    """Who the row names is asked for under the lock of the row, and under the login itself: a hat is not told when the
    connections of others began."""
    with connection.begin():
        me = str(connection.scalar(_WHO_I_AM))
        _wear(connection, Hat.WORKER)
        connection.execute(_MAKE_ROW)
        one = connection.scalar(_READ_ROW)
        _wear(connection, "none")
        if one is not None and one != me and connection.scalar(_LIVES, {"one": one}):
            return None
        _wear(connection, Hat.WORKER)
        connection.execute(_WRITE_ROW, {"me": me})
    return me


def _step_down(connection: Connection, me: str) -> None:
    """The next one need not wait until the connection is gone; where it is gone already, that is as good."""
    try:
        connection.rollback()
        with _turn(connection):
            connection.execute(_GIVE_UP_ROW, {"me": me})
    except DBAPIError:
        connection.invalidate()


def _as_long_as_elected(connection: Connection, stopping: threading.Event) -> None:
    with _turn(connection):
        connection.execute(_FREE_LEASES)  # they were a dead worker's
        for buried in connection.execute(_BURY, _LIMIT):
            log.error("mail.dead", mail=buried.id, kind=buried.kind, reason="ended the worker each time")
    post, pause = post_of(settings()), SHORTEST_PAUSE
    try:
        while not stopping.is_set():
            try:
                busy = deliver_one(connection, post)
                pause = SHORTEST_PAUSE
            except Away as away:
                log.warning("mail.server_away", reason=str(away)[:200], seconds=round(pause))
                stopping.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, hides nothing
                pause = min(LONGEST_PAUSE, pause * 2)
                continue
            if not busy:
                post.rest()
                stopping.wait(LOOK_EVERY)
    finally:
        post.rest()


def deliver_one(connection: Connection, post: Post) -> bool:
    """The mail whose turn it is, if any; True if there was one. Away if the server takes none."""
    mail = _claim(connection)
    if mail is None:
        return False
    try:
        with _turn(connection):
            letter = written(connection, mail.id, mail.kind, mail.context, mail.message_id)
        post.hand_over(letter.message, letter.to, f"{mail.id:08}-{mail.kind}")
    except Away as away:
        _settle(connection, _GIVE_BACK, mail, reason=_short(away))
        raise
    except (Gathered, Unwanted) as reason:
        _keep_or_withhold(connection, mail, reason)
    except Dropped as dropped:
        _later(connection, mail, dropped)
    except Refused as refused:
        (_bury if refused.for_good else _later)(connection, mail, refused)
    except Undeliverable as reason:
        _bury(connection, mail, reason)
    except DBAPIError:
        raise
    except Exception as bug:
        log.exception("mail.failed", mail=mail.id, kind=mail.kind)
        _later(connection, mail, bug)
    else:
        _settle(connection, _SENT, mail, left_out=letter.left_out)
        log.info("mail.sent", mail=mail.id, kind=mail.kind, attempts=mail.attempts)
    return True


def _keep_or_withhold(connection: Connection, mail: Claimed, why: Gathered | Unwanted) -> None:
    if isinstance(why, Gathered):
        _settle(connection, _KEEP, mail, until=why.until)
    else:
        _settle(connection, _SET_ASIDE, mail, state="withheld", reason=_short(why))


def _claim(connection: Connection) -> Claimed | None:
    with _turn(connection):
        found = connection.execute(_CLAIM, {"lease": LEASE}).one_or_none()
    return None if found is None else Claimed(*found)


def _later(connection: Connection, mail: Claimed, why: Exception) -> None:
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (mail.attempts - 1)) * random.uniform(0.5, 1.0)  # noqa: S311 - see above
    statement, limit = (_NOT_COUNTED, {"give_up": GIVE_UP_AFTER}) if isinstance(why, Dropped) else (_LATER, _LIMIT)
    state = _settle(connection, statement, mail, reason=_short(why), seconds=wait, **limit)
    write = log.error if state == "dead" else log.warning
    write(f"mail.{'dead' if state == 'dead' else 'later'}", mail=mail.id, kind=mail.kind, reason=_loggable(why))


def _bury(connection: Connection, mail: Claimed, why: Exception) -> None:
    _settle(connection, _SET_ASIDE, mail, state="dead", reason=_short(why))
    log.error("mail.dead", mail=mail.id, kind=mail.kind, reason=_loggable(why))


def _settle(
    connection: Connection, statement: TextClause, mail: Claimed, left_out: tuple[int, ...] = (), **values: object
) -> str | None:
    with _turn(connection):
        done = connection.execute(statement, {"id": mail.id, **values})
        state = done.scalar() if done.returns_rows else None
        if mail.kind == MailKind.DAILY_DIGEST:
            connection.execute(_ITS_NEWS, {"id": mail.id, "left_out": list(left_out)})
    return state


@contextmanager
def _turn(connection: Connection) -> Iterator[None]:
    with connection.begin():
        _wear(connection, Hat.WORKER)
        yield


def _wear(connection: Connection, hat: str) -> None:
    connection.execute(text("select set_config('role', :hat, true)"), {"hat": hat})


def _loggable(why: Exception) -> str:
    """What a server answers often repeats the address: the log gets the number."""
    return f"refused, {str(why)[:3]}" if isinstance(why, Refused) else type(why).__name__


def _short(reason: Exception) -> str:
    return (str(reason) or type(reason).__name__)[:300]
