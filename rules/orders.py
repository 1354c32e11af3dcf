"""What an order can ask for and where it can stand (SPEC §5)."""

from __future__ import annotations

from enum import StrEnum


class OrderRequest(StrEnum):
    NEW = "new"
    CHANGE = "change"
    RENEWAL = "renewal"
    TERMINATION = "termination"


class OrderStatus(StrEnum):
    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    INSTALLED = "installed"
    CLOSED = "closed"
    CANCELLED = "cancelled"
