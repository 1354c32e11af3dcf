"""The embedded PostgreSQL of an instance: starts in its folder, really stops, and recovers by itself."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

from data.child import spawn
from data.server_account import ServerAccount, refuse_closed_folders, server_account
from data.server_files import (
    ACCESS_RULES,
    PROGRAM_ENVIRONMENT,
    check_version,
    make_data_folder,
    program,
    write_rules,
)
from data.server_leftovers import Postmaster, clear_leftovers
from rules.errors import SetupError

Say = Callable[[str], None]

PORT = 5432  # only a name for the socket; nothing listens on the network
SOCKET_NAME = f".s.PGSQL.{PORT}"
LONGEST_SOCKET_PATH = 100  # the kernel's limit is 107 bytes on Linux, 103 on macOS
PLAIN_PATH = re.compile(r"[\w./ +@-]+")  # a comma would be read as two folders, a quote ends the setting
PATIENCE = 600.0  # seconds; after a crash in the middle of a large import PostgreSQL replays it first
POLL = 0.01


class InUse(SetupError):
    """Another process runs this instance's database."""


class EmbeddedServer:
    """`start()` gives the administrator's address of the database `portal`; `stop()` returns when it has ended."""

    def __init__(self, home: Path, *, purpose: str, say: Say, settings: Mapping[str, str] | None = None) -> None:
        self.home, self.purpose, self.say = home, purpose, say
        self.data, self.sockets, self.log = home / "postgres", socket_folder(home), home / "log" / "postgres.log"
        self._settings = settings or {}
        self._claim: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> str:
        self._claim = _claim(self.home, self.purpose)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self.url

    @property
    def url(self) -> str:
        return address(self.sockets, "postgres")

    def revive(self) -> None:
        """Start again after the server died under us; the claim on the instance is still ours."""
        if self._claim is not None and not self.alive:
            self._start()

    def stop(self) -> None:
        if self._process is not None:
            _end(self._process)
            self._process = None
            if self.sockets != self.data:
                with suppress(OSError):
                    self.sockets.rmdir()
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None

    def _start(self) -> None:
        account = server_account()
        refuse_closed_folders(account, program("postgres"), self.home)
        self._open_to(account)
        clear_leftovers(self.data, self.sockets / SOCKET_NAME, account, self.say)
        if not self.data.exists():
            self.say("making the database …")
            make_data_folder(self.data, account)
        check_version(self.data)
        write_rules(self.data, account, self.sockets, self._settings)
        self._process = self._run(account)
        with psycopg.connect(_libpq(address(self.sockets, "postgres", database="postgres")), autocommit=True) as admin:
            _check_rules(admin)
            _make_database(admin)

    def _open_to(self, account: ServerAccount) -> None:
        """Folders nobody else may look into; as root the server's account gets through ours, and no further."""
        self.log.parent.mkdir(mode=0o700, exist_ok=True)
        if not account.is_us:
            os.chown(self.home, -1, account.gid)
            self.home.chmod(0o710)
        if self.sockets != self.data:
            _make_socket_folder(self.sockets, account)

    def _run(self, account: ServerAccount) -> subprocess.Popen[bytes]:
        """Twice if need be: connections of a server that was killed hold its memory until they notice."""
        last_try = time.monotonic() + 20
        while True:
            try:
                return self._run_once(account)
            except SetupError as error:
                if "still in use" not in str(error) or time.monotonic() > last_try:
                    raise
            time.sleep(0.2)

    def _run_once(self, account: ServerAccount) -> subprocess.Popen[bytes]:
        _turn_over(self.log)
        with os.fdopen(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as log:
            before = log.seek(0, os.SEEK_END)
            process = spawn(
                [str(program("postgres")), "-D", str(self.data)],
                ends_by=signal.SIGINT,  # the fast, clean shutdown
                account=account.to_become,
                environment=PROGRAM_ENVIRONMENT,
                log=log,
            )
        try:
            self._wait_until_ready(process, before)
        except BaseException:
            _end(process)
            raise
        return process

    def _wait_until_ready(self, process: subprocess.Popen[bytes], log_start: int) -> None:
        started, told = time.monotonic(), False
        while not Postmaster.is_ready(self.data, process.pid):
            if process.poll() is not None:
                raise SetupError(f"PostgreSQL did not start: {_reason(self.log, log_start)} (see {self.log})")
            waited = time.monotonic() - started
            if waited > PATIENCE:
                raise SetupError(f"PostgreSQL did not get ready in {PATIENCE:.0f} s: see {self.log}")
            if waited > 2 and not told:
                self.say("the database recovers from an unclean end …")
                told = True
            time.sleep(POLL)


@contextmanager
def serving(home: Path, *, purpose: str, say: Say, settings: Mapping[str, str] | None = None) -> Generator[str]:
    """For commands beside the portal: its running server if there is one, else a server as long as the command."""
    server = EmbeddedServer(home, purpose=purpose, say=say, settings=settings)
    try:
        yield _start_or_join(server)
    finally:
        server.stop()


def is_running(home: Path) -> bool:
    """Does some process have the claim on this instance?"""
    if not (home / "running").exists():
        return False
    try:
        os.close(_claim(home, "a look"))
    except InUse:
        return True
    return False


def _start_or_join(server: EmbeddedServer, patience: float = 60.0) -> str:
    """Whoever has the claim may still be starting, or just be stopping: then it is our turn."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return server.start()
        except InUse:
            if _answers(server.url):
                return server.url
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(_libpq(url)).close()
    except psycopg.OperationalError:
        return False
    return True


def address(sockets: Path, login: str, *, password: str | None = None, database: str = "portal") -> str:
    """What SQLAlchemy connects with. The port stands in it so that a PGPORT of the shell has no say."""
    who = login if password is None else f"{login}:{quote(password, safe='')}"
    return f"postgresql+psycopg://{who}@/{database}?host={quote(str(sockets), safe='')}&port={PORT}"


def socket_folder(home: Path) -> Path:
    """The data folder, closed to others; where its path is too long for a socket, a short one that stays the same."""
    data = home / "postgres"
    if len(os.fsencode(data / SOCKET_NAME)) <= LONGEST_SOCKET_PATH and PLAIN_PATH.fullmatch(str(data)):
        return data
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path("/tmp") / f"portal-{os.geteuid()}-{name}"  # noqa: S108 - checked in _make_socket_folder


def _make_socket_folder(folder: Path, account: ServerAccount) -> None:
    """In /tmp anybody may have been there before us."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        os.chown(folder, account.uid, account.gid)
    facts = folder.lstat()
    if folder.is_symlink() or facts.st_uid != account.uid or facts.st_mode & 0o077:
        raise SetupError(f"{folder} is not ours alone: remove it, or choose a shorter PORTAL_HOME")


def _claim(home: Path, purpose: str) -> int:
    """Held as long as this process lives, so a `kill -9` gives it back; the text says who to ask."""
    claim = os.open(home / "running", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(claim, 200, 0).decode() or "another process"
        os.close(claim)
        raise InUse(
            f"{home} is already run by {holder}: stop that one, or give this one its own PORTAL_HOME and PORTAL_PORT"
        ) from None
    os.ftruncate(claim, 0)
    os.pwrite(claim, f"{purpose} (process {os.getpid()})".encode(), 0)
    return claim


def _end(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown; if that hangs, the immediate one, which the next start recovers from."""
    for how, patience in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, None)):
        if process.poll() is None:
            process.send_signal(how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            return


def _check_rules(admin: psycopg.Connection[tuple[object, ...]]) -> None:
    """What the server has read, not what we believe to have written."""
    read = admin.execute(
        "select type, array_to_string(database, ','), array_to_string(user_name, ','),"
        " concat_ws(' ', auth_method, array_to_string(options, ' ')) from pg_hba_file_rules order by rule_number"
    ).fetchall()
    if tuple(read) != ACCESS_RULES:
        raise SetupError(f"PostgreSQL lets others in than it should ({read}): it was stopped again")


def _make_database(admin: psycopg.Connection[tuple[object, ...]]) -> None:
    if not admin.execute("select 1 from pg_database where datname = 'portal'").fetchone():
        admin.execute("revoke all on database postgres, template1 from public")
        admin.execute("create database portal")


def _libpq(url: str) -> str:
    return url.replace("+psycopg", "", 1)


def _turn_over(log: Path) -> None:
    if log.exists() and log.stat().st_size > 10_000_000:
        log.replace(log.with_suffix(".log.1"))


def _reason(log: Path, start: int) -> str:
    """The line in which PostgreSQL says why, from this start on."""
    with log.open("rb") as file:
        file.seek(start)
        lines = [line.strip() for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    fatal = [number for number, line in enumerate(lines) if "FATAL:" in line]
    if not fatal:
        return lines[-1] if lines else "no reason given"
    # Of its own settings it says only that there are errors; which ones stands one line above.
    told = fatal[-1] - ("contains errors" in lines[fatal[-1]] and fatal[-1] > 0)
    return re.sub(r"^.*?(FATAL|LOG): +", "", lines[told])
