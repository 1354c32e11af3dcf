"""The words of every mail: one function per kind, in the language and on the clock of whoever reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from auth.password_links import FORGOTTEN, link_for
from auth.watching import WatchStep, watch_link
from data.settings import settings
from jobs.letters.clean import one_line, several_lines
from jobs.letters.content import (
    Content,
    Context,
    about_ticket,
    brief_facts,
    day_in,
    moment_in,
    portal_link,
    status_word,
    ticket_link,
)
from jobs.letters.facts import Facts
from jobs.letters.of_access import access_asked_text, handed_over_text, invitation_text
from jobs.letters.of_disputes import answered_text, decided_text, note_text, opened_text
from jobs.letters.of_issuers import bank_details_text
from jobs.letters.of_messages import message_received_text
from jobs.letters.of_money import payment_reminder_text
from jobs.letters.of_notices import published_text, updated_text
from jobs.letters.of_reports import rights_changed_text, scheduled_report_text
from jobs.letters.visit_pass import Visit
from rules.mail import MailKind
from rules.sign_in import FactorNews
from ui.device import device_text
from ui.formats import date_text, time_text
from ui.terms import term
from ui.words import NOTHING, _, n_


def full_text(kind: MailKind, facts: Facts, context: Context) -> Content:
    """For whoever may read the ticket."""
    return _FULL[kind](facts, context)


def brief_text(kind: MailKind, facts: Facts, context: Context) -> Content:
    """For who watches without access: number, kind, status and site (SPEC §3), whatever happened; and for whose rights
    are not those any more that a file was written for."""
    if kind is MailKind.SCHEDULED_REPORT:
        return rights_changed_text(facts, context)
    number = facts.number or ""
    if kind is MailKind.WATCH_CONFIRM:
        assert facts.watcher is not None, "the database answers for live watchers only"
        return Content(
            subject=_("{number}: do you want mail about this ticket?", number=number),
            heading=_("You were asked to watch a ticket"),
            paragraphs=(
                _("Somebody who works on this ticket wants you to hear when its status changes."),
                _("You will get mail only if you agree. If you do not know what this is about, do nothing."),
            ),
            facts=brief_facts(facts),
            action=(_("Yes, send me mail"), watch_link(WatchStep.CONFIRM, facts.watcher)),
            reason=_("This address was entered as a watcher of {number}.", number=number),
            leave=watch_link(WatchStep.LEAVE, facts.watcher),
        )
    return Content(
        subject=_("{number}: {status}", number=number, status=status_word(facts, context)),
        heading=_("News about {number}", number=number),
        paragraphs=(_("The ticket you watch has changed."),),
        facts=brief_facts(facts, context),
        reason=_("You get this mail because you watch {number}.", number=number),
        leave=watch_link(WatchStep.LEAVE, facts.watcher) if facts.watcher is not None else None,
    )


# --- to customers


def _submitted(facts: Facts, _context: Context) -> Content:
    due = facts.answer_by
    promise = () if due is None else (_("We answer by {time} at the latest.", time=time_text(due)),)
    return about_ticket(
        facts,
        subject=_("{number}: we have received your request", number=facts.number or ""),
        heading=_("We have received your request"),
        paragraphs=(*promise, _("You can follow it, add to it or cancel it in the portal at any time.")),
    )


def _answered(facts: Facts, context: Context) -> Content:
    return _written(
        facts,
        context,
        subject=_("{number}: the service desk has replied", number=facts.number or ""),
        heading=_("The service desk has replied"),
    )


def _note(facts: Facts, context: Context) -> Content:
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


def _status_changed(facts: Facts, context: Context) -> Content:
    status = status_word(facts, context)
    return about_ticket(
        facts,
        subject=_("{number}: {status}", number=facts.number or "", status=status),
        heading=_("The status is now: {status}", status=status),
        quoted=several_lines(context.get("reason")),
        shown_status=status,
    )


def _waiting(facts: Facts, context: Context) -> Content:
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


def _resolved(facts: Facts, context: Context) -> Content:
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


def _received(facts: Facts, context: Context) -> Content:
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


def _storage_ends(facts: Facts, context: Context) -> Content:
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


def _approved(facts: Facts, context: Context) -> Content:
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


def _warning(facts: Facts, context: Context) -> Content:
    return _clock(
        facts,
        context,
        subject=_("{number}: the promise is at risk", number=facts.number or ""),
        heading=_("Three quarters of the time are used up"),
    )


def _breach(facts: Facts, context: Context) -> Content:
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


# --- about somebody's own way in


def _password_link(_facts: Facts, context: Context) -> Content:
    return Content(
        subject=_("Set a new password"),
        heading=_("Set a new password"),
        paragraphs=(
            _("Somebody, we think you, asked for a new password for this address."),
            _("The link works once, within 30 minutes. Asking again makes the link before it worthless."),
            _("If it was not you, do nothing: your password stays as it is."),
        ),
        action=(_("Choose a password"), link_for(str(context.get("nonce")))),
        reason=_("You get this mail because a new password was asked for on the sign-in page."),
    )


def _where(context: Context) -> tuple[tuple[str, str], ...]:
    """When and from where somebody changed their own way in; nobody's browser, where the operator did."""
    when = (_("When"), time_text(moment_in(context.get("at"))))
    if "device" not in context:
        return (when,)
    device, address = one_line(context.get("device")), one_line(context.get("address"))
    return when, (_("Device"), device_text(device)), (_("Address"), address or NOTHING)


