"""One invoice of the demo: its lines, its tax, and what was paid, credited or given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Protocol

from data.demo.draft import Draft, Row
from data.demo.world import Company, Issuer, Place, World
from data.models import CreditApplication, Invoice, InvoiceLine, Payment
from rules.money import InvoiceState, InvoiceType, TaxRounding, quantize, taxes_of

S = InvoiceState


class Book(Protocol):
    """Where invoices are written, and who gives them their numbers."""

    draft: Draft
    world: World
    rng: Random

    def number(self, issuer: Issuer, kind: InvoiceType, issued_on: date) -> str: ...


@dataclass(frozen=True)
class Item:
    """A line to be written: what, how many, at what price."""

    description: str
    product: str
    quantity: Decimal
    unit_price: Decimal
    charge: str
    site_id: int


@dataclass
class Bill:
    """One invoice to be written, with its lines and what was paid."""

    to: Book
    company: Company
    issuer: Issuer
    items: list[Item]
    issued_on: date
    due_on: date
    state: InvoiceState
    period: tuple[date, date] | None = None
    has_open_credit: bool = False

    def write(self) -> None:
        invoice = self._invoice(InvoiceType.INVOICE, self.items, self.issued_on, self.due_on, self.state)
        if self.state in (S.PAID, S.PARTIALLY_PAID, S.WRITTEN_OFF):
            self._settle(invoice)
        elif self.has_open_credit or (self.state is S.ISSUED and self.to.rng.random() < 0.04):
            self._credit_note(invoice, applied=False)

    @property
    def _today(self) -> date:
        return self.issuer.today(self.to.world.now)

    def _settle(self, invoice: Row) -> None:
        """Paid in one or two payments, after a credit note now and then; a part of it; or a part and then given up."""
        rng, total = self.to.rng, invoice["total"]
        if self.state is S.PAID:
            if rng.random() < 0.05:
                invoice["credited"] = self._credit_note(invoice, applied=True)
            rest = total - invoice["credited"]
            first = quantize(rest * Decimal("0.6"), self.issuer.currency) if rng.random() < 0.1 else rest
            parts = [amount for amount in (first, rest - first) if amount > 0]
        else:
            share = Decimal(rng.randint(2, 7)) / 10
            parts = [quantize(total * share, self.issuer.currency)]
        for amount in parts:
            self._payment(invoice, amount)
        if self.state is S.WRITTEN_OFF:
            invoice["written_off"] = total - invoice["paid"]

    def _payment(self, invoice: Row, amount: Decimal) -> None:
        """Most pay around the due date; nobody before the invoice was sent or after today."""
        rng = self.to.rng
        around = self.due_on + timedelta(days=rng.choice((-12, -6, -3, -1, 0, 0, 1, 4, 9, 21)))
        paid_on = min(max(around, self.issued_on + timedelta(days=1)), self._today)
        self.to.draft.add(
            Payment,
            account_id=self.company.id,
            invoice_id=invoice["id"],
            amount=amount,
            currency=self.issuer.currency,
            paid_on=paid_on,
            reference=f"Bank transfer {paid_on:%Y%m%d}-{rng.randint(100, 999)}",
            recorded_by=rng.choice(self.to.world.finance).id,
            recorded_at=self._noon(paid_on),
        )
        invoice["paid"] += amount
        invoice["updated_at"] = max(invoice["updated_at"], self._noon(paid_on))

    def _credit_note(self, invoice: Row, *, applied: bool) -> Decimal:
        """For a part of the first line; used for the invoice, or still waiting to be used."""
        first = self.items[0]
        back = Item(
            f"Credit for {invoice['number']}: {first.description}",
            first.product,
            Decimal(1),
            quantize(first.unit_price * Decimal("0.5"), self.issuer.currency),
            "adjustment",
            first.site_id,
        )
        day = min(self.issued_on + timedelta(days=5), self._today)
        note = self._invoice(InvoiceType.CREDIT_NOTE, [back], day, day, S.PAID if applied else S.ISSUED)
        amount: Decimal = note["total"]
        if applied:
            note["credited"] = amount
            self.to.draft.add(
                CreditApplication,
                account_id=self.company.id,
                credit_note_id=note["id"],
                invoice_id=invoice["id"],
                amount=amount,
                applied_by=self.to.rng.choice(self.to.world.finance).id,
                applied_at=self._noon(day),
            )
        return amount

    def _invoice(self, kind: InvoiceType, items: list[Item], issued_on: date, due_on: date, state: InvoiceState) -> Row:
        issuer, company = self.issuer, self.company
        amounts = [quantize(item.quantity * item.unit_price, issuer.currency) for item in items]
        taxes = taxes_of(amounts, issuer.tax_rate, issuer.currency, TaxRounding(issuer.tax_rounding))
        subtotal, tax = sum(amounts, Decimal(0)), sum(taxes, Decimal(0))
        sent_at = self._noon(issued_on)
        invoice_id = self.to.draft.add(
            Invoice,
            account_id=company.id,
            issuer_id=issuer.id,
            number=self.to.number(issuer, kind, issued_on),
            type=kind,
            bill_to=company.name,
            issue_date=issued_on,
            due_date=due_on,
            terms=f"Net {(due_on - issued_on).days}",
            period_start=self.period[0] if self.period else None,
            period_end=self.period[1] if self.period else None,
            currency=issuer.currency,
            subtotal=subtotal,
            tax=tax,
            total=subtotal + tax,
            paid=Decimal(0),
            credited=Decimal(0),
            written_off=Decimal(0),
            state=state,
            disputed=False,
            purchase_order=f"PO-{self.to.rng.randint(10000, 99999)}" if self.to.rng.random() < 0.5 else None,
            created_at=sent_at,
            updated_at=sent_at,
            version=1,
        )
        for line, (item, amount, line_tax) in enumerate(zip(items, amounts, taxes, strict=True), start=1):
            self.to.draft.add(
                InvoiceLine,
                account_id=company.id,
                invoice_id=invoice_id,
                line=line,
                description=item.description,
                site_id=item.site_id,
                product=item.product,
                quantity=item.quantity,
                unit_price=item.unit_price,
                charge=item.charge,
                amount=amount,
                tax=line_tax,
            )
        return self.to.draft.rows(Invoice)[-1]

    def _noon(self, day: date) -> datetime:
        """Somewhere in the working day, but never ahead of now."""
        moment = self.world_place.at(day, 12)
        return min(moment, self.to.world.now)

    @property
    def world_place(self) -> Place:
        return next(place for place in self.to.world.places if place.issuer == self.issuer)
