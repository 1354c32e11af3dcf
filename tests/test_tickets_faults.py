"""The database dies under people who submit: what was acknowledged is there exactly once, with its mail."""

from __future__ import annotations

import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from auth.sessions import hashed, new_token, who
from data.commands import execute
from data.demo.cast import account_id, load_cast, site_id
from data.migrate import migrate
from data.models import Person, SignInSession
from data.server import EmbeddedServer
from data.ticketing import SubmitTicket
from rules.principal import Principal
from rules.request_types import TicketKind
from tests.cluster import PASSWORDS, Database
from tests.conftest import CAST
from tests.patience import PATIENCE
from tests.ticket_scene import filled

LONGEST_WAIT = PATIENCE  # nobody waits for ever


@dataclass
class Clients:
    """Each submits one form after the other; whoever sees an error presses the button again, with the same key."""

    database: Database
    ana: Principal
    account: int
    site: int
    stop: threading.Event = field(default_factory=threading.Event)
    acknowledged: dict[UUID, str] = field(default_factory=dict)
    abandoned: list[UUID] = field(default_factory=list)
    longest: float = 0.0
    errors: int = 0

    def work(self, client: int) -> None:
        while not self.stop.is_set():
            key = uuid4()
            while not self.stop.is_set() and not self._send(client, key):
                self.errors += 1
            if key not in self.acknowledged:
                self.abandoned.append(key)  # the browser was closed: it may be there or not, but never twice

    def _send(self, client: int, key: UUID) -> bool:
        values = filled("remote_hands", subject=str(key), description=f"client {client}")
        began = time.monotonic()
        try:
            done = execute(
                self.database.app,
                self.ana,
                SubmitTicket(TicketKind.REMOTE_HANDS, self.account, self.site, values),
                key=key,
            )
        except DBAPIError:  # the page says that the database cannot be reached, and keeps the form
            return False
        finally:
            self.longest = max(self.longest, time.monotonic() - began)
        self.acknowledged[key] = str(done["number"])
        return True


@contextmanager
def server_with_cast() -> Iterator[tuple[EmbeddedServer, Database]]:
    """A server of this test's own, which it may kill; it writes to the disk as a real one does."""
    with tempfile.TemporaryDirectory(prefix="portal-fault-") as folder:
        server = EmbeddedServer(Path(folder), purpose="a test", say=lambda _line: None)
        url = server.start()
        try:
            migrate(url, PASSWORDS, lambda _line: None)
            database = Database(url)
            with database.as_owner() as connection:
                load_cast(connection)
            yield server, database
            database.dispose()
        finally:
            server.stop()


def clients_of(database: Database) -> Clients:
    token = new_token()
    with database.as_owner() as connection:
        person = connection.execute(select(Person.id).where(Person.email == CAST["ana"])).scalar_one()
        until = text("now() + interval '1 hour'")
        connection.execute(insert(SignInSession).values(token_hash=hashed(token), person_id=person, expires_at=until))
        account, site = account_id(connection, "ACME-SEOUL"), site_id(connection, "SEL1")
    signed = who(database.auth, token)
    assert signed is not None
    return Clients(database, signed.principal, account, site)


def killed_again_and_again(restarts: int, people: int, between: float) -> None:
    with server_with_cast() as (server, database), ThreadPoolExecutor(people) as pool:
        clients = clients_of(database)
        running = [pool.submit(clients.work, client) for client in range(people)]
        try:
            for _ in range(restarts):
                time.sleep(between)
                before = len(clients.acknowledged)
                assert server._process is not None
                server._process.send_signal(signal.SIGQUIT)  # what `-m immediate` does
                server._process.wait(PATIENCE)
                server.revive()
                until = time.monotonic() + PATIENCE
                while len(clients.acknowledged) <= before and time.monotonic() < until:
                    time.sleep(0.1)
                assert len(clients.acknowledged) > before, "nobody got through after the restart"
        finally:
            clients.stop.set()
        for each in running:
            each.result(PATIENCE)
        judge(clients)


def judge(clients: Clients) -> None:
    with clients.database.as_owner() as connection:
        tickets = connection.execute(
            text(
                "select t.subject, array_agg(t.number), count(m.id) from portal.ticket t "
                "left join portal.mail m on m.ticket_id = t.id group by t.subject"
            )
        ).all()
    there = {UUID(subject): (numbers, mails) for subject, numbers, mails in tickets}
    assert {key: ([number], 1) for key, number in clients.acknowledged.items()} == {
        key: there.get(key) for key in clients.acknowledged
    }
    assert all(len(numbers) == 1 and mails == 1 for numbers, mails in there.values())
    assert set(there) <= set(clients.acknowledged) | set(clients.abandoned), "nobody sent these"
    assert clients.longest < LONGEST_WAIT


def test_what_was_acknowledged_survives_a_database_that_is_killed() -> None:
    killed_again_and_again(restarts=2, people=4, between=0.5)


@pytest.mark.slow
def test_what_was_acknowledged_survives_six_kills_under_eight_people() -> None:
    killed_again_and_again(restarts=6, people=8, between=2)
