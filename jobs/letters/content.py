"""What every mail consists of, and what all mails about a ticket say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from auth.watching import WatchStep, watch_link
from data.settings import settings
from jobs.letters.clean import one_line
from jobs.letters.facts import Facts
from jobs.letters.visit_pass import Visit
from ui.terms import term
from ui.words import NOTHING, _

Context = Mapping[str, Any]


@dataclass(frozen=True)
class AttachedFile:
    """A file as its mail carries it."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Entry:
    """One piece of news among several."""

    title: str
    link: str | None
    at: str
    said: str = ""


@dataclass(frozen=True)
class Section:
    """Several pieces of news about the same."""

    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Content:
    """What a mail says, before it is set in type. Everything in it is clean."""

    subject: str
    heading: str
    paragraphs: tuple[str, ...] = ()
    #: Somebody's own words, and whose they are.
    quoted: str = ""
    quoted_from: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    #: Of a digest: what there is to tell.
    sections: tuple[Section, ...] = ()
    action: tuple[str, str] | None = None
    #: Why the recipient gets it.
    reason: str = ""
    #: The link that ends what an address watches, and the words and the link that end mail about this topic.
    leave: str | None = None
    stop: tuple[str, str] | None = None
    visit: Visit | None = field(default=None, repr=False)
    #: What goes along with it.
    file: AttachedFile | None = field(default=None, repr=False)


def about_ticket(
    facts: Facts,
    *,
    subject: str,
    heading: str,
    paragraphs: tuple[str, ...] = (),
    quoted: str = "",
    quoted_from: str = "",
    more: tuple[tuple[str, str], ...] = (),
    action: str | None = None,
    shown_status: str | None = None,
) -> Content:
    about = one_line(facts.subject)
    return Content(
        subject=one_line(f"{subject} · {about}" if about else subject),
        heading=heading,
        paragraphs=paragraphs,
        quoted=quoted,
        quoted_from=quoted_from,
        facts=(
            (_("Number"), facts.number or NOTHING),
            (_("Type"), term("ticket.kind", facts.ticket_kind)),
            (_("Subject"), about or NOTHING),
            (_("Site"), one_line(facts.site) or NOTHING),
            (_("Status"), shown_status or term("ticket.status", facts.status)),
            *more,
        ),
        action=(action or _("Open the ticket"), ticket_link(facts)),
        reason=_why(facts),
        leave=watch_link(WatchStep.LEAVE, facts.watcher) if facts.watcher is not None else None,
    )


def _why(facts: Facts) -> str:
    number = facts.number or ""
    if facts.for_staff:
        return _("You get this mail because you look after {number}.", number=number)
    if facts.watcher is not None:
        return _("You get this mail because you watch {number}.", number=number)
    return _("You get this mail because you requested {number}.", number=number)


def brief_facts(facts: Facts, context: Context | None = None) -> tuple[tuple[str, str], ...]:
    return (
        (_("Number"), facts.number or NOTHING),
        (_("Type"), term("ticket.kind", facts.ticket_kind)),
        (_("Status"), status_word(facts, context or {})),
        (_("Site"), one_line(facts.site) or NOTHING),
    )


def status_word(facts: Facts, context: Context) -> str:
    """What the mail is about, which may have changed again since."""
    return term("ticket.status", context.get("status") or facts.status)


def ticket_link(facts: Facts) -> str:
    return portal_link("queue" if facts.for_staff else "tickets", facts.number or "")


def portal_link(page: str, number: str) -> str:
    return f"{settings().base_url}/{page}?ticket={quote(number)}"


def moment_in(written: object) -> datetime | None:
    return datetime.fromisoformat(written) if isinstance(written, str) else None


def day_in(written: object) -> date | None:
    return date.fromisoformat(written[:10]) if isinstance(written, str) else None
