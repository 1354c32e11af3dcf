"""Who the embedded PostgreSQL runs as: us, or an account of its own when we are root, which it refuses to be."""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rules.errors import SetupError

ROOT_RUNS_IT_AS = "portal-postgres"
NAME_IS_TAKEN = 9  # useradd's code: somebody else has just made it


@dataclass(frozen=True)
class ServerAccount:
    """The user of the operating system that owns the data folder and the server's processes."""

    name: str
    uid: int
    gid: int
    us: str  # the one who may connect as `postgres`

    @property
    def is_us(self) -> bool:
        return self.uid == os.geteuid()

    @property
    def to_become(self) -> tuple[int, int] | None:
        return None if self.is_us else (self.uid, self.gid)


def server_account() -> ServerAccount:
    us = _our_name()
    if os.geteuid() == 0:
        entry = _account_for_root()
        return ServerAccount(entry.pw_name, entry.pw_uid, entry.pw_gid, us)
    return ServerAccount(us, os.geteuid(), os.getegid(), us)


def refuse_closed_folders(account: ServerAccount, *paths: Path) -> None:
    """PostgreSQL under its own account must get through to these; we never open somebody's folder for it."""
    if account.is_us:
        return
    for path in paths:
        closed = next((folder for folder in reversed(path.parents) if not _may_enter(account, folder)), None)
        if closed:
            raise SetupError(
                f"{closed} is closed to the account {account.name}, which PostgreSQL runs as when you are root: "
                f"run the portal as an ordinary user, or keep {path} where others may pass, as in /srv/portal"
            )


def _our_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise SetupError(
            f"user id {os.geteuid()} has no name on this machine, which PostgreSQL needs: "
            "add it to /etc/passwd, or set DATABASE_URL"
        ) from None


def _account_for_root() -> pwd.struct_passwd:
    # One at a time: of two that make it at once, one would go on with a number that the other's file does not have.
    accounts = os.open("/etc", os.O_RDONLY)
    try:
        fcntl.flock(accounts, fcntl.LOCK_EX)
        with suppress(KeyError):
            return pwd.getpwnam(ROOT_RUNS_IT_AS)
        _make_account()
        return pwd.getpwnam(ROOT_RUNS_IT_AS)
    finally:
        os.close(accounts)


def _make_account() -> None:
    useradd = shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") or "/usr/sbin/useradd"
    command = [useradd, "--system", "--user-group", "--no-create-home", "--shell=/usr/sbin/nologin", ROOT_RUNS_IT_AS]
    try:
        code = subprocess.run(command, capture_output=True, check=False).returncode
    except OSError:
        code = -1
    if code not in {0, NAME_IS_TAKEN}:
        raise SetupError(
            f"PostgreSQL does not run as root and the account {ROOT_RUNS_IT_AS} could not be made: "
            "run the portal as an ordinary user, or set DATABASE_URL"
        )


def _may_enter(account: ServerAccount, folder: Path) -> bool:
    facts = folder.stat()
    if facts.st_uid == account.uid:
        return bool(facts.st_mode & stat.S_IXUSR)
    if facts.st_gid == account.gid:
        return bool(facts.st_mode & stat.S_IXGRP)
    return bool(facts.st_mode & stat.S_IXOTH)
