"""What of an invoice can be questioned: all of it or lines of it, and how much at most."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from data.models import Invoice, InvoiceLine
from rules.disputes import DISPUTABLE, disputable
from rules.errors import NotFound
from rules.money import InvoiceState, InvoiceType


@dataclass(frozen=True)
class DisputableLine:
    """One line by its number, with its tax."""

    line: int
    description: str
    amount: Decimal


@dataclass(frozen=True)
class Disputable:
    """An invoice as the form of a dispute needs it."""

    invoice: UUID
    invoice_id: int
    account_id: int
    number: str
    currency: str
    type: InvoiceType
    state: InvoiceState
    #: Of the whole invoice.
    open: Decimal
    #: Those that were asked for.
    lines: tuple[DisputableLine, ...]

    @property
    def is_disputable(self) -> bool:
        return self.type is InvoiceType.INVOICE and self.state in DISPUTABLE and self.open > 0

    def most(self, lines: Collection[int]) -> Decimal:
        """Of these lines, or of the whole invoice where there are none."""
        if not lines:
            return self.open
        return sum((one.amount for one in self.lines if one.line in lines), Decimal(0))


def disputable_in(connection: Connection, uuid: UUID, *, lines: Collection[int] | None = None) -> Disputable:
    """In a transaction of somebody who may see it; NotFound for whoever may not. `lines`: only these, of what may have
    thousands."""
    i = Invoice
    asked = select(i.uuid, i.id, i.account_id, i.number, i.currency, i.type, i.state, i.balance, i.paid)
    row = connection.execute(asked.where(i.uuid == uuid)).one_or_none()
    if row is None:
        raise NotFound(str(uuid))
    *known, of_type, state, balance, paid = row
    return Disputable(
        *known,
        InvoiceType(of_type),
        InvoiceState(state),
        disputable(balance, paid),
        () if lines is not None and not lines else _lines(connection, row, lines),
    )


def _lines(connection: Connection, invoice: Row[Any], wanted: Collection[int] | None) -> tuple[DisputableLine, ...]:
    of = InvoiceLine
    query = select(of.line, of.description, of.amount + of.tax)
    query = query.where(of.account_id == invoice.account_id, of.invoice_id == invoice.id)
    if wanted is not None:
        query = query.where(of.line.in_(wanted))
    return tuple(DisputableLine(*line) for line in connection.execute(query.order_by(of.line)))
