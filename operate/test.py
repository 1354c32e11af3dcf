"""`./portal test`: what takes seconds first, so that a slip shows at once; then every test."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import click

from data.settings import CHECKOUT
from operate.browser import ensure_chromium
from operate.screen import say

BIN = Path(sys.executable).parent
LINTS: dict[str, list[str]] = {
    "ruff check": ["ruff", "check", "--quiet"],
    "ruff format": ["ruff", "format", "--check", "--quiet"],
    "imports": ["lint-imports", "--no-cache"],
    "dependencies": ["deptry", ".", "--no-ansi"],
}
# A test decides its own settings: what is set in this shell for a real portal must not reach it.
OURS = ("PORTAL_", "DATABASE_URL", "STREAMLIT_", "PG")


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--slow", is_flag=True, help="Also the tests that take minutes.")
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def test(*, slow: bool, pytest_arguments: tuple[str, ...]) -> None:
    """Check the code: lints, then every test; --slow adds the long ones. Further arguments go to pytest."""
    os.chdir(CHECKOUT)
    os.umask(0o022)
    _lint()
    chromium = ensure_chromium()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    # Who waits for a browser needs no core, so there is one process more than cores; what shares a module's database
    # tends to stay together, and nobody idles at the end.
    spread = [] if {"-n", "-n0"} & set(pytest_arguments) else ["-n", str(_cores() + 1), "--dist", "worksteal"]
    which = ["-m", ""] if slow else []
    command = [sys.executable, "-m", "pytest", *spread, *which, *pytest_arguments]
    sys.stdout.flush()
    os.execve(sys.executable, command, {**kept, "CHROMIUM": str(chromium)})  # noqa: S606 - pytest has the last word


def _lint() -> None:
    for name, (program, *arguments) in LINTS.items():
        started = time.monotonic()
        done = subprocess.run([BIN / program, *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            click.echo(done.stdout + done.stderr)
            say(f"{name}: not in order, see above")
            sys.exit(done.returncode)
        say(f"{name}: in order ({time.monotonic() - started:.1f} s)")


def _cores() -> int:
    return max(2, min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2))
