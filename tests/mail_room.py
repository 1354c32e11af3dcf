"""A real mail server for tests, which can refuse, hang up and be away; and the outbox of a database of its own."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from sqlalchemy import text

from data.outbox import tell
from rules.mail import MailKind
from tests.cluster import Database
from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class MailServer:
    """Takes every mail, unless an address is listed with another answer: '550 …', '451 …', or 'hang up'."""

    answers: dict[str, str] = field(default_factory=dict)
    slowly: float = 0.0
    #: File and key; `at_once` encrypts from the first byte on, else STARTTLS does.
    certificate: tuple[Path, Path] | None = None
    at_once: bool = False
    #: Name → password; where there are some, nobody else hands anything over.
    people: dict[str, str] = field(default_factory=dict)
    signed_in: set[str] = field(default_factory=set)
    port: int = 0
    received: list[EmailMessage] = field(default_factory=list)
    _controller: Controller | None = None

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer == "hang up":
            server.transport.abort()
            return "421 gone"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        import asyncio

        raw = envelope.content
        assert isinstance(raw, bytes)
        assert all(len(line) <= 998 for line in raw.split(b"\r\n")), "no line is longer than servers take"
        await asyncio.sleep(self.slowly)
        self.received.append(message_from_bytes(raw, policy=policy.default))  # type: ignore[arg-type]
        return "250 taken"

    def _knows(self, server: SMTP, session: Session, envelope: Envelope, how: str, said: LoginPassword) -> AuthResult:
        name = said.login.decode()
        known = self.people.get(name) == said.password.decode()
        if known:
            self.signed_in.add(name)
        return AuthResult(success=known, handled=False)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def copies(self) -> Counter[str]:
        return Counter(message["Message-ID"] for message in self.received)

    def start(self) -> None:
        self.port = self.port or free_port()
        tls = None
        if self.certificate is not None:
            tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            tls.load_cert_chain(*self.certificate)
        how: dict[str, Any] = {
            "auth_required": bool(self.people),
            "authenticator": self._knows if self.people else None,
        }
        how |= {"ssl_context": tls} if self.at_once else {"tls_context": tls, "require_starttls": tls is not None}
        how |= {"auth_require_tls": not self.at_once}
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **how)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextmanager
def mail_server(**behaviour: object) -> Iterator[MailServer]:
    server = MailServer(**behaviour)  # type: ignore[arg-type]
    server.start()
    yield server
    server.stop()


@dataclass
class Outbox:
    """What waits, and how it went, as the operator would look at it."""

    database: Database

    def fill(self, n: int, person: str = "desk@portal.example") -> None:
        with self.database.as_owner() as connection:
            someone = self._person(connection, person)
            for number in range(n):
                tell(connection, kind=MailKind.TICKET_STATUS, account_id=None, person_id=someone,
                     context={"status": "acknowledged", "reason": f"mail {number}"})  # fmt: skip

    def to_person(self, email: str, **mail: object) -> None:
        with self.database.as_owner() as connection:
            values = {"kind": MailKind.TICKET_STATUS, "account_id": None, **mail}
            tell(connection, person_id=self._person(connection, email), **values)  # type: ignore[arg-type]

    def states(self) -> dict[str, int]:
        with self.database.as_owner() as connection:
            return dict(connection.execute(text("select state, count(*) from portal.mail group by 1")).all())  # type: ignore[arg-type]

    def of(self, email: str) -> tuple[str, int, str | None]:
        """State, attempts and last error of this person's last mail."""
        asked = text(
            "select m.state, m.attempts, m.last_error from portal.mail m "
            "left join portal.person p on p.id = m.person_id "
            "where coalesce(p.email, m.address) = :email order by m.id desc limit 1"
        )
        with self.database.as_owner() as connection:
            return tuple(connection.execute(asked, {"email": email}).one())  # type: ignore[return-value]

    def hurry(self) -> None:
        """As if the waiting were over."""
        with self.database.as_owner() as connection:
            connection.execute(text("update portal.mail set next_at = now() where state = 'ready'"))

    def empty(self) -> None:
        with self.database.as_owner() as connection:
            connection.execute(text("delete from portal.mail"))

    @staticmethod
    def _person(connection, email: str) -> int:
        return connection.execute(
            text("select id from portal.person where email = :email"), {"email": email}
        ).scalar_one()


class Worker:
    """The real worker, as `run` starts it, over a test's database."""

    def __init__(self, database: Database, home: Path, smtp_url: str | None, **more: str) -> None:
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "DATABASE_URL"))}
        self.environment = {
            **ours, "PORTAL_HOME": str(home), "PORTAL_JOBS_URL": database.login("portal_jobs"),
            "PORTAL_SECRET": "s" * 40, "PORTAL_MAIL_FROM": "portal@example.com", **more,
        }  # fmt: skip
        if smtp_url:
            self.environment["PORTAL_SMTP_URL"] = smtp_url
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, str(ROOT / "cli.py"), "worker", "--beside-portal"]
        self.process = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(PATIENCE)


def until(what) -> None:
    """Waits for something to become true, and no longer than it takes."""
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
