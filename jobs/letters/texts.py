"""The words of every mail: one function per kind, in the language and on the clock of whoever reads it; here, which."""

from __future__ import annotations

from collections.abc import Callable

from auth.watching import WatchStep, watch_link
from jobs.letters import (
    of_access,
    of_disputes,
    of_issuers,
    of_messages,
    of_money,
    of_notices,
    of_reports,
    of_sign_in,
    of_tickets,
)
from jobs.letters.content import Content, Context, brief_facts, status_word
from jobs.letters.facts import Facts
from rules.mail import MailKind
from ui.words import _


def full_text(kind: MailKind, facts: Facts, context: Context) -> Content:
    """For whoever may read the ticket."""
    return _FULL[kind](facts, context)


def brief_text(kind: MailKind, facts: Facts, context: Context) -> Content:
    """For who watches without access: number, kind, status and site (SPEC §3), whatever happened; and for whose rights
    are not those any more that a file was written for."""
    if kind is MailKind.SCHEDULED_REPORT:
        return of_reports.rights_changed_text(facts, context)
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


_FULL: dict[MailKind, Callable[[Facts, Context], Content]] = {
    MailKind.TICKET_SUBMITTED: of_tickets.submitted_text,
    MailKind.TICKET_ANSWERED: of_tickets.answered_text,
    MailKind.TICKET_NOTE: of_tickets.note_text,
    MailKind.TICKET_STATUS: of_tickets.status_changed_text,
    MailKind.TICKET_WAITING: of_tickets.waiting_text,
    MailKind.TICKET_RESOLVED: of_tickets.resolved_text,
    MailKind.SHIPMENT_RECEIVED: of_tickets.received_text,
    MailKind.STORAGE_ENDS: of_tickets.storage_ends_text,
    MailKind.VISIT_APPROVED: of_tickets.approved_text,
    MailKind.WATCH_CONFIRM: of_tickets.status_changed_text,  # a member needs no confirmation: told like of any change
    MailKind.SLA_WARNING: of_tickets.warning_text,
    MailKind.SLA_BREACH: of_tickets.breach_text,
    MailKind.LINK_ASKED_FOR: of_sign_in.password_link_text,
    MailKind.WAY_IN_CHANGED: of_sign_in.password_changed_text,
    MailKind.STAFF_WELCOME: of_access.staff_welcome_text,
    MailKind.ACCESS_BY_STAFF: of_access.access_by_staff_text,
    MailKind.ACCOUNT_MOVED: of_access.account_moved_text,
    MailKind.INVITATION: of_access.invitation_text,
    MailKind.ACCESS_ASKED: of_access.access_asked_text,
    MailKind.HANDED_OVER: of_access.handed_over_text,
    MailKind.PAYMENT_REMINDER: of_money.payment_reminder_text,
    MailKind.BANK_DETAILS: of_issuers.bank_details_text,
    MailKind.FACTOR_CHANGED: of_sign_in.factor_changed_text,
    MailKind.DISPUTE_OPENED: of_disputes.opened_text,
    MailKind.DISPUTE_NOTE: of_disputes.note_text,
    MailKind.DISPUTE_ANSWERED: of_disputes.answered_text,
    MailKind.DISPUTE_DECIDED: of_disputes.decided_text,
    MailKind.SCHEDULED_REPORT: of_reports.scheduled_report_text,
    MailKind.MESSAGE_RECEIVED: of_messages.message_received_text,
    MailKind.NOTICE_PUBLISHED: of_notices.published_text,
    MailKind.NOTICE_UPDATED: of_notices.updated_text,
}
