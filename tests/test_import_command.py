"""`./portal import` as the operator types it."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

import operate.owner
from cli import cli
from data.imports import KINDS, Source
from data.instance import Kind
from data.migrate import bootstrap_engine
from data.opening import Opened
from data.server import serving
from data.settings import settings
from data.tabular import Row
from operate.import_rows import Screen
from rules.errors import SetupError
from tests.cluster import Cluster
from tests.import_files import DATA, GOOD, LINES, write

Run = Callable[..., Result]


@pytest.fixture
def home() -> Iterator[Path]:
    """Not in pytest's own folder: PostgreSQL, which never runs as root, could not get there."""
    with tempfile.TemporaryDirectory(prefix="portal-test-") as folder:
        yield Path(folder)


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Run]:
    """`portal("import", "sites", file, DATABASE_URL=…)`, in a shell that says nothing else about the portal."""
    for name in [name for name in os.environ if name.startswith("PORTAL_") or name == "DATABASE_URL"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PORTAL_HOME", str(home))

    def run(*words: str | Path, **environment: str) -> Result:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        return CliRunner().invoke(cli, list(map(str, words)), catch_exceptions=True)

    yield run
    settings.cache_clear()


@pytest.fixture
def url(cluster: Cluster) -> str:
    return cluster.new_database("empty")


def count(url: str, table: str) -> int:
    engine = bootstrap_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text(f"select count(*) from portal.{table}")).scalar_one()
    engine.dispose()
    return found


def test_files_are_imported_and_counted(portal: Run, url: str) -> None:
    for kind in ("entities", "accounts"):
        assert portal("import", kind, DATA / f"{kind}.csv", DATABASE_URL=url).exit_code == 0
    lines = DATA / "invoice_lines.csv"
    result = portal("import", "invoices", DATA / "invoices.csv", "--lines", lines, DATABASE_URL=url)
    assert (result.exit_code, result.stdout) == (
        0, f"{DATA}/invoices.csv: 412 rows: 412 new, 0 changed, 0 as they were\n",
    )  # fmt: skip
    again = portal("import", "invoices", DATA / "invoices.csv", "--lines", lines, DATABASE_URL=url)
    assert "0 new, 0 changed, 412 as they were" in again.stdout
    assert count(url, "invoice_line") == 2240


def test_a_dry_run_says_that_nothing_was_kept(portal: Run, url: str) -> None:
    result = portal("import", "entities", DATA / "entities.csv", "--dry-run", DATABASE_URL=url)
    assert result.exit_code == 0
    assert result.stdout.endswith("1 new, 0 changed, 0 as they were – dry run, nothing was kept\n")
    assert count(url, "legal_entity") == 0


def test_without_the_issuing_entity_the_cure_is_named_and_the_status_is_an_error(portal: Run, url: str) -> None:
    assert portal("import", "accounts", DATA / "accounts.csv", DATABASE_URL=url).exit_code == 0
    result = portal("import", "invoices", DATA / "invoices.csv", DATABASE_URL=url)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "invoices.csv, line 2, column issuer: 'EX-US' – expected" in result.stderr
    assert "run ./portal import entities FILE first" in result.stderr
    assert "… and more" in result.stderr
    assert f"nothing of {DATA}/invoices.csv was kept" in result.stderr
    assert count(url, "invoice") == 0


def test_each_of_several_files_stands_for_itself(portal: Run, url: str, tmp_path: Path) -> None:
    good, bad, also_good = (
        write(tmp_path / f"{name}.csv", "accounts", [{"account": name, **cells}])
        for name, cells in (("A", {}), ("B", {"locale": "?"}), ("C", {}))
    )
    result = portal("import", "accounts", good, bad, also_good, tmp_path / "gone.csv", DATABASE_URL=url)
    assert result.exit_code == 1
    assert [line.rpartition("/")[2] for line in result.stdout.splitlines()] == [
        f"{name}.csv: 1 rows: 1 new, 0 changed, 0 as they were" for name in "AC"
    ]
    assert "B.csv, line 2, column locale: '?'" in result.stderr
    assert "gone.csv: there is no such file" in result.stderr
    assert count(url, "account") == 2


def test_a_demo_is_refused_unless_that_is_meant(portal: Run, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def opened(*_words: object, **_more: object) -> Iterator[Opened]:
        yield Opened(url, Kind.DEMO)

    monkeypatch.setattr(operate.owner, "opened", opened)
    refused = portal("import", "entities", DATA / "entities.csv", DATABASE_URL=url)
    assert isinstance(refused.exception, SetupError)
    assert "--into-demo" in str(refused.exception)
    assert count(url, "legal_entity") == 0
    assert portal("import", "entities", DATA / "entities.csv", "--into-demo", DATABASE_URL=url).exit_code == 0
    assert count(url, "legal_entity") == 1


def test_no_demo_is_made_only_to_refuse_it(portal: Run, home: Path) -> None:
    refused = portal("import", "entities", DATA / "entities.csv")
    assert isinstance(refused.exception, SetupError)
    assert "PORTAL_DEMO=0" in str(refused.exception)
    assert list(home.iterdir()) == []


def test_the_embedded_database_is_used_whether_the_portal_runs_or_not(portal: Run, home: Path) -> None:
    first = portal("import", "entities", DATA / "entities.csv", PORTAL_DEMO="0")
    assert "1 new" in first.stdout, first.stderr
    with serving(home, purpose="./portal run", say=lambda _line: None) as url:
        second = portal("import", "accounts", DATA / "accounts.csv", PORTAL_DEMO="0")
        assert "163 new" in second.stdout, second.stderr
        assert count(url, "account") == 163, "and the server still runs"


def test_lines_belong_to_invoices(portal: Run, url: str) -> None:
    result = portal("import", "orders", DATA / "orders.csv", "--lines", DATA / "invoice_lines.csv", DATABASE_URL=url)
    assert result.exit_code == 2
    assert "--lines belongs to invoices" in result.stderr


def test_the_help_names_every_column(portal: Run) -> None:
    shown = " ".join(portal("import", "--help").stdout.split())
    for kind, row in GOOD.items():
        assert f"{kind}: {', '.join(row)}" in shown
        assert (kind in KINDS) != (kind == LINES)
    assert "[time_zone]" in shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar_and_a_log_file_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source(DATA / "orders.csv")
    rows = [Row("orders.csv", number, {}) for number in range(2, 832)]
    for stream, shown, not_shown in (
        (Terminal(), "100%", "\n\n"),
        (io.StringIO(), "portal: reading orders.csv\n", "%"),
    ):
        monkeypatch.setattr("sys.stderr", stream)
        assert list(Screen().rows(source, iter(rows))) == rows
        assert "reading orders.csv" in click.unstyle(stream.getvalue())
        assert shown in stream.getvalue()
        assert not_shown not in stream.getvalue()
