"""`./portal run` as an operator meets it: it refuses in one line, or it runs, stops whole and recovers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from tests.patience import PATIENCE

CHECKOUT = Path(__file__).parent.parent


@pytest.fixture
def home() -> Generator[Path]:
    """Where the account that PostgreSQL has when we are root may pass; pytest's own folders are closed to it."""
    with tempfile.TemporaryDirectory(prefix="portal-run-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "instance"


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def command(home: Path, port: int, **environment: str) -> dict[str, object]:
    """What `./portal run` ends up calling, as an empty real instance in this folder."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "DATABASE_URL"))}
    chosen = {"PORTAL_HOME": str(home), "PORTAL_PORT": str(port), "PORTAL_DEMO": "0"}
    return {"args": [sys.executable, CHECKOUT / "cli.py", "run"], "env": ours | chosen | environment, "cwd": "/"}


@dataclass
class Run:
    """A portal in its own process, and every process that it has started."""

    home: Path
    port: int
    log: Path
    children: set[psutil.Process] = field(default_factory=set)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(**command(self.home, self.port), stdout=log, stderr=log)
        wait_until(self.answers, self.told)
        self.children |= set(psutil.Process(self.process.pid).children(recursive=True))

    def answers(self) -> bool:
        assert self.process.poll() is None, self.told()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=20) as answer:
                return answer.status == 200
        except OSError:
            return False

    def told(self) -> str:
        return self.log.read_text(errors="replace")

    def all_gone(self) -> bool:
        return not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in self.children)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def portal(home: Path, port: int, tmp_path: Path) -> Generator[Run]:
    run = Run(home, port, tmp_path / "said")
    yield run
    run.end()
    wait_until(run.all_gone, run.told)


def wait_until(true: Callable[[], bool], told: Callable[[], str], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, told()
        time.sleep(0.05)


def refused(home: Path, port: int, **environment: str) -> str:
    """The one line on stderr; nothing may have been started or made for it."""
    done = subprocess.run(
        **command(home, port, **environment), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert not home.exists(), "it was refused, so it must not leave anything"
    return line


def test_a_taken_port_is_told_before_anything_is_started(home: Path, port: int):
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        line = refused(home, port)
    assert f"port {port} on 127.0.0.1 is taken" in line
    assert f"PORTAL_PORT={port + 1} ./portal run" in line


def test_an_address_of_another_machine_is_told_with_the_cure(home: Path, port: int):
    public = {"PORTAL_HOST": "192.0.2.1", "PORTAL_BASE_URL": "https://portal.example.com"}
    assert "PORTAL_HOST=192.0.2.1 cannot be listened on" in refused(home, port, **public)


def test_a_demo_for_the_whole_network_is_told_with_the_cure(home: Path, port: int):
    line = refused(home, port, PORTAL_DEMO="1", PORTAL_HOST="0.0.0.0")
    assert "set PORTAL_HOST=127.0.0.1, or PORTAL_DEMO=0" in line


def test_ctrl_c_stops_all_of_it_and_a_kill_leaves_nothing_to_repair(portal: Run):
    portal.start()
    assert any("postgres" in child.name() for child in portal.children)
    portal.process.kill()
    portal.process.wait()
    wait_until(portal.all_gone, portal.told)

    portal.start()
    portal.process.send_signal(signal.SIGINT)
    assert portal.process.wait(PATIENCE) == 0
    assert portal.all_gone(), "when the command has ended, so has everything it started"
    assert not (portal.home / "postgres" / "postmaster.pid").exists(), "the database was stopped, not killed"
    told = portal.told()
    assert told.count(f"http://127.0.0.1:{portal.port}") == 2
    assert "Traceback" not in told
    assert "@acme.example" not in told, "a real instance has no demo people"
