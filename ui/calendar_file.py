"""Somebody's calendar as a file that calendar programs read (RFC 5545), in their language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

from icalendar import Calendar, Event

from data.calendar import CalendarEvent, EventKind
from data.settings import settings
from ui.terms import term
from ui.text import _, reader, time_text

#: How often programs may look again, as far as they listen to it.
AGAIN = timedelta(hours=1)
#: What did not come to be; whoever had it in the calendar sees it struck out.
_OFF = frozenset({"cancelled", "rejected", "no_show"})
_ASKED_FOR = frozenset({"submitted", "pending_approval"})


def calendar_file(events: Sequence[CalendarEvent], *, for_staff: bool) -> bytes:
    """The same bytes as long as nothing has changed."""
    calendar = Calendar()
    calendar.add("prodid", "-//Customer portal//calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", settings().brand_name)
    calendar.add("x-wr-timezone", reader().time_zone)
    calendar.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})
    for event in events:
        calendar.add_component(_entry(event, for_staff=for_staff))
    return calendar.to_ical()


def _entry(event: CalendarEvent, *, for_staff: bool) -> Event:
    entry, link = Event(), _link(event, for_staff=for_staff)
    changed = event.changed_at.astimezone(UTC).replace(microsecond=0)
    entry.add("uid", f"{event.uuid}@{urlsplit(settings().base_url).hostname}")  # as in the mail of an approved visit
    entry.add("dtstamp", changed)
    entry.add("last-modified", changed)
    entry.add("created", event.made_at.astimezone(UTC).replace(microsecond=0))
    # it grows with each change, and nobody has to count them
    entry.add("sequence", max(0, int((event.changed_at - event.made_at).total_seconds())))
    entry.add("dtstart", _moment(event.begins))
    if event.ends is not None and event.ends > event.begins:
        entry.add("dtend", _moment(event.ends))
    entry.add("summary", _summary(event))
    if event.place:
        entry.add("location", event.place)
    entry.add("status", _status(event))
    entry.add("categories", [_kind(event)])
    entry.add("description", "\n".join((*_said(event), link)))
    entry.add("url", link)
    entry.add("transp", "OPAQUE" if event.kind is EventKind.VISIT else "TRANSPARENT")
    return entry


def _moment(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _kind(event: CalendarEvent) -> str:
    return term("ticket.kind" if event.number else "notice.category", event.kind)


def _summary(event: CalendarEvent) -> str:
    what = f"{_kind(event)}: {event.title}"
    return f"{what} ({event.number})" if event.number else what


def _status(event: CalendarEvent) -> str:
    if event.status in _OFF:
        return "CANCELLED"
    return "TENTATIVE" if event.status in _ASKED_FOR else "CONFIRMED"


def _said(event: CalendarEvent) -> tuple[str, ...]:
    if event.status is not None:
        return (_("Status: {status}", status=term("ticket.status", event.status)), time_text(event.begins))
    impact = (_("Your services may be interrupted."),) if event.service_impacting else ()
    return (*impact, time_text(event.begins))


def _link(event: CalendarEvent, *, for_staff: bool) -> str:
    base = settings().base_url
    if event.number is None:
        return f"{base}/notices?notice={event.uuid}"
    return f"{base}/{'queue' if for_staff else 'tickets'}?ticket={quote(event.number)}"
