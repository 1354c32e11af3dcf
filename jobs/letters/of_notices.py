"""The words of mails about notices that staff published: what it is about, where and when, and what became known."""

from __future__ import annotations

from data.settings import settings
from jobs.letters.clean import one_line, several_lines
from jobs.letters.content import Content, Context
from jobs.letters.facts import Announced, Facts
from ui.formats import time_text
from ui.terms import term
from ui.words import _


def published_text(facts: Facts, _context: Context) -> Content:
    notice = _notice(facts)
    return _content(notice, heading=one_line(notice.title), quoted=several_lines(notice.body))


def updated_text(facts: Facts, _context: Context) -> Content:
    notice = _notice(facts)
    heading = _("It is over") if notice.resolved_at is not None else _("There is news")
    return _content(notice, heading=heading, quoted=several_lines(notice.said))


def _notice(facts: Facts) -> Announced:
    assert facts.notice is not None, "the database answers 'full' for mail about a notice that is there"
    return facts.notice


def _content(notice: Announced, *, heading: str, quoted: str) -> Content:
    category, title = term("notice.category", notice.category), one_line(notice.title)
    paragraphs = []
    if notice.service_impacting and notice.resolved_at is None:
        paragraphs.append(_("Your service is affected."))
    if notice.respond_by is not None:
        paragraphs.append(_("Please answer by {time}.", time=time_text(notice.respond_by)))
    return Content(
        subject=one_line(f"{category}: {title}"),
        heading=heading,
        paragraphs=tuple(paragraphs),
        quoted=quoted,
        facts=(
            (_("Notice"), title),
            *((label, words) for label, words in _where_and_when(notice) if words),
        ),
        action=(_("Open the notice"), f"{settings().base_url}/notices?notice={notice.uuid}"),
        reason=_("You get this mail because it concerns an account or a data center of yours."),
    )


def _where_and_when(notice: Announced) -> tuple[tuple[str, str], ...]:
    return (
        (_("Sites"), one_line(notice.sites)),
        (_("Begins"), time_text(notice.starts_at) if notice.starts_at else ""),
        (_("Ends"), time_text(notice.ends_at) if notice.ends_at else ""),
        (_("Resolved"), time_text(notice.resolved_at) if notice.resolved_at else ""),
    )
