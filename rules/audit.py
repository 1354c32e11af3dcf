"""What the audit log tells of: who does something, what they do, and what it is done to."""

from __future__ import annotations

from enum import StrEnum


class ActorKind(StrEnum):
    """Whose deed an entry tells of. The operator works on the server, beside the portal."""

    CUSTOMER = "customer"
    STAFF = "staff"
    SYSTEM = "system"
    OPERATOR = "operator"
    NOBODY = "nobody"  # somebody who could not sign in


#: What people look for by its name; an entry may tell of something else, which stands there as it is stored.
ACTIONS: tuple[str, ...] = (
    "session.start", "session.sign_on", "session.refused", "session.end", "session.role",
    "password.ask", "password.set", "password.change", "password.reset", "person.preferences",
    "person.news", "person.mail_stopped",
    "factor.set_up", "factor.moved", "factor.codes", "factor.recovery", "factor.off", "factor.reset",
    "account.second_factor",
    "report.export", "report.written", "report.broken", "attachment.read",
    "report.sent", "report.schedule", "report.stop", "report.resume", "report.forget",
    "calendar.open", "calendar.close", "calendar.read",
    "person.add", "person.role", "person.roles", "person.link", "person.unlink", "person.disable", "person.enable",
    "person.sign_out",
    "account.create", "account.change", "account.move", "account.close", "account.reopen", "account.assign",
    "account.unassign",
    "ticket.submit", "ticket.move", "ticket.customer_note", "ticket.staff_reply", "ticket.internal_note",
    "ticket.assign", "ticket.severity", "ticket.estimate", "ticket.propose", "ticket.proposal", "ticket.rate",
    "ticket.watch", "ticket.unwatch", "watcher.confirmed", "watcher.left", "account.outside_watchers",
    "access.change", "access.end", "access.hand_over", "access.ask",
    "access.invite", "access.resend", "access.revoke", "access.join",
    "shipment.notify", "visit.check_in", "visit.check_out", "parcel.register", "parcel.assign", "parcel.claim",
    "document.add", "document.publish", "document.withdraw", "document.remove", "document.take_over",
    "document.download", "policy.accept",
    "invoice.download", "invoice.original", "invoice.no_original",
    "mail.send_again", "view.save", "view.change", "view.delete",
    "payment.record", "payment.take_back", "credit.apply", "credit.take_back", "invoice.issue", "invoice.void",
    "invoice.write_off", "billing.import", "bank.import", "bank.assign", "bank.set_aside", "bank.take_up",
    "invoice.remind", "statement.read",
    "notice.save", "notice.publish", "notice.add", "notice.withdraw",
    "dispute.open", "dispute.say", "dispute.accept", "dispute.reject", "dispute.close",
    "message.start", "message.say", "message.add", "message.begin", "message.broadcast", "feedback.send",
    "site.create", "site.change", "site.add_contact", "site.change_contact", "site.remove_contact", "entity.create",
    "entity.change", "entity.bank_details", "target.add",
    "entities.import", "accounts.import", "sites.import", "inventory.import", "orders.import", "invoices.import",
    "tickets.import",
)  # fmt: skip

#: What something is done to.
OBJECTS: tuple[str, ...] = (
    "ticket", "invoice", "person", "account", "membership", "invitation", "list", "parcel", "mail", "file",
    "bank_line", "scheduled_report", "calendar",
    "document",
    "thread", "feedback",
    "notice",
    "site", "entity", "target",
    "view",
)  # fmt: skip
