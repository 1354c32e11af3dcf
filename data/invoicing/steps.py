"""Steps of an invoice that somebody decides: a draft is issued, an invoice is voided or given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import insert

from data.commands import Work
from data.invoicing.holding import ByFinance, Held, checked_reason, hold_one, note
from data.models import InvoiceStep
from rules.errors import Conflict
from rules.invoice_moves import Step, refusal
from rules.words import Stored


@dataclass(frozen=True)
class IssueInvoice(ByFinance):
    """From now on the customer sees it, and owes it."""

    name: ClassVar = "invoice.issue"

    invoice: UUID
    version: int

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        held = _take(work, self.invoice, self.version, Step.ISSUE)
        note(work, self.name, held)
        return {"number": held.number}


@dataclass(frozen=True)
class VoidInvoice(ByFinance):
    """It should not have been: it need not be paid, and stays readable with its number. The customer's log says why."""

    name: ClassVar = "invoice.void"

    invoice: UUID
    version: int
    reason: str

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        reason = checked_reason(self.reason)
        held = _take(work, self.invoice, self.version, Step.VOID, reason)
        note(work, self.name, held, reason=reason)
        return {"number": held.number}


@dataclass(frozen=True)
class WriteOff(ByFinance):
    """What is open is given up. Why is nobody's affair but finance's."""

    name: ClassVar = "invoice.write_off"

    invoice: UUID
    version: int
    reason: str

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        held = _take(work, self.invoice, self.version, Step.WRITE_OFF, checked_reason(self.reason))
        note(work, self.name, held)
        return {"number": held.number, "amount": str(held.money.balance)}


def _take(work: Work, invoice: UUID, version: int, step: Step, reason: str | None = None) -> Held:
    """Check it, then add the row by which the database does it (data/security/money.sql)."""
    held = hold_one(work, invoice, version)
    if (why := refusal(held.money, step)) is not None:
        states = {
            "state": Stored("invoice.state", held.money.state),
            "target": Stored("invoice.state", step),
        }
        raise Conflict(why, **{name: value for name, value in states.items() if f"{{{name}}}" in why})
    adding = (
        insert(InvoiceStep)
        .inline()
        .values(
            account_id=held.account_id, invoice_id=held.id, step=step, reason=reason, taken_by=work.principal.person_id
        )
    )
    work.connection.execute(adding)
    return held
