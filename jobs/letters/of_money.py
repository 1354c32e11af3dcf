"""The words of mails about money that is owed."""

from __future__ import annotations

from data.settings import settings
from jobs.letters.clean import one_line
from jobs.letters.content import Content, Context
from jobs.letters.facts import Facts
from ui.reminder import reminder_words
from ui.words import _


def payment_reminder_text(facts: Facts, context: Context) -> Content:
    account = one_line(facts.account)
    words = reminder_words(account, context)
    return Content(
        subject=words.subject,
        heading=words.subject,
        paragraphs=tuple(one_line(paragraph, 500) for paragraph in words.paragraphs),
        facts=tuple((one_line(number), line) for number, line in words.facts),
        action=(_("Open the invoices"), f"{settings().base_url}/invoices?status=overdue"),
        reason=_("You get this mail because you deal with the invoices of {account}.", account=account),
    )
