"""The system's own PostgreSQL, if one is installed: found, started in a folder of our own, without a network."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from sqlalchemy import make_url

from data.child import spawn
from data.server_account import ServerAccount, server_account
from tests.patience import PATIENCE

OLDEST = 15
_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


def installed_servers() -> dict[str, Path]:
    """Version → its folder of programs; those the portal does not support are left out."""
    beside = [
        Path(found).resolve().parent for name in ("postgres", "pg_ctl", "initdb") if (found := shutil.which(name))
    ]
    known = [folder for place in _PLACES for folder in sorted(Path("/").glob(place.removeprefix("/")))]
    found: dict[str, Path] = {}
    for folder in (*known, *beside):
        version = _version(folder)
        if version is not None and version >= OLDEST:
            found.setdefault(f"PostgreSQL {version}", folder)
    return found


def _version(folder: Path) -> int | None:
    if not all((folder / program).exists() for program in ("initdb", "pg_ctl", "postgres")):
        return None
    told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(told.split()[2].split(".")[0])


@contextmanager
def running(programs: Path) -> Generator[str]:
    """The administrator's address. The server ends with us, however we end."""
    account, password = server_account(), secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="portal-test-", dir="/tmp") as folder:  # short: a socket's path must be
        home = Path(folder)
        _make_data(programs, home, account, password)
        options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={home}", "-c", "fsync=off"]
        with (home / "log").open("wb") as log:
            server = spawn(
                [str(programs / "postgres"), "-D", str(home / "data"), *options],
                ends_by=signal.SIGQUIT,
                account=account.to_become,
                log=log,
            )
        url = f"postgresql+psycopg://postgres:{password}@/postgres?host={quote(folder, safe='')}"
        try:
            _wait_for(url)
            yield url
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(timeout=PATIENCE)


def _make_data(programs: Path, home: Path, account: ServerAccount, password: str) -> None:
    secret = home / "password"
    secret.write_text(password)
    for path in (home, secret):
        os.chown(path, account.uid, account.gid)
    options = ["-U", "postgres", "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8", "--locale=C", "-N"]
    made = spawn(
        [str(programs / "initdb"), "-D", str(home / "data"), *map(str, options)],
        ends_by=signal.SIGTERM,
        account=account.to_become,
    )
    assert made.wait(timeout=PATIENCE) == 0


def _wait_for(url: str) -> None:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    until = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
