"""What a person can be allowed to do (SPEC §3): functions of customers, of staff roles, and presets."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """A function as it stands in a grant, a policy and the permission matrix."""

    DASHBOARD_VIEW = "dashboard.view"
    TICKET_VIEW_OWN = "ticket.view_own"
    TICKET_VIEW_COMPANY = "ticket.view_company"
    REMOTE_HANDS_CREATE = "remote_hands.create"
    FAULT_CREATE = "fault.create"
    SHIPMENT_CREATE = "shipment.create"
    SITE_VISIT_CREATE = "site_visit.create"
    ORDER_VIEW = "order.view"
    INVENTORY_VIEW = "inventory.view"
    INVOICE_VIEW = "invoice.view"
    INVOICE_DISPUTE = "invoice.dispute"
    REPORT_EXPORT = "report.export"
    DOCUMENT_VIEW = "document.view"
    NOTICE_VIEW = "notice.view"
    MESSAGE_USE = "message.use"
    USER_MANAGE = "user.manage"

    # held by staff roles only, never granted to a customer
    ACCOUNT_VIEW = "account.view"
    ACCOUNT_MANAGE = "account.manage"
    ACCESS_MANAGE = "access.manage"
    TICKET_WORK = "ticket.work"
    INVOICE_MANAGE = "invoice.manage"
    BROADCAST_SEND = "broadcast.send"
    SITE_MANAGE = "site.manage"
    PEOPLE_MANAGE = "people.manage"
    DOCUMENT_MANAGE = "document.manage"
    AUDIT_READ = "audit.read"


P = Permission

CUSTOMER_FUNCTIONS: tuple[Permission, ...] = tuple(Permission)[: list(Permission).index(P.ACCOUNT_VIEW)]

#: Functions that may be limited to sites; all others are account-wide (SPEC §3).
SITED: frozenset[Permission] = frozenset(
    {
        P.TICKET_VIEW_OWN, P.TICKET_VIEW_COMPANY, P.REMOTE_HANDS_CREATE, P.FAULT_CREATE, P.SHIPMENT_CREATE,
        P.SITE_VISIT_CREATE, P.ORDER_VIEW, P.INVENTORY_VIEW,
    }
)  # fmt: skip

PRESETS: dict[str, frozenset[Permission]] = {
    "remote_hands_only": frozenset({P.REMOTE_HANDS_CREATE, P.TICKET_VIEW_OWN, P.NOTICE_VIEW}),
    "viewer": frozenset(
        {
            P.DASHBOARD_VIEW, P.TICKET_VIEW_COMPANY, P.ORDER_VIEW, P.INVENTORY_VIEW, P.INVOICE_VIEW,
            P.DOCUMENT_VIEW, P.NOTICE_VIEW,
        }
    ),
    "finance": frozenset({P.INVOICE_VIEW, P.INVOICE_DISPUTE, P.REPORT_EXPORT, P.DOCUMENT_VIEW}),
    "full_user": frozenset(CUSTOMER_FUNCTIONS) - {P.USER_MANAGE},
}  # fmt: skip


class StaffRole(StrEnum):
    """What a member of staff works as; somebody with two roles works in one at a time."""

    ACCOUNT_MANAGER = "account_manager"
    FINANCE = "finance"
    SERVICE_DESK = "service_desk"
    ADMINISTRATOR = "administrator"


#: What the operator calls them, on the server and in settings.
STAFF_WORDS: dict[str, StaffRole] = {
    "manager": StaffRole.ACCOUNT_MANAGER,
    "finance": StaffRole.FINANCE,
    "desk": StaffRole.SERVICE_DESK,
    "admin": StaffRole.ADMINISTRATOR,
}

#: "Staff see by role" of SPEC §3. An account manager holds these only over the accounts they look after.
STAFF_FUNCTIONS: dict[StaffRole, frozenset[Permission]] = {
    StaffRole.ACCOUNT_MANAGER: frozenset(
        {
            P.DASHBOARD_VIEW, P.TICKET_VIEW_COMPANY, P.ORDER_VIEW, P.INVENTORY_VIEW, P.INVOICE_VIEW, P.REPORT_EXPORT,
            P.DOCUMENT_VIEW, P.NOTICE_VIEW, P.MESSAGE_USE, P.ACCOUNT_VIEW, P.BROADCAST_SEND,
        }
    ),
    StaffRole.FINANCE: frozenset(
        {P.INVOICE_VIEW, P.INVOICE_MANAGE, P.REPORT_EXPORT, P.ACCOUNT_VIEW, P.NOTICE_VIEW, P.MESSAGE_USE}
    ),
    StaffRole.SERVICE_DESK: frozenset(
        {
            P.TICKET_VIEW_COMPANY, P.TICKET_WORK, P.INVENTORY_VIEW, P.REPORT_EXPORT, P.ACCOUNT_VIEW, P.ACCESS_MANAGE,
            P.NOTICE_VIEW, P.MESSAGE_USE, P.BROADCAST_SEND,
        }
    ),
    StaffRole.ADMINISTRATOR: frozenset(
        {
            P.ACCOUNT_VIEW, P.ACCOUNT_MANAGE, P.ACCESS_MANAGE, P.SITE_MANAGE, P.PEOPLE_MANAGE, P.AUDIT_READ,
            P.DOCUMENT_VIEW, P.DOCUMENT_MANAGE, P.REPORT_EXPORT, P.NOTICE_VIEW,
        }
    ),
}  # fmt: skip
