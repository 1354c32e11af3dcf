"""`/reports/stop`: the link in the mail of a scheduled report; nobody signs in for it."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from auth.report_links import STOP, report_in, stop_report
from data.engines import auth_engine
from ui.reader import reading_as
from ui.words import _
from web.mail_link import answer, not_valid, question, reader_of


async def ask(request: Request) -> HTMLResponse:
    """Programs that look through mail open links too: opening one changes nothing."""
    with reading_as(reader_of(request)):
        if _asked_for(request) is None:
            return not_valid()
        return question(_("No more of this report?"), "", _("Stop the report"))


async def stop(request: Request) -> HTMLResponse:
    """A click on the button, or the one click of a mail program (RFC 8058), which brings no cookie and no origin."""
    report = _asked_for(request)
    done = report is not None and await run_in_threadpool(stop_report, auth_engine(), report)
    with reading_as(reader_of(request)):
        return answer(_("It is stopped. In your settings you can resume it.")) if done else not_valid()


def _asked_for(request: Request) -> int | None:
    return report_in(request.query_params.get("r", ""))


routes = [Route(STOP, ask, methods=["GET"]), Route(STOP, stop, methods=["POST"])]
