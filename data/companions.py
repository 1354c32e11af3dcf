"""What has to live as long as the portal: its database server and its worker, brought back when they die."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from signal import SIGTERM

import psycopg

from data.child import spawn
from data.instance import open_home
from data.opening import HashPassword, Opened, check_logins, prepare
from data.server import EmbeddedServer, Say, is_running
from data.settings import CHECKOUT, Settings
from rules.errors import SetupError

LOOK_EVERY = 0.5  # seconds
REVIVE_AFTER = 5.0  # a server that did not start may need room on the disk first
LONGEST_REST = 30.0  # between two starts of a worker that keeps dying
STEADY = 60.0  # a worker that lived this long starts again at once


@contextmanager
def accompanied(
    config: Settings, *, purpose: str, say: Say, hash_password: HashPassword | None = None
) -> Generator[None]:
    """For a web server started without `./portal run`: what that would have started, unless somebody has already."""
    if config.database_url is not None or is_running(config.home):
        yield
        return
    companions = Companions(config, purpose=purpose, say=say, hash_password=hash_password)
    companions.start()
    try:
        yield
    finally:
        companions.stop()


class Companions:
    """`start()` opens the instance; `stop()` ends worker and server, in that order."""

    def __init__(self, config: Settings, *, purpose: str, say: Say, hash_password: HashPassword | None) -> None:
        self._config, self._say, self._hash_password = config, say, hash_password
        embedded = config.database_url is None
        self._server = EmbeddedServer(config.home, purpose=purpose, say=say) if embedded else None
        self._worker: subprocess.Popen[bytes] | None = None
        self._worker_since, self._rest, self._next_start, self._next_revival = 0.0, 0.0, 0.0, 0.0
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._keep_alive, name="companions")

    def start(self) -> Opened:
        open_home(self._config.home)
        try:
            url = self._server.start() if self._server else str(self._config.database_url)
            opened = Opened(url, prepare(self._config, url, self._say, self._hash_password))
            check_logins(self._config)
        except BaseException:
            self.stop()
            raise
        self._watch.start()  # starts the worker as well: a child lives no longer than the thread that started it
        return opened

    def stop(self) -> None:
        self._stopping.set()
        if self._watch.is_alive():
            self._watch.join()
        if self._server:
            self._server.stop()

    def _keep_alive(self) -> None:
        while not self._stopping.wait(LOOK_EVERY if self._worker else 0):
            self._look_after_server()
            self._look_after_worker()
        self._end_worker()

    def _look_after_server(self) -> None:
        if self._server is None or self._server.alive or time.monotonic() < self._next_revival:
            return
        self._say("the database server ended; starting it again")
        try:
            self._server.revive()
        except (SetupError, OSError, psycopg.Error) as error:
            self._say(f"{error}; trying again in {REVIVE_AFTER:.0f} s")
            self._next_revival = time.monotonic() + REVIVE_AFTER

    def _look_after_worker(self) -> None:
        now = time.monotonic()
        if self._worker and self._worker.poll() is not None:
            steady = now - self._worker_since > STEADY
            self._rest = 0.0 if steady else min(max(1.0, self._rest * 2), LONGEST_REST)
            self._next_start = now + self._rest
            self._say(f"the worker ended ({self._worker.returncode}); starting it again in {self._rest:.0f} s")
            self._worker = None
        if self._worker is None and now >= self._next_start:
            command = [sys.executable, str(CHECKOUT / "cli.py"), "worker", "--beside-portal"]
            self._worker, self._worker_since = spawn(command, ends_by=SIGTERM), now

    def _end_worker(self) -> None:
        if self._worker is None:
            return
        self._worker.terminate()
        try:
            self._worker.wait(10)
        except subprocess.TimeoutExpired:
            self._worker.kill()
            self._worker.wait()
