"""What is done to an invoice's money: payments, credit notes used for it, steps of finance, and lines of the bank."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, Created, Id, Moment, Money, PublicId, Version, Zero, one_of, quoted, table_info
from data.models.invoices import follow_invoice, invoice_key
from data.models.rows import ME, Hat, Rows, Write, staff
from rules.invoice_moves import NEEDS_REASON, Step
from rules.money import CURRENCIES, WHOLE
from rules.permissions import Permission

_FINANCE = staff(Permission.INVOICE_MANAGE)
#: What is entered wrongly is taken back by an entry against it, once and with the reason: nothing is ever removed.
_COUNTS = "case when reverses is null then amount > 0 and reason is null else amount < 0 and reason is not null end"
_TOLD = f"case when step = '{Step.VOID}' then reason end"
_EXPLAINED, _WHOLE = quoted(sorted(NEEDS_REASON)), quoted(WHOLE)


def _entered(*columns: str, by: str) -> dict[Hat, Write]:
    """Finance adds rows under its own name; what they come to for the invoice, the database reckons (money.sql)."""
    return {Hat.STAFF: Write(("account_id", "invoice_id", *columns, by), f"{_FINANCE} and {by} = {ME}")}


class BankLine(Base):
    """Money that came in, as the bank wrote it; the same line of two files is one row. What payments have made of it is
    kept by the database; the rest waits for a person, or is set aside with a reason."""

    __tablename__ = "bank_line"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    fingerprint: Mapped[bytes] = mapped_column(unique=True)
    booked_on: Mapped[date]
    amount: Mapped[Money]
    currency: Mapped[str]
    reference: Mapped[str]
    payer: Mapped[str]
    file: Mapped[str]
    assigned: Mapped[Zero]
    rest: Mapped[Decimal] = mapped_column(Numeric(18, 2), Computed("amount - assigned", persisted=True))
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    imported_at: Mapped[Created]
    set_aside_at: Mapped[Moment | None]
    set_aside_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str | None]
    version: Mapped[Version]
    __table_args__ = (
        one_of("currency", CURRENCIES),
        CheckConstraint("amount > 0 and amount <> 'NaN'", name="amount"),
        CheckConstraint("assigned between 0 and amount", name="assigned"),
        CheckConstraint(
            "(set_aside_at is null) = (reason is null) and (set_aside_at is null) = (set_aside_by is null)",
            name="set_aside",
        ),
        Index("ix_bank_line_open", "booked_on", "id", postgresql_where=text("rest > 0 and set_aside_at is null")),
        Index("ix_bank_line_aside", "set_aside_at", postgresql_where=text("set_aside_at is not null")),
        table_info(
            Rows(
                see={Hat.STAFF: _FINANCE},
                insert={
                    Hat.STAFF: Write(
                        ("fingerprint", "booked_on", "amount", "currency", "reference", "payer", "file", "imported_by"),
                        f"{_FINANCE} and imported_by = {ME}",
                    )
                },
                update={
                    Hat.STAFF: Write(
                        ("set_aside_at", "set_aside_by", "reason", "version"),
                        _FINANCE,
                    )
                },
            )
        ),
    )


class Payment(Base):
    """Money that came in for an invoice; `reference` names the bank's line or an opening balance. A wrong one is taken
    back by another that `reverses` it, below zero and with a reason."""

    __tablename__ = "payment"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    account_id: Mapped[int]
    invoice_id: Mapped[int]
    amount: Mapped[Money]
    currency: Mapped[str]
    paid_on: Mapped[date]
    reference: Mapped[str | None]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[Created]
    bank_line_id: Mapped[int | None] = mapped_column(ForeignKey("bank_line.id"))
    reverses: Mapped[int | None]
    reason: Mapped[str | None]
    __table_args__ = (
        invoice_key(),
        ForeignKeyConstraint(
            ["account_id", "invoice_id", "reverses"],
            ["payment.account_id", "payment.invoice_id", "payment.id"],
            name="fk_payment_reverses",
        ),
        UniqueConstraint("account_id", "invoice_id", "id"),
        UniqueConstraint("account_id", "reverses"),
        CheckConstraint(_COUNTS, name="amount"),
        CheckConstraint("amount <> 'NaN'", name="number"),
        CheckConstraint(f"currency not in ({_WHOLE}) or amount = trunc(amount)", name="decimals"),
        Index("ix_payment_invoice", "account_id", "invoice_id"),
        Index("ix_payment_bank_line", "bank_line_id", postgresql_where=text("bank_line_id is not null")),
        # what came after a day (data/invoicing/statement/items.py)
        Index("ix_payment_paid", "account_id", "paid_on", postgresql_include=["invoice_id", "amount"]),
        table_info(
            follow_invoice().plus(
                insert=_entered(
                    "amount", "currency", "paid_on", "reference", "bank_line_id", "reverses", "reason", by="recorded_by"
                )
            )
        ),
    )


class CreditApplication(Base):
    """A credit note used for an invoice of the same account, currency and issuer: it counts on both. A wrong one is
    taken back like a payment."""

    __tablename__ = "credit_application"
    id: Mapped[Id]
    account_id: Mapped[int]
    credit_note_id: Mapped[int]
    invoice_id: Mapped[int]
    amount: Mapped[Money]
    applied_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    applied_at: Mapped[Created]
    uuid: Mapped[PublicId]
    reverses: Mapped[int | None]
    reason: Mapped[str | None]
    __table_args__ = (
        invoice_key(),
        ForeignKeyConstraint(
            ["account_id", "invoice_id", "credit_note_id", "reverses"],
            [f"credit_application.{column}" for column in ("account_id", "invoice_id", "credit_note_id", "id")],
            name="fk_credit_application_reverses",
        ),
        UniqueConstraint("account_id", "invoice_id", "credit_note_id", "id"),
        UniqueConstraint("account_id", "reverses"),
        ForeignKeyConstraint(
            ["account_id", "credit_note_id"],
            ["invoice.account_id", "invoice.id"],
            name="fk_credit_application_credit_note",
        ),
        CheckConstraint(_COUNTS, name="amount"),
        CheckConstraint("amount <> 'NaN'", name="number"),
        CheckConstraint("credit_note_id <> invoice_id", name="two_sides"),
        Index("ix_credit_application_invoice", "account_id", "invoice_id"),
        Index("ix_credit_application_credit_note", "account_id", "credit_note_id"),
        Index("ix_credit_application_applied", "account_id", "applied_at"),
        table_info(
            follow_invoice().plus(insert=_entered("credit_note_id", "amount", "reverses", "reason", by="applied_by"))
        ),
    )


class InvoiceStep(Base):
    """Somebody of finance issued an invoice, voided it or gave it up: adding the row is what does it (money.sql).
    `amount` is what was open then. Why it was given up is finance's own affair; why it is void, all who see it read."""

    __tablename__ = "invoice_step"
    id: Mapped[Id]
    account_id: Mapped[int]
    invoice_id: Mapped[int]
    step: Mapped[str]
    amount: Mapped[Money]
    reason: Mapped[str | None]
    #: Of the reason, what everybody who sees the invoice is told: the form in which it was written said so.
    told: Mapped[str | None] = mapped_column(
        Computed(f"case when step = '{Step.VOID}' then reason end", persisted=True)
    )
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[Created]
    __table_args__ = (
        invoice_key(),
        one_of("step", Step),
        CheckConstraint(
            f"step not in ({_EXPLAINED}) or (reason is not null and length(btrim(reason)) > 0)",
            name="reason",
        ),
        Index("ix_invoice_step_invoice", "account_id", "invoice_id"),
        table_info(
            follow_invoice().plus(
                insert=_entered("step", "reason", by="taken_by"),
                columns=dict.fromkeys(
                    (Hat.CUSTOMER, Hat.MANY, Hat.MANAGER),
                    ("id", "account_id", "invoice_id", "step", "amount", "told", "taken_at"),
                ),
            )
        ),
    )


class PaymentReminder(Base):
    """An account was reminded by mail of what is overdue; only authz.remind() writes here."""

    __tablename__ = "payment_reminder"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    sent_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    sent_at: Mapped[Created]
    #: Although the account had been reminded a few days before.
    forced: Mapped[bool]
    #: How many it was about, and how many people it went to.
    invoices: Mapped[int]
    recipients: Mapped[int]
    __table_args__ = (
        Index("ix_payment_reminder_account", "account_id", "sent_at"),
        table_info(Rows(see={Hat.STAFF: _FINANCE})),
    )
