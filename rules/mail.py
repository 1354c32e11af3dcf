"""The mails the portal writes: what each tells about, whom it may reach, and who can do without it."""

from __future__ import annotations

from enum import StrEnum


class MailKind(StrEnum):
    """One mail text each (jobs/letters). Beside it: what the command puts into the mail's context."""

    TICKET_SUBMITTED = "ticket_submitted"  # nothing: number, site and promise are read at delivery
    TICKET_ANSWERED = "ticket_answered"  # message, by: the staff reply and its writer's name
    TICKET_NOTE = "ticket_note"  # message, by: the customer's note, for whoever works on it
    TICKET_STATUS = "ticket_status"  # status, reason or none
    TICKET_WAITING = "ticket_waiting"  # message, respond_by
    TICKET_RESOLVED = "ticket_resolved"  # message or none
    SHIPMENT_RECEIVED = "shipment_received"  # packages, storage_until, partial
    STORAGE_ENDS = "storage_ends"  # until
    VISIT_APPROVED = "visit_approved"  # starts_at, ends_at, visitors (names)
    WATCH_CONFIRM = "watch_confirm"  # nothing: only to an outside address
    SLA_WARNING = "sla_warning"  # clock, deadline
    SLA_BREACH = "sla_breach"  # clock, deadline
    LINK_ASKED_FOR = "password_link"  # nonce, language: to an address that somebody typed (auth/forgotten.py)
    WAY_IN_CHANGED = "password_changed"  # at, device, address
    FACTOR_CHANGED = "factor_changed"  # what (FactorNews), at, device, address
    STAFF_WELCOME = "staff_welcome"  # nonce, role: somebody new among the staff (authz.add_staff)
    ACCESS_BY_STAFF = "access_by_staff"  # by, member, reason, role or none, did (of an invitation): to who runs it
    ACCOUNT_MOVED = "account_moved"  # above, is_attached, by: to who runs the account, or did
    INVITATION = "invitation"  # invitation, edition: the link is made when the letter is written
    ACCESS_ASKED = "access_asked"  # by, function, member: a colleague asks who runs their account
    PAYMENT_REMINDER = "payment_reminder"  # n, of (code, uuid), invoices (number, due …), sums, ask: authz.remind
    BANK_DETAILS = "bank_details"  # entity, by, at: to finance and the other administrators (authz.write_bank_details)
    HANDED_OVER = "handed_over"  # by: to whoever runs the account from now on
    DISPUTE_OPENED = "dispute_opened"  # dispute, message, language: to the local finance team
    DISPUTE_NOTE = "dispute_note"  # dispute, message, language: the customer wrote, or took it back
    DISPUTE_ANSWERED = "dispute_answered"  # dispute, message: to whoever opened it or took part
    DISPUTE_DECIDED = "dispute_decided"  # dispute, message
    SCHEDULED_REPORT = "scheduled_report"  # report, page, query, every, outcome, rows, why, rights: authz.mail_report
    MESSAGE_RECEIVED = "message_received"  # thread, message: to who takes part, once until they have read on
    DAILY_DIGEST = "daily_digest"  # nothing: it is put together from the mails that were gathered for it
    NOTICE_PUBLISHED = "notice_published"  # notice, category
    NOTICE_UPDATED = "notice_updated"  # notice, category, update


#: About a person's own way in: the functions of signing in write them, and no hat does.
OF_SIGNING_IN = (MailKind.LINK_ASKED_FOR, MailKind.WAY_IN_CHANGED, MailKind.FACTOR_CHANGED)
#: About who may do what in an account: the functions that change it write them, and no hat does.
OF_ACCESS = (MailKind.INVITATION, MailKind.ACCESS_ASKED, MailKind.HANDED_OVER)

#: About money that is owed: only the function that also notes the reminder writes it, and no hat does.
OF_MONEY = (MailKind.PAYMENT_REMINDER,)

#: About where invoices are paid to: only the function that writes it tells of it, and no hat does.
OF_ISSUERS = (MailKind.BANK_DETAILS,)

#: About an account, not a ticket; the first two are written by the functions that do what they tell of, and by no hat.
OF_ACCOUNTS = (MailKind.STAFF_WELCOME, MailKind.ACCESS_BY_STAFF, MailKind.ACCOUNT_MOVED)

#: About a dispute: the functions that change it write them (data/security/disputes.sql), and no hat does.
OF_DISPUTES = (MailKind.DISPUTE_OPENED, MailKind.DISPUTE_NOTE, MailKind.DISPUTE_ANSWERED, MailKind.DISPUTE_DECIDED)

#: About a message: the functions that write it write them (data/security/messages.sql), and no hat does.
OF_MESSAGES = (MailKind.MESSAGE_RECEIVED,)


#: A list somebody has sent to themselves: only the functions that note the run write it, and no hat does.
OF_REPORTS = (MailKind.SCHEDULED_REPORT,)
#: Of a day's news: the worker's own.
OF_NEWS = (MailKind.DAILY_DIGEST,)
#: About a notice that staff published: the worker's function that fans them out writes them, and no hat does.
OF_NOTICES = (MailKind.NOTICE_PUBLISHED, MailKind.NOTICE_UPDATED)


class Reach(StrEnum):
    """What a recipient may read at the moment of delivery, by their rights of that moment."""

    FULL = "full"
    #: A watcher is told number, kind, status and site, and nothing else: mail, not access (SPEC §3).
    BRIEF = "brief"
    NONE = "none"


class MailState(StrEnum):
    READY = "ready"
    #: Kept for its reader's next daily digest, at `next_at`; sent with the mail that `digest_id` names.
    GATHERED = "gathered"
    SENT = "sent"
    DEAD = "dead"
    #: When its turn came, the recipient might not read it, or did not want it.
    WITHHELD = "withheld"
