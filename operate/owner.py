"""Beside the portal, with the rights of its tables' owner: how the operator's commands change rows."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import click
from sqlalchemy import Engine

from data.instance import Kind
from data.migrate import bootstrap_engine
from data.opening import opened
from data.settings import Settings, settings
from operate.screen import say
from rules.errors import SetupError

into_demo = click.option("--into-demo", is_flag=True, help="Also if this is a demo, whose rows are invented.")


@contextmanager
def bootstrap(*, purpose: str, into_demo: bool) -> Generator[Engine]:
    """Connections of the bootstrap login, whether the portal runs or not; a demo is refused."""
    config = settings()
    if not into_demo and _would_be_a_demo(config):
        raise _is_a_demo()
    with opened(config, purpose=purpose, say=say) as database:
        if not into_demo and database.kind is Kind.DEMO:
            raise _is_a_demo()
        engine = bootstrap_engine(database.url)
        try:
            yield engine
        finally:
            engine.dispose()


def _would_be_a_demo(config: Settings) -> bool:
    """Making one takes a while, and would be for nothing."""
    return config.is_demo and not (config.home / "postgres").exists()


def _is_a_demo() -> SetupError:
    return SetupError(
        "this is a demo, whose rows and people are invented: add --into-demo if that is what you want, "
        "or give your own rows an instance of their own with PORTAL_DEMO=0 and PORTAL_HOME"
    )
