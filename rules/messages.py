"""Messages: whom at the operator a customer writes to, and what a conversation can be about."""

from __future__ import annotations

from enum import StrEnum

from rules.permissions import Permission

LONGEST_SUBJECT = 200
LONGEST = 10_000
#: So many conversations somebody begins within an hour, and no more.
MOST_BEGUN = 30
#: So many accounts one message to several goes to.
MOST_ACCOUNTS = 500


class Desk(StrEnum):
    """Who answers: everybody who works in that role and may reach the account, not one person of them."""

    ACCOUNT_MANAGER = "account_manager"
    FINANCE = "finance"
    SERVICE_DESK = "service_desk"


class Side(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"


class About(StrEnum):
    """What a conversation is about, if it is about one thing."""

    TICKET = "ticket"
    INVOICE = "invoice"
    ORDER = "order"


class Recipients(StrEnum):
    """Who of an account gets what goes to several."""

    ADMINISTRATORS = "administrators"
    EVERYBODY = "everybody"


#: Finance reads nothing of tickets, the service desk nothing of invoices (SPEC §3): neither is led there by a link.
ABOUT: dict[Desk, frozenset[About]] = {
    Desk.ACCOUNT_MANAGER: frozenset(About),
    Desk.FINANCE: frozenset({About.INVOICE}),
    Desk.SERVICE_DESK: frozenset({About.TICKET}),
}

#: What a customer must hold, beside messages themselves, to take part in a conversation with them.
ASKS_FOR: dict[Desk, Permission] = {Desk.FINANCE: Permission.INVOICE_VIEW}

#: What opens each thing that a conversation can be about.
OPENED_BY: dict[About, tuple[Permission, ...]] = {
    About.TICKET: (Permission.TICKET_VIEW_COMPANY, Permission.TICKET_VIEW_OWN),
    About.INVOICE: (Permission.INVOICE_VIEW,),
    About.ORDER: (Permission.ORDER_VIEW,),
}


def desks_for(about: About | None) -> tuple[Desk, ...]:
    return tuple(desk for desk in Desk if about is None or about in ABOUT[desk])
