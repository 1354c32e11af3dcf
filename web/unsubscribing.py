"""`/unsubscribe`: no more mail about something, by one click of its reader or of their mail program (RFC 8058)."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from auth.news import StopMail, stop_mail
from data.engines import auth_engine
from ui.reader import reading_as
from ui.terms import term
from ui.words import _
from web.mail_link import answer, not_valid, question, reader_of
from web.request import client


async def ask(request: Request) -> HTMLResponse:
    """The link in the mail."""
    asked = _asked(request)
    with reading_as(reader_of(request)):
        if asked is None:
            return not_valid()
        if asked.topic is None:
            heading = _("No more daily digest?")
        else:
            heading = _("No more mail about this: {topic}?", topic=term("news.topic", asked.topic))
        return question(heading, _("You will still find everything in the portal."), _("Send me no more mail"))


async def do(request: Request) -> HTMLResponse:
    """A click on the button, or the one click of a mail program, which brings no cookie and no origin."""
    asked = _asked(request)
    done = asked is not None and await run_in_threadpool(stop_mail, auth_engine(), asked, address=client(request))
    with reading_as(reader_of(request)):
        if asked is None or not done:
            return not_valid()
        if asked.topic is None:
            return answer(_("You will get no more daily digest. In the settings of the portal you can choose again."))
        return answer(
            _(
                "You will get no more mail about this: {topic}. In the settings of the portal you can choose again.",
                topic=term("news.topic", asked.topic),
            )
        )


def _asked(request: Request) -> StopMail | None:
    return StopMail.of(request.query_params.get("t", ""))


routes = [
    Route("/unsubscribe", ask, methods=["GET"], name="unsubscribe_get"),
    Route("/unsubscribe", do, methods=["POST"], name="unsubscribe_post"),
]