def _factor_changed(_facts: Facts, context: Context) -> Content:
    what = FactorNews(str(context.get("what")))
    said = term("factor.news", what)
    by_operator = what is FactorNews.RESET
    return Content(
        subject=said,
        heading=said,
        paragraphs=(
            term("factor.means", what),
            _("Ask the service desk about it if you do not know why.")
            if by_operator
            else _("If it was not you, change your password at once and tell the service desk."),
        ),
        facts=_where(context),
        action=(_("To your settings"), f"{settings().base_url}/settings"),
        reason=_("You get this mail because it is about your own way to sign in."),
    )


def _password_changed(_facts: Facts, context: Context) -> Content:
    return Content(
        subject=_("Your password was changed"),
        heading=_("Your password was changed"),
        paragraphs=(
            _("You are signed out everywhere else."),
            _("If it was not you, ask for a new password at once and tell the service desk."),
        ),
        facts=_where(context),
        action=(_("Ask for a new password"), f"{settings().base_url}{FORGOTTEN}"),
        reason=_("You get this mail because it is about your own password."),
    )


# --- about accounts and who may do what there


def _staff_welcome(_facts: Facts, context: Context) -> Content:
    role = term("staff.role", str(context.get("role")))
    return Content(
        subject=_("Your way into the portal"),
        heading=_("Welcome"),
        paragraphs=(
            _("You work in the portal as: {role}.", role=role),
            _("Choose a password with this link. It works once, within three days."),
            _("If it is too late, ask for a new password on the sign-in page."),
        ),
        action=(_("Choose a password"), link_for(str(context.get("nonce")))),
        reason=_("You get this mail because an administrator added you to the staff."),
    )


def _access_by_staff(facts: Facts, context: Context) -> Content:
    account, member = one_line(facts.account), one_line(context.get("member"))
    role = context.get("role")
    now = term("membership.role", str(role)) if role else _("no longer belongs to the account")
    match context.get("did"):
        case "access.invite":
            now = _("invited as: {role}", role=now)
        case "access.resend":
            now = _("invited again as: {role}", role=now)
        case "access.revoke":
            now = _("no longer invited")
    return Content(
        subject=_("{account}: we changed access rights", account=account),
        heading=_("We changed access rights in your account"),
        paragraphs=(
            _("It was done at somebody's request. If you do not know of it, please tell the service desk at once."),
        ),
        quoted=several_lines(context.get("reason")),
        quoted_from=one_line(context.get("by")),
        facts=((_("Account"), account or NOTHING), (_("Person"), member or NOTHING), (_("Now"), now)),
        action=(_("Open the audit log"), f"{settings().base_url}/audit"),
        reason=_("You get this mail because you run this account."),
    )


def _account_moved(facts: Facts, context: Context) -> Content:
    account, above = one_line(facts.account), one_line(context.get("above"))
    if context.get("is_attached"):
        heading = _("{account} is now a part of {above}", account=account, above=above)
        means = _("Whoever administers {above} now administers {account} as well.", account=account, above=above)
    else:
        heading = _("{account} is no longer a part of {above}", account=account, above=above)
        means = _("Whoever administers {above} no longer administers {account}.", account=account, above=above)
    return Content(
        subject=heading,
        heading=heading,
        paragraphs=(means, _("If you do not know why, please ask your account manager or the service desk.")),
        facts=((_("Account"), account or NOTHING), (_("Done by"), one_line(context.get("by")) or NOTHING)),
        action=(_("Open the portal"), f"{settings().base_url}/"),
        reason=_("You get this mail because you run one of these accounts, or did until now."),
    )


def _promise(facts: Facts, clock: str) -> str:
    if clock == "second" and facts.ticket_kind in {"remote_hands", "fault", "shipment"}:
        return term("clock.second", facts.ticket_kind)
    return term("clock", clock)


_FULL: dict[MailKind, Callable[[Facts, Context], Content]] = {
    MailKind.TICKET_SUBMITTED: _submitted,
    MailKind.TICKET_ANSWERED: _answered,
    MailKind.TICKET_NOTE: _note,
    MailKind.TICKET_STATUS: _status_changed,
    MailKind.TICKET_WAITING: _waiting,
    MailKind.TICKET_RESOLVED: _resolved,
    MailKind.SHIPMENT_RECEIVED: _received,
    MailKind.STORAGE_ENDS: _storage_ends,
    MailKind.VISIT_APPROVED: _approved,
    MailKind.WATCH_CONFIRM: _status_changed,  # a member needs no confirmation: told like of any change
    MailKind.SLA_WARNING: _warning,
    MailKind.SLA_BREACH: _breach,
    MailKind.LINK_ASKED_FOR: _password_link,
    MailKind.WAY_IN_CHANGED: _password_changed,
    MailKind.STAFF_WELCOME: _staff_welcome,
    MailKind.ACCESS_BY_STAFF: _access_by_staff,
    MailKind.ACCOUNT_MOVED: _account_moved,
    MailKind.INVITATION: invitation_text,
    MailKind.ACCESS_ASKED: access_asked_text,
    MailKind.HANDED_OVER: handed_over_text,
    MailKind.PAYMENT_REMINDER: payment_reminder_text,
    MailKind.BANK_DETAILS: bank_details_text,
    MailKind.FACTOR_CHANGED: _factor_changed,
    MailKind.DISPUTE_OPENED: opened_text,
    MailKind.DISPUTE_NOTE: note_text,
    MailKind.DISPUTE_ANSWERED: answered_text,
    MailKind.DISPUTE_DECIDED: decided_text,
    MailKind.SCHEDULED_REPORT: scheduled_report_text,
    MailKind.MESSAGE_RECEIVED: message_received_text,
    MailKind.NOTICE_PUBLISHED: published_text,
    MailKind.NOTICE_UPDATED: updated_text,
}
