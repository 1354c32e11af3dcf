"""`/healthz`: this process answers. `/readyz`: it can work, with its database, its worker and the mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from data.engines import auth_engine
from data.migrate import head

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
        with auth_engine().begin() as connection:
            health = connection.execute(text("select * from signin.health()")).one()
    except SQLAlchemyError:
        return {"database": "out of reach"}
    now = datetime.now(UTC)
    worker_is_there = health.worker_seen is not None and now - health.worker_seen < WORKER_PATIENCE
    mail_moves = health.oldest_mail is None or now - health.oldest_mail < MAIL_PATIENCE
    return {
        "database": "ok",
        "tables": "ok" if health.revision == head() else "not of this version",
        "worker": "ok" if worker_is_there else "not seen for a minute",
        "mail": "ok" if mail_moves else "waiting for more than 15 minutes",
    }


routes = [Route("/healthz", healthz), Route("/readyz", readyz)]
