"""`/watch/…`: an outside address agrees to get mail about a ticket, or wants no more; nobody signs in for that."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from auth.watching import WatchStep, take_step, watcher_in
from data.engines import auth_engine
from ui.reader import reading_as
from ui.words import _
from web.mail_link import answer, not_valid, question, reader_of


async def ask(request: Request) -> HTMLResponse:
    step, watcher = _asked_for(request)
    with reading_as(reader_of(request)):
        if watcher is None:
            return not_valid()
        heading, button = {
            WatchStep.CONFIRM: (_("Do you want mail about this ticket?"), _("Yes, send me mail")),
            WatchStep.LEAVE: (_("No more mail about this ticket?"), _("Send me no more mail")),
        }[step]
        return question(heading, "", button)


async def do(request: Request) -> HTMLResponse:
    """A click on the button, or the one click of a mail program (RFC 8058), which brings no cookie and no origin."""
    step, watcher = _asked_for(request)
    done = watcher is not None and await run_in_threadpool(take_step, auth_engine(), step, watcher)
    with reading_as(reader_of(request)):
        if not done:
            return not_valid()
        said = {
            WatchStep.CONFIRM: _("You will get mail when this ticket changes."),
            WatchStep.LEAVE: _("You will get no more mail about this ticket."),
        }
        return answer(said[step])


def _asked_for(request: Request) -> tuple[WatchStep, int | None]:
    step = WatchStep(request.url.path.rpartition("/")[2])
    return step, watcher_in(step, request.query_params.get("w", ""))


routes = [
    Route(f"/watch/{step}", endpoint, methods=[method], name=f"watch_{step}_{method.lower()}")
    for step in WatchStep
    for method, endpoint in (("GET", ask), ("POST", do))
]
