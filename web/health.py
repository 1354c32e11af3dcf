"""`/healthz`: this process answers. `/readyz`: it can work, with its database, its worker and the mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Row, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from data.engines import auth_engine
from data.migrate import head
from web.metrics import REGISTRY

NO_STORE = {"cache-control": "no-store"}
#: A worker beats every few seconds; mail that waits longer than this has something in its way.
WORKER_PATIENCE = timedelta(seconds=60)
MAIL_PATIENCE = timedelta(minutes=15)


async def healthz(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok\n", headers=NO_STORE)


async def readyz(_request: Request) -> JSONResponse:
    """200 if all is well, else 503; each part says how it is, without naming any customer."""
    parts = await run_in_threadpool(_look)
    ready = all(state == "ok" for state in parts.values())
    return JSONResponse(parts, 200 if ready else 503, NO_STORE)


def _look() -> dict[str, str]:
    try:
        health = _health()
    except SQLAlchemyError:
        return {"database": "out of reach"}
    now = datetime.now(UTC)
    worker_is_there = health.worker_seen is not None and now - health.worker_seen < WORKER_PATIENCE
    mail_moves = health.oldest_mail is None or now - health.oldest_mail < MAIL_PATIENCE
    return {
        "database": "ok",
        "tables": "ok" if health.revision == head() else "not of this version",
        "worker": "ok" if worker_is_there else "not seen for a minute",
        "mail": "ok" if mail_moves else f"waiting for {(now - health.oldest_mail) // timedelta(minutes=1)} minutes",
    }


def _health() -> Row[Any]:
    with auth_engine().begin() as connection:
        return connection.execute(text("select * from signin.health()")).one()


class Outbox(Collector):
    """How the mail does, asked when somebody scrapes; nothing while the database is away, or was not needed yet."""

    def collect(self) -> Iterator[Metric]:
        if not auth_engine.cache_info().currsize:
            return
        try:
            health = _health()
        except SQLAlchemyError:
            return
        waited = (datetime.now(UTC) - health.unsent_since).total_seconds() if health.unsent_since else 0.0
        yield GaugeMetricFamily("portal_mail_oldest_unsent_seconds", "Age of the oldest mail not sent yet", waited)
        yield GaugeMetricFamily(
            "portal_reports_overdue", "Scheduled reports that should have been mailed", health.overdue_reports
        )
        yield GaugeMetricFamily("portal_mail_dead", "Mails that were given up", health.dead_mails)


REGISTRY.register(Outbox())
routes = [Route("/healthz", healthz), Route("/readyz", readyz)]
