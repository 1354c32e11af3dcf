"""`./portal migrate`: everything that `run` does to a database before serving, and nothing else."""

from __future__ import annotations

import click

from auth.passwords import hash_password
from data.instance import open_home
from data.opening import opened, prepare
from data.settings import settings
from operate.screen import say


@click.command()
def migrate() -> None:
    """Prepare the database for this version, without starting the portal."""
    config = settings()
    open_home(config.home)
    if config.database_url is not None:
        kind = prepare(config, config.database_url, say, hash_password)
    else:
        with opened(config, purpose="./portal migrate", say=say, hash_password=hash_password) as database:
            kind = database.kind
    say(f"the database of this {kind} instance is up to date")
