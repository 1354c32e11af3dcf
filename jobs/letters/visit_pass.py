"""What a visitor brings along: a code for the reception, and the visit for a calendar."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import segno
from icalendar import Calendar, Event


@dataclass(frozen=True)
class Visit:
    """A visit as its mail carries it. The code is the desk's link to the ticket: it opens nothing for anybody else."""

    number: str
    uuid: str
    begins: datetime
    ends: datetime
    site: str
    title: str
    link: str
    pass_link: str

    def code(self) -> bytes:
        """A PNG with its own white margin, so that it can be read on a dark screen."""
        picture = io.BytesIO()
        segno.make(self.pass_link, error="m").save(picture, kind="png", scale=6, border=4, dark="#000", light="#fff")
        return picture.getvalue()

    def calendar(self, now: datetime) -> bytes:
        """Sent again it is still one visit: the identifier is the ticket's."""
        event = Event()
        event.add("uid", f"{self.uuid}@{urlsplit(self.link).hostname}")
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", self.begins.astimezone(UTC))
        event.add("dtend", self.ends.astimezone(UTC))
        event.add("summary", f"{self.title} ({self.number})")
        event.add("location", self.site)
        event.add("description", self.link)
        event.add("url", self.link)
        calendar = Calendar()
        calendar.add("prodid", "-//Customer portal//visits//EN")
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        calendar.add_component(event)
        return calendar.to_ical()
