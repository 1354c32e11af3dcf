"""The embedded PostgreSQL: who gets in, what is left after a crash, and that two starts do not meet in one folder."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from data.server import EmbeddedServer, InUse, address, serving, socket_folder
from data.server_account import ServerAccount, refuse_closed_folders, server_account
from data.server_files import program
from rules.errors import SetupError
from tests.patience import PATIENCE

CHECKOUT = Path(__file__).parent.parent
AS_ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def home() -> Generator[Path]:
    """pytest's own folders are closed to the account that PostgreSQL has when we are root."""
    with tempfile.TemporaryDirectory(prefix="portal-start-") as folder:
        yield Path(folder)


def server(home: Path, purpose: str = "a test", said: list[str] | None = None) -> EmbeddedServer:
    return EmbeddedServer(home, purpose=purpose, say=[].append if said is None else said.append)


@contextmanager
def running(home: Path) -> Generator[psycopg.Connection[tuple[str, ...]]]:
    """Started, with its administrator connected; stopped at the end."""
    started = server(home)
    url = started.start()
    try:
        with closing(connect(url)) as admin:
            yield admin
    finally:
        started.stop()


def connect(url: str) -> psycopg.Connection[tuple[str, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def answers(home: Path) -> bool:
    try:
        connect(address(socket_folder(home), "postgres")).close()
    except psycopg.OperationalError:
        return False
    return True


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_after_a_second_start_everybody_needs_a_password_but_who_we_are(home: Path):
    with running(home) as admin:
        admin.execute("create role anyone login superuser password 'right'")
        admin.execute("create role without login")
    for name, text in (("pg_hba.conf", "local all all trust\n"), ("pg_ident.conf", "portal /^.* postgres\n")):
        (home / "postgres" / name).write_text(text)
    with running(home) as admin:
        assert admin.execute("select current_user, current_database()").fetchone() == ("postgres", "portal")
        rules = [line.split() for line in (home / "postgres" / "pg_hba.conf").read_text().splitlines()]
        assert rules[1:] == [
            ["local", "all", "postgres", "peer", "map=portal"],
            ["local", "all", "all", "scram-sha-256"],
        ]
        for login, password in (("anyone", "wrong"), ("anyone", None), ("without", None), ("nobody", None)):
            with pytest.raises(psycopg.OperationalError, match=r"password authentication failed|no password supplied"):
                connect(address(socket_folder(home), login, password=password))
        connect(address(socket_folder(home), "anyone", password="right")).close()
        assert admin.execute("show listen_addresses").fetchone() == ("",)
        _refused_to_others(home)


def _refused_to_others(home: Path) -> None:
    """Somebody else of this machine: kept away by the folder, and if they got there by PostgreSQL itself."""
    assert mode(home / "postgres") == 0o700
    assert mode(socket_folder(home) / ".s.PGSQL.5432") == 0o700
    if AS_ROOT:  # only root can play another one; the server's own account passes the folder and no further
        account = server_account()
        psql = subprocess.run(
            [program("psql"), "-h", socket_folder(home), "-U", "postgres", "-c", "select 1", "portal"],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert psql.returncode != 0
        assert "Peer authentication failed" in psql.stderr


def test_what_lies_in_the_instance_is_closed_to_others(home: Path):
    with running(home):
        pass
    assert mode(home) == (0o710 if AS_ROOT else 0o700)  # root's lets the server's account through, to its own folder
    assert mode(home / "log") == 0o700
    for file in (home / "running", home / "log" / "postgres.log", home / "postgres" / "pg_hba.conf"):
        assert mode(file) == 0o600
    assert not list(home.rglob("*.new"))


def test_the_database_sorts_the_same_on_every_machine(home: Path):
    with running(home) as admin:
        assert admin.execute(
            "select pg_encoding_to_char(encoding), datlocprovider::text, datlocale, current_setting('timezone')"
            " from pg_database where datname = 'portal'"
        ).fetchone() == ("UTF8", "b", "C.UTF-8", "UTC")


def test_after_a_kill_of_the_postmaster_the_next_start_has_every_row(home: Path):
    started = server(home)
    with closing(connect(started.start())) as admin:
        admin.execute("create table kept as select generate_series(1, 1000) as n")
        _kill_server(started)
    assert (home / "postgres" / "postmaster.pid").exists()
    started.stop()
    with running(home) as admin:
        assert admin.execute("select count(*), max(n) from kept").fetchone() == (1000, 1000)
        admin.execute("drop table kept")


def test_a_server_that_dies_under_the_portal_comes_back_and_keeps_the_claim(home: Path):
    started = server(home)
    started.start()
    _kill_server(started)
    assert not started.alive
    started.revive()
    try:
        assert answers(home)
        with pytest.raises(InUse):
            server(home).start()
    finally:
        started.stop()


def test_a_portal_that_was_killed_leaves_a_server_which_the_next_start_ends(home: Path):
    """As where the kernel cannot tell a child that its parent died; here the child is held still meanwhile."""
    said: list[str] = []
    portal, left_behind = _portal_in_a_process(home)
    os.kill(left_behind, signal.SIGSTOP)
    portal.kill()
    portal.wait()
    wakes = threading.Thread(target=lambda: (_wait_until(lambda: said), os.kill(left_behind, signal.SIGCONT)))
    wakes.start()
    next_one = server(home, said=said)
    next_one.start()
    wakes.join()
    try:
        assert not _runs(left_behind)
        assert said == ["ending the database server that a killed portal left behind …"]
    finally:
        next_one.stop()


def test_a_server_ends_with_the_portal_that_was_killed(home: Path):
    portal, postmaster = _portal_in_a_process(home)
    portal.kill()
    portal.wait()
    _wait_until(lambda: not _runs(postmaster))
    assert not answers(home)


def test_a_process_that_got_the_number_of_a_dead_server_is_not_harmed(home: Path):
    with running(home):
        pass
    data = home / "postgres"
    with subprocess.Popen(["sleep", "60"]) as bystander:
        for file in (data / "postmaster.pid", data / ".s.PGSQL.5432.lock"):
            file.write_text(f"{bystander.pid}\n{data}\n1\n5432\n{data}\n\n1 1\nready\n")
            os.chown(file, data.stat().st_uid, data.stat().st_gid)
        with running(home) as admin:
            assert admin.execute("select 1").fetchone() == (1,)
        assert bystander.poll() is None
        bystander.kill()


def test_of_two_starts_the_second_says_who_runs_it_and_changes_nothing(home: Path):
    first = server(home, purpose="./portal run")
    url = first.start()
    second = server(home)
    try:
        with pytest.raises(InUse, match=rf"already run by \./portal run \(process {os.getpid()}\).*PORTAL_HOME"):
            second.start()
        second.stop()
        connect(url).close()
    finally:
        first.stop()


def test_a_command_beside_the_portal_joins_its_server_and_leaves_it_running(home: Path):
    first = server(home)
    url = first.start()
    try:
        with serving(home, purpose="import", say=print) as joined:
            assert joined == url
        assert answers(home)
    finally:
        first.stop()
    assert not answers(home)
    with serving(home, purpose="import", say=print) as own:
        connect(own).close()
    assert not answers(home), "what a command started, it stops"


def test_half_a_data_folder_is_not_taken_for_a_whole_one(home: Path):
    fresh = home / "fresh"
    (fresh / "postgres.new").mkdir(parents=True)
    (fresh / "postgres.new" / "PG_VERSION").write_text("18\n")
    if AS_ROOT:
        home.chmod(0o711)
    with running(fresh) as admin:
        assert admin.execute("select 1").fetchone() == (1,)
    assert not (fresh / "postgres.new").exists()


def test_the_data_of_another_version_is_left_alone(home: Path):
    version = home / "postgres" / "PG_VERSION"
    before = version.read_text()
    version.write_text("17\n")
    try:
        with pytest.raises(SetupError, match=r"was made by PostgreSQL 17 and this portal brings 18: make a backup"):
            server(home).start()
        assert version.read_text() == "17\n"
    finally:
        version.write_text(before)


def test_why_postgresql_did_not_start_is_told_in_one_line(home: Path):
    bad = EmbeddedServer(home, purpose="a test", say=print, settings={"shared_buffers": "a lot"})
    with pytest.raises(SetupError, match=r"PostgreSQL did not start: .*shared_buffers.*log") as refusal:
        bad.start()
    assert "\n" not in str(refusal.value)
    with running(home):
        pass  # the claim was given back


def test_a_path_too_long_for_a_socket_gets_a_short_folder_of_its_own(home: Path):
    long = home / ("a-rather-long-name-" * 6)
    assert socket_folder(home) == home / "postgres"
    assert len(os.fsencode(socket_folder(long))) < 60
    assert socket_folder(long) != socket_folder(long.with_name("another"))
    assert socket_folder(Path("/srv/one,two")) != Path("/srv/one,two/postgres")


def test_as_root_a_closed_folder_on_the_way_is_refused_and_stays_closed(tmp_path: Path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    stranger = ServerAccount(name="portal-postgres", uid=4_000_001, gid=4_000_001, us="root")
    with pytest.raises(SetupError, match=r"is closed to the account portal-postgres.* ordinary user, or keep .*/srv"):
        refuse_closed_folders(stranger, private / "instance" / "postgres")
    assert mode(private) == 0o700
    refuse_closed_folders(server_account(), *([] if AS_ROOT else [private / "instance"]))


def _kill_server(started: EmbeddedServer) -> None:
    pid = int((started.data / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    _wait_until(lambda: not started.alive)


def _portal_in_a_process(home: Path) -> tuple[subprocess.Popen[str], int]:
    """A process that started the server, and the server's own number."""
    program = (
        "import sys, time; from pathlib import Path; from data.server import EmbeddedServer\n"
        "server = EmbeddedServer(Path(sys.argv[1]), purpose='./portal run', say=lambda line: None)\n"
        "server.start(); print('started', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(home)]
    portal = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    assert portal.stdout
    assert portal.stdout.readline() == "started\n"
    portal.stdout.close()
    return portal, int((home / "postgres" / "postmaster.pid").read_text().split()[0])


def _runs(pid: int) -> bool:
    """A dead process that nobody has asked about yet still has a number, but no command."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def _wait_until(true, patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
