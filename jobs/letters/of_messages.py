"""The words of mails about messages, to whoever takes part in a conversation and has not read on."""

from __future__ import annotations

from data.settings import settings
from jobs.letters.clean import one_line, several_lines
from jobs.letters.content import Content, Context
from jobs.letters.facts import Facts
from ui.terms import term
from ui.words import NOTHING, _


def message_received_text(facts: Facts, context: Context) -> Content:
    about = facts.words
    assert about is not None, "the database answers 'full' for mail about a message that is there"
    who, subject = one_line(about.said_by), one_line(about.subject)
    by = one_line(context.get("by"))
    title = _("{who} added you to: {subject}", who=by, subject=subject) if by else ""
    return Content(
        subject=one_line(title or _("{who} has written: {subject}", who=who, subject=subject)),
        heading=_("You take part in a conversation now") if by else _("A message for you"),
        quoted=several_lines(about.said),
        quoted_from=who,
        facts=(
            (_("Subject"), subject or NOTHING),
            (_("Account"), one_line(about.account) or NOTHING),
            (_("Written to"), term("message.desk", about.desk)),
        ),
        action=(_("Read and reply"), f"{settings().base_url}/messages?thread={about.uuid}"),
        reason=_(
            "You get this mail because you take part in this conversation. There is no other until you have read it."
        ),
    )
