"""The words of mails about tickets: to the customer who asked, and to the desk whose promise is at risk."""

from __future__ import annotations

from dataclasses import replace

from jobs.letters.clean import one_line, several_lines
from jobs.letters.content import (
    Content,
    Context,
    about_ticket,
    day_in,
    moment_in,
    portal_link,
    status_word,
    ticket_link,
)
from jobs.letters.facts import Facts
from jobs.letters.visit_pass import Visit
from ui.formats import date_text, time_text
from ui.terms import term
from ui.words import NOTHING, _, n_

# --- to customers


def submitted_text(facts: Facts, _context: Context) -> Content:
    due = facts.answer_by
    promise = () if due is None else (_("We answer by {time} at the latest.", time=time_text(due)),)
    return about_ticket(
        facts,
        subject=_("{number}: we have received your request", number=facts.number or ""),
        heading=_("We have received your request"),
        paragraphs=(*promise, _("You can follow it, add to it or cancel it in the portal at any time.")),
    )


def answered_text(facts: Facts, context: Context) -> Content:
    return _written(
        facts,
        context,
        subject=_("{number}: the service desk has replied", number=facts.number or ""),
        heading=_("The service desk has replied"),
    )


def note_text(facts: Facts, context: Context) -> Content:
    return _written(
        facts,
        context,
        subject=_("{number}: the customer has written", number=facts.number or ""),
        heading=_("The customer has written"),
    )


def _written(facts: Facts, context: Context, *, subject: str, heading: str) -> Content:
    return about_ticket(
        facts,
        subject=subject,
        heading=heading,
        quoted=several_lines(context.get("message")),
        quoted_from=one_line(context.get("by")),
        action=_("Read and reply"),
    )


def status_changed_text(facts: Facts, context: Context) -> Content:
    status = status_word(facts, context)
    return about_ticket(
        facts,
        subject=_("{number}: {status}", number=facts.number or "", status=status),
        heading=_("The status is now: {status}", status=status),
        quoted=several_lines(context.get("reason")),
        shown_status=status,
    )


def waiting_text(facts: Facts, context: Context) -> Content:
    by = moment_in(context.get("respond_by")) or facts.respond_by
    asked = (
        _("Please answer by {time}. Until then our clock is paused.", time=time_text(by))
        if by is not None
        else _("Until you answer, our clock is paused.")
    )
    return about_ticket(
        facts,
        subject=_("{number}: we need your answer", number=facts.number or ""),
        heading=_("We need your answer"),
        paragraphs=(asked,),
        quoted=several_lines(context.get("message")),
        action=_("Answer"),
        shown_status=term("ticket.status", "waiting_customer"),
    )


def resolved_text(facts: Facts, context: Context) -> Content:
    return about_ticket(
        facts,
        subject=_("{number}: resolved", number=facts.number or ""),
        heading=_("Your request is resolved"),
        paragraphs=(
            _("Is everything as it should be? Confirm it and rate our work. If not, reopen it within 7 days."),
            _("Without an answer the ticket closes by itself after 5 days."),
        ),
        quoted=several_lines(context.get("message")),
        action=_("Confirm, rate or reopen"),
        shown_status=term("ticket.status", "resolved"),
    )


def received_text(facts: Facts, context: Context) -> Content:
    until = day_in(context.get("storage_until"))
    stored = (_("We keep it for you until {date}.", date=date_text(until, weekday=True)),) if until is not None else ()
    partial = (_("Not all packages are here yet; we write again when they are."),) if context.get("partial") else ()
    packages = context.get("packages")
    more = ((_("Packages"), n_("{n} package", "{n} packages", packages)),) if isinstance(packages, int) else ()
    return about_ticket(
        facts,
        subject=_("{number}: your shipment has arrived", number=facts.number or ""),
        heading=_("Your shipment has arrived"),
        paragraphs=(*partial, *stored),
        more=more,
    )


def storage_ends_text(facts: Facts, context: Context) -> Content:
    until = day_in(context.get("until"))
    day = date_text(until, weekday=True) if until is not None else NOTHING
    return about_ticket(
        facts,
        subject=_("{number}: your shipment waits to be collected", number=facts.number or ""),
        heading=_("Your shipment still waits in storage"),
        paragraphs=(
            _("The storage time ends on {date}.", date=day),
            _("Please collect it, or tell us in the ticket what to do with it."),
        ),
        more=((_("Kept until"), day),),
        action=_("Open the ticket"),
    )


def approved_text(facts: Facts, context: Context) -> Content:
    begins, ends = moment_in(context.get("starts_at")), moment_in(context.get("ends_at"))
    visitors = tuple(one_line(name) for name in context.get("visitors") or ())
    zone = facts.site_zone
    more = (
        (_("Begins"), time_text(begins, zone=zone)),
        (_("Ends"), time_text(ends, zone=zone)),
        (_("Visitors"), ", ".join(visitors) or NOTHING),
    )
    content = about_ticket(
        facts,
        subject=_("{number}: your visit is approved", number=facts.number or ""),
        heading=_("Your visit is approved"),
        paragraphs=(
            _("Show this code at the reception. Everybody needs a photo ID with the name given here."),
            _("The visit is attached for your calendar."),
        ),
        more=more,
    )
    if begins is None or ends is None:
        return content
    visit = Visit(
        number=facts.number or "", uuid=str(facts.ticket_uuid), begins=begins, ends=ends, site=one_line(facts.site),
        title=_("Visit to {site}", site=one_line(facts.site)), link=ticket_link(facts),
        pass_link=portal_link("queue", facts.number or ""),
    )  # fmt: skip
    return replace(content, visit=visit)


# --- to staff


def warning_text(facts: Facts, context: Context) -> Content:
    return _clock(
        facts,
        context,
        subject=_("{number}: the promise is at risk", number=facts.number or ""),
        heading=_("Three quarters of the time are used up"),
    )


def breach_text(facts: Facts, context: Context) -> Content:
    return _clock(
        facts,
        context,
        subject=_("{number}: the promise was missed", number=facts.number or ""),
        heading=_("A promise was missed"),
    )


def _clock(facts: Facts, context: Context, *, subject: str, heading: str) -> Content:
    deadline = moment_in(context.get("deadline"))
    more = (
        (_("Account"), one_line(facts.account)),
        (_("Promise"), _promise(facts, str(context.get("clock")))),
        (_("Due"), time_text(deadline)),
    )
    return about_ticket(facts, subject=subject, heading=heading, more=more, action=_("Open the ticket"))


def _promise(facts: Facts, clock: str) -> str:
    if clock == "second" and facts.ticket_kind in {"remote_hands", "fault", "shipment"}:
        return term("clock.second", facts.ticket_kind)
    return term("clock", clock)
