"""The daily digest: what was gathered since the last one, by topic, in one mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from auth.news import StopMail
from jobs.letters.clean import one_line
from jobs.letters.content import Content, Entry, Section
from rules.topics import Topic
from ui.formats import date_text, time_text
from ui.terms import term
from ui.words import _, n_

#: As many as somebody reads; what there is beyond them stands in the portal.
MOST = 60


@dataclass(frozen=True)
class News:
    """One mail that was gathered, as it would have been written now."""

    topic: Topic
    at: datetime
    content: Content


def digest_text(person: UUID, gathered: Iterable[News]) -> Content:
    """The topics in the order of the settings, each with the oldest first."""
    news = sorted(gathered, key=lambda each: (tuple(Topic).index(each.topic), each.at))
    n = len(news)
    more = () if n <= MOST else (n_("{n} more stands in the portal.", "{n} more stand in the portal.", n - MOST),)
    return Content(
        subject=n_("Daily digest: {n} update", "Daily digest: {n} updates", n),
        heading=_("Your daily digest, {day}", day=date_text(datetime.now(UTC))),
        paragraphs=more,
        sections=_sections(news[:MOST]),
        reason=_("You get this mail because you chose the daily digest for these topics."),
        stop=(_("No more daily digest"), StopMail(person, None).link),
    )


def _sections(news: list[News]) -> tuple[Section, ...]:
    topics = dict.fromkeys(each.topic for each in news)
    return tuple(
        Section(term("news.topic", topic), tuple(_entry(each) for each in news if each.topic is topic))
        for topic in topics
    )


def _entry(news: News) -> Entry:
    said = one_line(news.content.quoted)
    by = one_line(news.content.quoted_from)
    words = f"{by}: {said}" if said and by else said
    link = news.content.action[1] if news.content.action else None
    return Entry(news.content.subject, link, time_text(news.at), words)
