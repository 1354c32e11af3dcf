"""Notices: what they can be about, which of them staff write, and what the portal says by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from rules.errors import Invalid
from rules.words import N_


class NoticeCategory(StrEnum):
    """What a notice is about, the most urgent first."""

    INCIDENT = "incident"
    MAINTENANCE = "maintenance"
    ADVISORY = "advisory"
    BILLING = "billing"
    TICKET = "ticket"
    ORDER = "order"


C = NoticeCategory
#: These begin and end; the others are simply said.
ONGOING = (C.INCIDENT, C.MAINTENANCE)
#: What staff publish; the other categories are the portal's own.
WRITTEN = (C.INCIDENT, C.MAINTENANCE, C.ADVISORY)


class NoticeState(StrEnum):
    """How far a notice that staff write is; never stored, it follows from its times."""

    DRAFT = "draft"
    PLANNED = "planned"
    GOING_ON = "going_on"
    OVER = "over"
    SAID = "said"  # an advisory neither begins nor ends


class Says(StrEnum):
    """What the portal says by itself, put into words when it is read; beside it, what the notice names."""

    SLA_WARNING = "sla_warning"  # to staff; which promise
    SLA_BREACH = "sla_breach"  # to staff; which promise
    ACCESS_ASKED = "access_asked"  # to who runs the account; which function
    TICKET_ANSWERED = "ticket_answered"  # to the requester
    TICKET_STATUS = "ticket_status"  # to the requester; which state
    INVOICE_ISSUED = "invoice_issued"  # the day it is due
    INVOICES_ISSUED = "invoices_issued"  # how many, of an import
    INVOICE_OVERDUE = "invoice_overdue"  # the day it was due
    ORDER_STATUS = "order_status"  # which state


#: Languages besides English that a notice can be written in; where one is missing, English stands.
OTHER_LANGUAGES = ("ko", "ja", "zh_Hans", "id")
LONGEST_TITLE, LONGEST_BODY = 200, 4000
#: A notice touches so many sites, and names so many accounts; whoever means more means everyone.
MOST_SITES, MOST_ACCOUNTS = 50, 500


def state_of(
    category: str, published_at: datetime | None, starts_at: datetime | None, ends_at: datetime | None,
    resolved_at: datetime | None, now: datetime,
) -> NoticeState:  # fmt: skip
    if published_at is None:
        return NoticeState.DRAFT
    if category not in ONGOING:
        return NoticeState.SAID
    if resolved_at is not None or (ends_at is not None and ends_at <= now):
        return NoticeState.OVER
    return NoticeState.PLANNED if starts_at is not None and starts_at > now else NoticeState.GOING_ON


def refuse_window(category: str, starts_at: datetime | None, ends_at: datetime | None) -> None:
    """Maintenance says from when until when; an incident may be open at its end, and an advisory has no window."""
    if category == C.MAINTENANCE and starts_at is None:
        raise Invalid(N_("Please fill this in."), "starts_at")
    if category == C.MAINTENANCE and ends_at is None:
        raise Invalid(N_("Please fill this in."), "ends_at")
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise Invalid(N_("The end must come after the beginning."), "ends_at")
    if starts_at is None and ends_at is not None:
        raise Invalid(N_("Please fill this in."), "starts_at")


def refuse_reach(category: str, *, everyone: bool, sites: Sequence[int], accounts: Sequence[int]) -> None:
    """Everyone, or accounts by name; an incident and maintenance say where."""
    if category in ONGOING and not sites:
        raise Invalid(N_("Choose at least one site."), "sites")
    if not everyone and not accounts:
        raise Invalid(N_("Choose at least one account."), "accounts")
    if len(sites) > MOST_SITES:
        raise Invalid(N_("At most {most}."), "sites", most=MOST_SITES)
    if len(accounts) > MOST_ACCOUNTS:
        raise Invalid(N_("At most {most}."), "accounts", most=MOST_ACCOUNTS)
