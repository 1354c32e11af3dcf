"""`./portal worker`: what happens in the background, here or on a machine of its own."""

from __future__ import annotations

import signal
import threading
from contextlib import nullcontext

import click

from auth.passwords import hash_password
from data.opening import opened
from data.settings import settings
from operate.screen import say


@click.command()
@click.option("--beside-portal", is_flag=True, hidden=True, help="Started by `run`, which has opened the database.")
def worker(*, beside_portal: bool) -> None:
    """Work in the background: mail, clocks, reports. `run` starts one itself."""
    stopping = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stopping.set())
    config = settings()
    with (
        nullcontext()
        if beside_portal
        else opened(config, purpose="./portal worker", say=say, hash_password=hash_password)
    ):
        from jobs.worker import work  # noqa: PLC0415 - the jobs read the settings when they are loaded

        work(stopping)
