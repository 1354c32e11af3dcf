"""The map of the portal: every page, where it stands, who may open it. A new page is one line here and a `show`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from rules.errors import Forbidden
from rules.permissions import Permission, StaffRole
from rules.principal import Principal
from rules.words import N_
from ui import links

P = Permission
Show = Callable[[Principal], None]


@dataclass(frozen=True)
class PageSpec:
    """One page: its address, its words and icon, what opens it, and the module whose `show(principal)` draws it."""

    path: str
    title: str
    icon: str
    module: str
    #: Any one of these opens it; none: everybody who is signed in.
    permissions: tuple[Permission, ...] = ()
    #: Only for these roles of staff; None: for customers and for staff alike.
    roles: frozenset[StaffRole] | None = None
    for_customers: bool = True
    #: Of customers, only for whoever belongs to an account.
    of_members: bool = False
    in_menu: bool = True
    #: Customers find it in the menu under their name, at the top right (SPEC R21).
    of_account: bool = False
    #: The section of the user guide, or the staff's, about it (docs/help): the "?" beside its title leads there.
    help: str = ""

    def opens_for(self, principal: Principal) -> bool:
        """May this person open it? The menu asks for comfort; the database answers for every statement again."""
        if principal.role is None and not (self.for_customers and (principal.accounts or not self.of_members)):
            return False
        if principal.role is not None and self.roles is not None and principal.role not in self.roles:
            return False
        return not self.permissions or any(principal.may(permission) for permission in self.permissions)

    def show(self, principal: Principal) -> None:
        """Draw it. The check stands here once more, so that no way around the menu leads in."""
        if not self.opens_for(principal):
            raise Forbidden(self.path)
        links.helped_by(self.help)
        import_module(self.module).show(principal)


MANAGER, FINANCE = StaffRole.ACCOUNT_MANAGER, StaffRole.FINANCE
DESK, ADMINISTRATOR = StaffRole.SERVICE_DESK, StaffRole.ADMINISTRATOR
ALL_ROLES = frozenset(StaffRole)

PAGES: tuple[PageSpec, ...] = (
    # the first page of a Streamlit navigation has no address of its own: Home is "/"
    PageSpec("", N_("Dashboard"), "space_dashboard", "pages.portal.home", roles=ALL_ROLES, help="dashboard"),
    PageSpec("customers", N_("Customers"), "apartment", "pages.staff.customers", (P.ACCOUNT_VIEW,),
             roles=frozenset({MANAGER}), for_customers=False, help="staff-customers"),
    PageSpec("billing", N_("Billing"), "account_balance", "pages.staff.billing", (P.INVOICE_MANAGE,),
             roles=frozenset({FINANCE}), for_customers=False, help="staff-billing"),
    PageSpec("bank", N_("Bank lines"), "account_balance_wallet", "pages.staff.bank.page", (P.INVOICE_MANAGE,),
             roles=frozenset({FINANCE}), for_customers=False, help="staff-bank"),
    PageSpec("queue", N_("Queue"), "pending_actions", "pages.staff.queue", (P.TICKET_WORK,),
             roles=frozenset({DESK}), for_customers=False, help="staff-queue"),
    PageSpec("tickets", N_("Tickets"), "support_agent", "pages.portal.tickets",
             (P.TICKET_VIEW_COMPANY, P.TICKET_VIEW_OWN), help="tickets"),
    PageSpec("waiting", N_("Action required"), "contact_support", "pages.portal.waiting",
             (P.TICKET_VIEW_COMPANY, P.TICKET_VIEW_OWN), roles=frozenset(), help="waiting"),
    PageSpec("service", N_("Service levels"), "speed", "pages.portal.service.page", (P.TICKET_VIEW_COMPANY,),
             help="service"),
    PageSpec("parcels", N_("Unclaimed parcels"), "package_2", "pages.staff.parcels", (P.TICKET_WORK,),
             roles=frozenset({DESK}), for_customers=False, help="staff-parcels"),
    PageSpec("broadcast", N_("Broadcast"), "campaign", "pages.staff.broadcast.page", (P.BROADCAST_SEND,),
             roles=frozenset({MANAGER, DESK}), for_customers=False, help="staff-broadcast"),
    PageSpec("orders", N_("Orders"), "shopping_cart", "pages.portal.orders", (P.ORDER_VIEW,), help="orders"),
    PageSpec("invoices", N_("Invoices"), "receipt_long", "pages.portal.invoices", (P.INVOICE_VIEW,), help="invoices"),
    PageSpec("statement", N_("Statement of account"), "request_quote", "pages.portal.statement", (P.INVOICE_VIEW,),
             in_menu=False, help="statement"),
    PageSpec("disputes", N_("Disputes"), "gavel", "pages.portal.disputes", (P.INVOICE_VIEW,), help="disputes"),
    PageSpec("inventory", N_("Inventory"), "dns", "pages.portal.inventory", (P.INVENTORY_VIEW,), help="inventory"),
    PageSpec("accounts", N_("Accounts"), "domain", "pages.staff.accounts.page", (P.ACCOUNT_VIEW,), roles=ALL_ROLES,
             for_customers=False, help="staff-accounts"),
    PageSpec("people", N_("People"), "group", "pages.staff.people.page", (P.PEOPLE_MANAGE,),
             roles=frozenset({ADMINISTRATOR}), for_customers=False, help="staff-people"),
    PageSpec("sites", N_("Sites"), "location_on", "pages.staff.locations.sites", (P.SITE_MANAGE,),
             roles=frozenset({ADMINISTRATOR}), for_customers=False, help="staff-sites"),
    PageSpec("entities", N_("Legal entities"), "corporate_fare", "pages.staff.locations.entities", (P.SITE_MANAGE,),
             roles=frozenset({ADMINISTRATOR}), for_customers=False, help="staff-sites"),
    PageSpec("targets", N_("Service targets"), "timer", "pages.staff.locations.targets", (P.SITE_MANAGE,),
             roles=frozenset({ADMINISTRATOR}), for_customers=False, help="staff-sites"),
    PageSpec("documents", N_("Documents"), "folder_open", "pages.staff.documents.page", (P.DOCUMENT_MANAGE,),
             roles=frozenset({ADMINISTRATOR}), for_customers=False, help="staff-documents"),
    PageSpec("contact", N_("Contact us"), "call", "pages.portal.contact.page", roles=ALL_ROLES, help="contact"),
    PageSpec("settings", N_("Settings"), "settings", "pages.portal.settings.page", in_menu=False, of_account=True,
             help="settings"),
    PageSpec("access", N_("Access rights"), "manage_accounts", "pages.portal.access.page",
             (P.USER_MANAGE, P.ACCESS_MANAGE), roles=frozenset({DESK, ADMINISTRATOR}), of_account=True,
             help="access"),
    PageSpec("audit", N_("Audit log"), "policy", "pages.portal.audit", (P.AUDIT_READ, P.USER_MANAGE),
             of_account=True, help="audit"),
    PageSpec("help", N_("Help"), "help", "pages.portal.help.page", roles=ALL_ROLES, in_menu=False, of_account=True,
             help="documents"),
    PageSpec("feedback", N_("Feedback"), "rate_review", "pages.portal.feedback", roles=frozenset({MANAGER, DESK}),
             of_account=True, of_members=True, help="feedback"),
    PageSpec("notices", N_("Notices"), "notifications", "pages.portal.notices", (P.NOTICE_VIEW,), in_menu=False,
             help="notices"),
    PageSpec("messages", N_("Messages"), "mail", "pages.portal.messages", (P.MESSAGE_USE,), in_menu=False,
             help="messages"),
)  # fmt: skip

#: Where each role begins its day (SPEC §3).
LANDING: dict[StaffRole, str] = {
    MANAGER: "customers",
    FINANCE: "billing",
    DESK: "queue",
    ADMINISTRATOR: "people",
}


def pages_for(principal: Principal) -> tuple[PageSpec, ...]:
    """The pages this person may open, in the order of the menu."""
    return tuple(page for page in PAGES if page.opens_for(principal))
