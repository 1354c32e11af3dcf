"""What a killed PostgreSQL leaves behind: a server without a portal, or files that name a process long gone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from data.server_account import ServerAccount
from rules.errors import SetupError


@dataclass(frozen=True)
class Postmaster:
    """The first line of `postmaster.pid`, and whether that process is really this folder's server."""

    pid: int
    is_ours: bool

    @classmethod
    def is_ready(cls, data: Path, pid: int) -> bool:
        lines = _lines(data / "postmaster.pid")
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    @classmethod
    def named_in(cls, file: Path, data: Path, account: ServerAccount) -> Postmaster | None:
        first = (_lines(file) or [""])[0].strip().lstrip("-")
        if not first.isdigit() or not _exists(int(first)):
            return None
        return cls(int(first), _runs(int(first), data, account))


def clear_leftovers(data: Path, socket: Path, account: ServerAccount, say: Callable[[str], None]) -> None:
    """End a server whose portal is gone, and forget process numbers that belong to somebody else by now.

    PostgreSQL itself copes with a number that nobody has; it refuses to start over one that anybody has,
    which after a restart of a container is likely.
    """
    pid_file, socket_lock = data / "postmaster.pid", socket.with_name(socket.name + ".lock")
    running = Postmaster.named_in(pid_file, data, account)
    if running and running.is_ours:
        say("ending the database server that a killed portal left behind …")
        _end(running.pid, data, account)
    elif running:
        pid_file.unlink()
    if (owner := Postmaster.named_in(socket_lock, data, account)) and not owner.is_ours:
        socket_lock.unlink()
        socket.unlink(missing_ok=True)


def _end(pid: int, data: Path, account: ServerAccount) -> None:
    for how, patience in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
        with suppress(ProcessLookupError):
            os.kill(pid, how)
        deadline = time.monotonic() + patience
        while _runs(pid, data, account):
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
        else:
            return
    raise SetupError(f"the database server {pid} of {data} does not end: stop that process first")


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _runs(pid: int, data: Path, account: ServerAccount) -> bool:
    """Is this process `postgres -D <data>` of the server's account? Nothing else is ever signalled."""
    owner, command = _owner_and_command(pid)
    return owner == account.uid and "postgres" in command and command.rstrip().endswith(f"-D {data}")


def _owner_and_command(pid: int) -> tuple[int | None, str]:
    """From /proc, or from `ps` where there is none (macOS)."""
    try:
        if Path("/proc/self").exists():
            folder = Path(f"/proc/{pid}")
            return folder.stat().st_uid, (folder / "cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ").decode()
        ps = [shutil.which("ps") or "/bin/ps", "-ww", "-o", "uid=,args=", "-p", str(pid)]
        owner, _, command = subprocess.run(ps, capture_output=True, text=True, check=True).stdout.strip().partition(" ")
        return int(owner), command
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None, ""


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except FileNotFoundError:
        return []
