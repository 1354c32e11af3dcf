"""`/calendar/<token>.ics`: somebody's calendar, for the program that was given its address; nobody signs in for it."""

from __future__ import annotations

import hashlib

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from auth.feeds import TooOften, feed_of
from data.calendar import events_of
from data.engines import app_engine, auth_engine
from rules.errors import SignedOut
from ui.calendar_file import calendar_file
from ui.text import Reader, language_for, reading_as
from web.request import client

#: A program asks each time whether there is something new, and keeps it for nobody else.
_HEADERS = {"cache-control": "private, no-cache", "x-robots-tag": "noindex", "referrer-policy": "no-referrer"}
LONGEST_TOKEN = 100


async def calendar(request: Request) -> Response:
    """One answer for every address that is none: never made, taken back, or of somebody who is gone."""
    token: str = request.path_params["token"]
    try:
        body = await run_in_threadpool(_file, token[:LONGEST_TOKEN], client(request))
    except TooOften:
        return PlainTextResponse("Too many requests\n", 429, {"retry-after": "600", "cache-control": "no-store"})
    if body is None:
        return PlainTextResponse("Not found\n", 404, {"cache-control": "no-store"})
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {**_HEADERS, "etag": tag}
    if tag in (part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=headers)
    named = {"content-disposition": 'inline; filename="calendar.ics"', "x-content-type-options": "nosniff"}
    return Response(body, media_type="text/calendar; charset=utf-8", headers={**headers, **named})


def _file(token: str, address: str | None) -> bytes | None:
    with feed_of(auth_engine(), token, address) as principal:
        if principal is None:
            return None
        reader = Reader(language_for(principal.language), principal.time_zone or "UTC")
        with reading_as(reader):
            try:
                events = events_of(app_engine(), principal, reader.language)
            except SignedOut:  # at this very moment
                return None
            return calendar_file(events, for_staff=principal.is_staff)


routes = [Route("/calendar/{token}.ics", calendar)]
