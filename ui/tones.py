"""What a state means at a glance: one tone for each, and the same colour for it in badges, tables and charts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

BadgeColor = Literal["blue", "orange", "green", "red", "violet", "gray"]


@dataclass(frozen=True)
class Look:
    """A colour of the theme: its name for badges and table cells, its place among `chartCategoricalColors`."""

    badge: BadgeColor
    chart: int


class Tone(Enum):
    """Seen from the reader's chair."""

    ACTIVE = Look("blue", 0)  # work is going on
    PLANNED = Look("violet", 2)  # it will happen
    WAITING = Look("orange", 3)  # somebody has to act
    BAD = Look("red", 4)  # a promise or a date was missed
    GOOD = Look("green", 5)  # as it should be
    QUIET = Look("gray", 6)  # over, nothing to do

    @property
    def badge(self) -> BadgeColor:
        return self.value.badge

    @property
    def chart(self) -> int:
        return self.value.chart


A, P, W, B, G, Q = Tone.ACTIVE, Tone.PLANNED, Tone.WAITING, Tone.BAD, Tone.GOOD, Tone.QUIET

TONES: dict[str, dict[str, Tone]] = {
    "ticket.status": {
        "submitted": A, "acknowledged": A, "scheduled": P, "in_progress": A, "waiting_customer": W, "on_hold": W,
        "resolved": G, "closed": Q, "reopened": A, "cancelled": Q, "rejected": Q,
        "expected": P, "partially_received": A, "received": A, "stored": G, "delivered": G, "refused": Q, "returned": Q,
        "packed": A, "awaiting_pickup": A, "handed_over": G,
        "pending_approval": W, "approved": P, "checked_in": A, "checked_out": G, "no_show": Q,
    },
    "ticket.category": {"open": A, "paused": W, "done": Q},
    "ticket.severity": {"P1": B, "P2": W, "P3": A, "P4": Q},
    "clock.outcome": {"met": G, "breached": B},
    "clock.state": {"running": A, "paused": W, "met": G, "breached": B},
    "order.status": {"received": A, "in_progress": A, "on_hold": W, "installed": G, "closed": Q, "cancelled": Q},
    "inventory.status": {"active": G, "reserved": P, "planned": P, "decommissioning": W, "decommissioned": Q},
    "invoice.state": {"draft": P, "issued": A, "partially_paid": P, "paid": G, "void": Q, "written_off": Q},
    "invoice.payment": {
        "draft": P, "credit": Q, "unpaid": A, "due_soon": W, "overdue": B, "partially_paid": P, "paid": G, "void": Q,
        "written_off": Q,
    },
    "invoice.ageing": {"not_due": A, "1_30": W, "31_60": W, "61_90": B, "over_90": B, "disputed": P},
    "dispute.state": {"open": W, "answered": A, "accepted": G, "rejected": Q, "closed": Q},
    "message.state": {"unread": A, "waiting": W},
    "site.status": {"active": G, "planned": P, "closed": Q},
    "document.state": {"draft": P, "published": G, "upcoming": A, "superseded": Q},
    "account.status": {"open": G, "closed": Q},
    "person.status": {"active": G, "disabled": Q},
    "invitation.state": {"invited": A, "expired": Q},
    "notice.category": {"maintenance": P, "incident": B, "advisory": A, "billing": W, "ticket": Q, "order": Q},
    "notice.state": {"draft": Q, "planned": P, "going_on": B, "over": G, "said": A},
    "mail.state": {"ready": A, "gathered": P, "sent": G, "dead": B, "withheld": Q},
}  # fmt: skip


def tone(vocabulary: str, value: str) -> Tone:
    return TONES[vocabulary][value]
