"""The whole portal, in this process and its children, until somebody stops it: web, then worker, then database."""

from __future__ import annotations

import os
import signal
import socket
from types import FrameType

import click
import uvicorn

from auth.passwords import hash_password
from data.companions import Companions
from data.demo.cast import PEOPLE
from data.instance import Kind, demo_password, staff_must_have_factor
from data.live import news
from data.opening import Opened
from data.settings import CHECKOUT, Settings
from operate.address import why_not
from operate.screen import say
from rules.errors import SetupError

LAST_REQUESTS = 2  # seconds a page or a download gets to finish when the portal stops


class Stopped(BaseException):
    """Somebody asked us to stop; no error, and nothing in between may swallow it."""


class Web(uvicorn.Server):
    """Says where it is as soon as it answers."""

    def __init__(self, config: uvicorn.Config, greeting: list[str]) -> None:
        super().__init__(config)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        for line in self._greeting:
            click.echo(line)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        news.is_on = False  # questions of tabs that wait for something new are answered now
        await super().shutdown(sockets)


def keep_running(config: Settings, listener: socket.socket) -> None:
    """Returns when the portal was stopped and nothing of it is left."""
    companions = Companions(config, purpose="./portal run", say=say, hash_password=hash_password)
    _stop_on_signals()
    try:
        _serve(config, companions.start(), listener)
    except Stopped:
        say("stopping …")
    finally:
        _ignore_further_signals()
        listener.close()
        companions.stop()


def _serve(config: Settings, opened: Opened, listener: socket.socket) -> None:
    os.chdir(CHECKOUT)  # Streamlit looks for its configuration here
    web = Web(
        uvicorn.Config(
            "app:app",
            loop="uvloop",
            log_level="warning",
            ws="websockets-sansio",
            ws_per_message_deflate=False,  # costs more CPU than the bytes it saves on a page of a list
            ws_ping_interval=30,
            ws_ping_timeout=30,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # web/proxies.py believes only PORTAL_TRUSTED_PROXIES
            timeout_graceful_shutdown=LAST_REQUESTS,
        ),
        _greeting(config, opened.kind),
    )
    try:
        web.run(sockets=[listener])
    except OSError as error:  # somebody else listened first, after we took the address
        raise SetupError(why_not(config, error)) from error
    except SystemExit as failed:  # uvicorn has said why
        raise SetupError("the web server did not start: see above") from failed


def _greeting(config: Settings, kind: Kind) -> list[str]:
    lines = ["", f"  {config.brand_name}: {config.base_url}", ""]
    if kind is Kind.DEMO:
        lines += [f"  {person.email:<24}{person.name}" for person in PEOPLE]
        lines += [f"  password for each of them: {demo_password(config)}", ""]
    if not staff_must_have_factor(config, kind):
        lines += ["  staff sign in with their password alone (PORTAL_STAFF_SECOND_FACTOR)", ""]
    return [*lines, "  Ctrl-C stops it.", ""]


def _stop_on_signals() -> None:
    """Ctrl-C, `kill` and a closed terminal are the same wish; while it serves, uvicorn takes the first two."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise Stopped

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))


def _ignore_further_signals() -> None:
    """A second Ctrl-C must not leave the database half stopped; stopping takes seconds at most."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
