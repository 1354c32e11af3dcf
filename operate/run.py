"""`./portal run`: what can be refused is refused at once, before the seconds that loading everything takes."""

from __future__ import annotations

import click

from data.settings import settings
from operate.address import take_address


@click.command()
def run() -> None:
    """Start the portal: database, worker and web server, until Ctrl-C."""
    config = settings()
    listener = take_address(config)
    from operate.serving import keep_running  # noqa: PLC0415 - see above

    keep_running(config, listener)
