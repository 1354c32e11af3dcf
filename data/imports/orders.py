"""Orders: what accounts asked for, and how far it is."""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator

from data.imports.fields import AtSite, Moment, Number, OfAccount, Unexpected, Word
from data.imports.kinds import FileKind, FileRow, Target
from data.models import ServiceOrder
from rules.orders import OrderRequest, OrderStatus

_INSTALLED = frozenset({OrderStatus.INSTALLED, OrderStatus.CLOSED})


class OrderRow(FileRow):
    number: Number
    account: OfAccount
    site: AtSite | None
    request_type: OrderRequest
    status: OrderStatus
    customer_reference: Word | None
    requested_at: Moment
    installed_at: Moment | None

    @model_validator(mode="after")
    def _is_installed_after_it_was_requested(self) -> Self:
        if self.installed_at is None:
            return self
        if self.installed_at < self.requested_at:
            raise Unexpected("a time after requested_at", column="installed_at")
        if self.status not in _INSTALLED:
            raise Unexpected(f"nothing: the order is {self.status}", column="installed_at")
        return self

    def stored(self) -> dict[str, Any]:
        return {
            "account_id": self.account.id,
            "number": self.number,
            "site_id": self.site and self.site.id,
            "request_type": self.request_type,
            "status": self.status,
            "customer_reference": self.customer_reference,
            "requested_at": self.requested_at,
            "installed_at": self.installed_at,
        }


ORDERS = FileKind(
    name="orders",
    row=OrderRow,
    number=("number", "number"),
    target=Target(
        model=ServiceOrder,
        key=("account_id", "number"),
        columns=("site_id", "request_type", "status", "customer_reference", "requested_at", "installed_at"),
    ),
)
