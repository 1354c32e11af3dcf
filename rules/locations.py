"""Data centers, whom to call there and who invoices: what may be typed about them."""

from __future__ import annotations

import re
from enum import StrEnum

from rules.request_types import Severity, TicketKind
from rules.sla import Clock, second_target

#: What stands on an invoice under "pay to".
LONGEST_BANK_DETAILS = 1000
LONGEST_LINE, LONGEST_TEXT, LONGEST_PHONE = 200, 1000, 40
#: A year: nobody promises less.
LONGEST_TARGET = 366 * 24 * 60  # minutes
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]*")


class SiteStatus(StrEnum):
    """Only at one that is active is anything asked for; what is there stays to be seen."""

    ACTIVE = "active"
    PLANNED = "planned"
    CLOSED = "closed"


class ContactKind(StrEnum):
    """What somebody is called for."""

    SERVICE_DESK = "service_desk"
    SECURITY = "security"
    FINANCE = "finance"


class TaxRounding(StrEnum):
    LINE = "line"
    INVOICE = "invoice"


def looks_like_phone(text: str) -> bool:
    """It can be dialled: digits with what people write between them."""
    digits = sum(sign.isdigit() for sign in text)
    return len(text) <= LONGEST_PHONE and 3 <= digits <= 15 and _PHONE.fullmatch(text) is not None


def promises() -> tuple[tuple[TicketKind, Clock], ...]:
    """What has a time that can be agreed otherwise: every first answer, and the second clocks of a fixed length."""
    return tuple(
        (kind, clock)
        for kind in TicketKind
        for clock in Clock
        if clock is Clock.FIRST_ANSWER or second_target(kind, Severity.P3 if kind is TicketKind.FAULT else None)
    )
