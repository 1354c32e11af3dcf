"""A web server in a process of its own, whose CPU time and memory can be read from outside."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.stage import Data, Stage
from data.child import spawn
from data.instance import Login
from data.settings import CHECKOUT
from rules.errors import SetupError

PATIENCE = 60.0


@dataclass(frozen=True)
class Process:
    """What the kernel knows of a process."""

    pid: int

    def cpu(self) -> float:
        """Seconds of CPU it has used, all threads, to the nanosecond (clock_getcpuclockid of the process)."""
        return time.clock_gettime((~self.pid << 3) | 2)

    def memory(self) -> int:
        """Bytes resident now."""
        return self._status("VmRSS")

    def peak(self) -> int:
        """Most bytes resident since `forget_peak`."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def _status(self, name: str) -> int:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
        raise LookupError(name)


@dataclass(frozen=True)
class Served(Process):
    """A web server that answers."""

    url: str

    def cookie(self, token: str) -> str:
        return f"portal_session={token}"


@contextmanager
def served(stage: Stage, what: str, data: Data) -> Generator[Served]:
    """`what` of bench/apps.py over this data, tuned as `./portal run` tunes it; ends with the block."""
    port = free_port()
    home = stage.folder / f"home-{what}-{port}"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "STREAMLIT_"))},
        "DATABASE_URL": data.owner_url,
        "PORTAL_APP_URL": data.url(Login.APP),
        "PORTAL_AUTH_URL": data.url(Login.AUTH),
        "PORTAL_JOBS_URL": data.url(Login.JOBS),
        "PORTAL_LISTEN_URL": data.url(Login.APP),
        "PORTAL_HOME": str(home),
        "PORTAL_PORT": str(port),
        "PORTAL_STAFF_SECOND_FACTOR": "0",  # whoever measures has no phone
    }
    command = [sys.executable, "-m", "uvicorn", "--factory", f"bench.apps:{what}", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--loop", "uvloop", "--log-level", "warning", "--no-access-log"]
    command += ["--no-proxy-headers", "--app-dir", str(CHECKOUT)]
    with (stage.folder / f"{what}.log").open("ab") as log:
        process = spawn(command, ends_by=signal.SIGTERM, environment=environment, log=log)
    try:
        server = Served(process.pid, f"http://127.0.0.1:{port}")
        _wait_until_it_answers(server, lambda: process.poll() is not None, Path(log.name))
        yield server
    finally:
        process.terminate()
        process.wait()


def _wait_until_it_answers(server: Served, has_ended: Callable[[], bool], log: Path) -> None:
    last = time.monotonic() + PATIENCE
    while time.monotonic() < last and not has_ended():
        if answers(f"{server.url}/healthz"):
            return
        time.sleep(0.05)
    raise SetupError(f"a server to be measured did not start: see {log}")


def answers(url: str) -> bool:
    """Does it say 200?"""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own server
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def database_cpu(stage: Stage) -> float:
    """Seconds of CPU of the database server and all its children, those that ended included."""
    postmaster = int((stage.folder / "postgres" / "postmaster.pid").read_text().split()[0])
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        if int(stat.parent.name) == postmaster:
            ticks += sum(int(ticks) for ticks in fields[11:15])  # with those it has waited for
        elif int(fields[1]) == postmaster:
            ticks += sum(int(ticks) for ticks in fields[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
