"""The words for invoices, people and their rights, notices and documents."""

from __future__ import annotations

from ui.words import Word

INVOICE_TERMS = {
    "invoice.type": {
        "invoice": Word("Invoice"),
        "credit_note": Word("Credit note"),
    },
    "invoice.state": {
        "draft": Word("Draft"),
        "issued": Word("Issued", "invoice"),
        "partially_paid": Word("Partially paid"),
        "paid": Word("Paid"),
        "void": Word("Void"),
        "written_off": Word("Written off"),
    },
    "invoice.payment": {
        "draft": Word("Draft"),
        "credit": Word("Credit note"),
        "unpaid": Word("Unpaid"),
        "due_soon": Word("Due soon"),
        "overdue": Word("Overdue"),
        "partially_paid": Word("Partially paid"),
        "paid": Word("Paid"),
        "void": Word("Void"),
        "written_off": Word("Written off"),
    },
    "invoice.ageing": {
        "not_due": Word("Not yet due"),
        "1_30": Word("1–30 days"),
        "31_60": Word("31–60 days"),
        "61_90": Word("61–90 days"),
        "over_90": Word("Over 90 days"),
    },
    "invoice.charge": {
        "recurring": Word("Recurring"),
        "one_time": Word("One-time"),
        "adjustment": Word("Adjustment"),
    },
    "dispute.state": {
        "open": Word("Open", "dispute"),
        "answered": Word("Answered"),
        "accepted": Word("Accepted", "dispute"),
        "rejected": Word("Rejected", "dispute"),
        "closed": Word("Closed", "dispute"),
    },
    "entity.tax_rounding": {
        "line": Word("Per line"),
        "invoice": Word("Per invoice"),
    },
}

PEOPLE_TERMS = {
    "person.kind": {
        "customer": Word("Customer"),
        "staff": Word("Staff"),
    },
    "membership.role": {
        "paa": Word("Primary Access Administrator"),
        "general": Word("General user"),
    },
    "staff.role": {
        "account_manager": Word("Account manager"),
        "finance": Word("Finance"),
        "service_desk": Word("Service desk"),
        "administrator": Word("Administrator"),
    },
    "person.role": {
        "paa": Word("Primary Access Administrator"),
        "general": Word("General user"),
        "account_manager": Word("Account manager"),
        "finance": Word("Finance"),
        "service_desk": Word("Service desk"),
        "administrator": Word("Administrator"),
    },
    "person.status": {
        "active": Word("Active", "person"),
        "disabled": Word("Disabled", "person"),
    },
    "permission": {
        "dashboard.view": Word("See the dashboard"),
        "ticket.view_own": Word("See own tickets"),
        "ticket.view_company": Word("See all tickets of the company"),
        "remote_hands.create": Word("Request remote hands"),
        "fault.create": Word("Report faults"),
        "shipment.create": Word("Request shipments"),
        "site_visit.create": Word("Request site visits"),
        "order.view": Word("See orders"),
        "inventory.view": Word("See inventory"),
        "invoice.view": Word("See invoices"),
        "invoice.dispute": Word("Dispute invoices"),
        "report.export": Word("Generate reports"),
        "document.view": Word("See documents"),
        "notice.view": Word("See notices"),
        "message.use": Word("Use messages"),
        "user.manage": Word("Manage users"),
        "account.view": Word("See customers"),
        "account.manage": Word("Manage customers"),
        "access.manage": Word("Manage access rights"),
        "ticket.work": Word("Work on tickets"),
        "invoice.manage": Word("Manage invoices"),
        "broadcast.send": Word("Send notices and messages"),
        "site.manage": Word("Manage data centers"),
        "people.manage": Word("Manage people"),
        "audit.read": Word("Read the audit log"),
    },
    "access.rights": {
        "paa": Word("Primary Access Administrator"),
        "full_user": Word("Full user"),
        "viewer": Word("Viewer"),
        "finance": Word("Finance"),
        "remote_hands_only": Word("Remote hands only"),
        "own_choice": Word("Own choice"),
        "nothing": Word("Nothing yet", "rights"),
    },
    "preset": {
        "remote_hands_only": Word("Remote hands only"),
        "viewer": Word("Viewer"),
        "finance": Word("Finance"),
        "full_user": Word("Full user"),
    },
    "session.kind": {
        "web": Word("Browser"),
        "job": Word("Scheduled job"),
        "feed": Word("Calendar feed"),
        "api": Word("API"),
    },
    "link.purpose": {
        "set_password": Word("Set password"),
        "reset_password": Word("Reset password"),
        "invitation": Word("Invitation"),
    },
    "actor": {
        "customer": Word("Customer"),
        "desk": Word("Service desk"),
        "system": Word("System"),
    },
}

NEWS_TERMS = {
    "notice.category": {
        "maintenance": Word("Maintenance"),
        "incident": Word("Incident"),
        "advisory": Word("Advisory"),
        "billing": Word("Billing"),
        "ticket": Word("Ticket"),
        "order": Word("Order"),
    },
    "thread.about": {
        "ticket": Word("Ticket"),
        "invoice": Word("Invoice"),
        "order": Word("Order"),
    },
    "document.kind": {
        "user_guide": Word("User guide"),
        "onboarding_guide": Word("Onboarding guide"),
        "policy": Word("Customer policy"),
        "faq": Word("FAQ"),
        "contract": Word("Contract"),
        "order_form": Word("Order form"),
        "certificate": Word("Certificate"),
    },
    "preference.channel": {
        "portal": Word("In the portal"),
        "mail": Word("E-mail"),
        "digest": Word("Daily digest"),
        "off": Word("Off"),
    },
    "report.every": {
        "week": Word("Every week"),
        "month": Word("Every month"),
    },
    "mail.state": {
        "ready": Word("Waiting to be sent"),
        "sent": Word("Sent"),
        "dead": Word("Could not be sent"),
        "withheld": Word("Not sent: no longer wanted or permitted"),
    },
    "mail.kind": {
        "ticket_submitted": Word("Confirmation"),
        "ticket_answered": Word("Reply of the service desk"),
        "ticket_note": Word("Note of the customer"),
        "ticket_status": Word("Change of status"),
        "ticket_waiting": Word("Question to the customer"),
        "ticket_resolved": Word("Resolved", "mail"),
        "shipment_received": Word("Shipment received"),
        "storage_ends": Word("Storage ends"),
        "visit_approved": Word("Visit approved"),
        "watch_confirm": Word("Invitation to watch"),
        "sla_warning": Word("Warning: a promise is at risk"),
        "sla_breach": Word("A promise was missed"),
        "password_link": Word("Link for a new password"),
        "password_changed": Word("Password changed"),
    },
}
