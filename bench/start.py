"""How long `./portal run` takes until it is ready: the first time, with the demo's rows to make, and again."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measured import Result, Spread
from bench.plan import Bench
from bench.served import answers, free_port
from data.settings import CHECKOUT
from rules.errors import SetupError

FIRST, AGAIN = 60.0, 5.0
PATIENCE = 300.0


def measure(bench: Bench) -> Iterator[Result]:
    """With everything installed: what the network needs for the download is not the portal's."""
    # itself the instance: where the database has an account of its own, that may not pass a private folder above
    with tempfile.TemporaryDirectory(prefix="portal-bench-start-") as folder:
        home, compiled = Path(folder), bench.stage.folder / "compiled"
        first = _until_ready(home, compiled)
        again = [_until_ready(home, compiled) for _ in range(bench.plan.starts)]
    yield Result("start.first", Spread.of([first / FIRST]), "", f"{first:.1f} s")
    spread = Spread.of([seconds / AGAIN for seconds in again])
    yield Result("start.again", spread, "", ", ".join(f"{seconds:.1f} s" for seconds in again))


def _until_ready(home: Path, compiled: Path) -> float:
    port = free_port()
    # Python keeps what it compiled, as it does after `./portal` installed it, whatever this shell says about that
    without = ("PORTAL_", "DATABASE_URL", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(without)}
    environment = {**kept, "PORTAL_HOME": str(home), "PORTAL_PORT": str(port), "PYTHONPYCACHEPREFIX": str(compiled)}
    started = time.perf_counter()
    command = [sys.executable, str(CHECKOUT / "cli.py"), "run"]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said, start_new_session=True)
        try:
            while not answers(f"http://127.0.0.1:{port}/readyz"):
                if process.poll() is not None or time.perf_counter() - started > PATIENCE:
                    said.seek(0)
                    raise SetupError(f"./portal run did not get ready: {said.read()[-500:].decode()}")
                time.sleep(0.02)
            return time.perf_counter() - started
        finally:
            process.terminate()
            process.wait(60)
