"""The words of mails about money that is owed."""

from __future__ import annotations

from urllib.parse import urlencode

from data.settings import settings
from jobs.letters.clean import one_line
from jobs.letters.content import Content, Context
from jobs.letters.facts import Facts
from rules.looking import PARAMETER, word_for
from rules.money import PaymentStatus
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
        action=(_("Open the invoices"), f"{settings().base_url}/invoices?{urlencode(_those(context))}"),
        reason=_("You get this mail because you deal with the invoices of {account}.", account=account),
    )


def _those(context: Context) -> dict[str, str]:
    """The invoices it is about, as an address says them: of this account, whichever its reader looked at last, and
    none that they question."""
    those = {"status": PaymentStatus.OVERDUE.value, "disputed": "no"}
    return those | ({PARAMETER: word_for(*context["of"])} if context.get("of") else {})
