"""The words of mails about disputes of invoices: to the local finance team, and to whoever took part in one."""

from __future__ import annotations

from data.settings import settings
from jobs.letters.clean import one_line, several_lines
from jobs.letters.content import Content, Context
from jobs.letters.facts import Facts, Question
from ui.formats import money_text
from ui.terms import term
from ui.words import NOTHING, _


def opened_text(facts: Facts, _context: Context) -> Content:
    about = _about(facts)
    return _content(
        about,
        subject=_("{number}: {account} disputes an invoice", number=about.invoice, account=one_line(about.account)),
        heading=_("An invoice is disputed"),
        action=_("Read and answer"),
        reason=_to_finance(about),
    )


def note_text(facts: Facts, _context: Context) -> Content:
    about = _about(facts)
    is_over = about.brought == "closed"
    return _content(
        about,
        subject=_("{number}: the dispute was closed by the customer", number=about.invoice)
        if is_over
        else _("{number}: the customer has written about the dispute", number=about.invoice),
        heading=_("The customer has closed the dispute") if is_over else _("The customer has written"),
        action=_("Open the dispute") if is_over else _("Read and answer"),
        reason=_to_finance(about),
    )


def answered_text(facts: Facts, _context: Context) -> Content:
    about = _about(facts)
    return _content(
        about,
        subject=_("{number}: finance has answered your dispute", number=about.invoice),
        heading=_("Finance has answered"),
        action=_("Read and reply"),
        reason=_to_customer(about),
    )


def decided_text(facts: Facts, _context: Context) -> Content:
    about = _about(facts)
    state = term("dispute.state", about.brought or about.state)
    means = {
        "accepted": _("We agree, and credit the amount below."),
        "rejected": _("We looked at it and find the invoice right. The reason stands below."),
    }.get(about.brought or "")
    return _content(
        about,
        subject=_("{number}: your dispute is {state}", number=about.invoice, state=state.lower()),
        heading=_("Your dispute: {state}", state=state),
        paragraphs=(means,) if means else (),
        action=_("Open the dispute"),
        reason=_to_customer(about),
    )


def _about(facts: Facts) -> Question:
    assert facts.question is not None, "the database answers 'full' for mail about a dispute that is there"
    return facts.question


def _content(
    about: Question, *, subject: str, heading: str, action: str, reason: str, paragraphs: tuple[str, ...] = ()
) -> Content:
    agreed = () if about.agreed is None else ((_("Credited"), money_text(about.agreed, about.currency)),)
    return Content(
        subject=one_line(subject),
        heading=heading,
        paragraphs=paragraphs,
        quoted=several_lines(about.said),
        quoted_from=one_line(about.said_by),
        facts=(
            (_("Invoice"), about.invoice),
            (_("Account"), one_line(about.account) or NOTHING),
            (_("Issued by"), one_line(about.issuer) or NOTHING),
            (_("Reason"), term("dispute.reason", about.reason)),
            (_("In question"), money_text(about.amount, about.currency)),
            *agreed,
        ),
        action=(action, f"{settings().base_url}/disputes?dispute={about.uuid}"),
        reason=reason,
    )


def _to_finance(about: Question) -> str:
    return _("You get this mail because this is the finance address of {issuer}.", issuer=one_line(about.issuer))


def _to_customer(about: Question) -> str:
    return _("You get this mail because you took part in the dispute of {number}.", number=about.invoice)
