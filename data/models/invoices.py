"""Invoices: what an account owes, to which legal entity, until when, and what was paid or credited."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import (
    Base,
    Created,
    Id,
    Moment,
    Money,
    Number,
    PublicId,
    Version,
    Zero,
    one_of,
    order_of_list,
    table_info,
)
from data.models.rows import ME, Hat, Rows, Write, following, managed, many_accounts, of_account, one_account, staff
from rules.invoice_moves import NEEDS_REASON, Step
from rules.money import CURRENCIES, WHOLE, InvoiceState, InvoiceType
from rules.permissions import Permission

P = Permission
#: The service desk never comes near an invoice: authz.staff() is false for it, so one condition serves all staff.
_ISSUED = "state <> 'draft'"
_IN_FORCE = "state in ('issued', 'partially_paid')"
_FILTERED = ("state", "type", "due_date", "issue_date", "currency", "issuer_id", "disputed")
#: What fewer filter by stands in the orders that most look at: the place and the amount.
_AND_MORE = (*_FILTERED, "site_ids", "total_cents")
_DISPUTED = f"disputed and {_IN_FORCE}"
_BY_BEGINNING: dict[str, Any] = {
    "postgresql_ops": {"purchase_order": "text_pattern_ops"},
    "postgresql_include": ["state"],  # whether it is a draft
}
_READERS = (Hat.CUSTOMER, Hat.MANY, Hat.STAFF, Hat.MANAGER)
_FINANCE = staff(P.INVOICE_MANAGE)
#: What is entered wrongly is taken back by an entry against it, once and with the reason: nothing is ever removed.
_COUNTS = "case when reverses is null then amount > 0 and reason is null else amount < 0 and reason is not null end"
_EXPLAINED = ", ".join(f"'{step}'" for step in sorted(NEEDS_REASON))
_WHOLE = ", ".join(f"'{currency}'" for currency in WHOLE)

_INVOICES = Rows(
    see={
        Hat.CUSTOMER: f"{one_account(P.INVOICE_VIEW)} and {_ISSUED}",
        Hat.MANY: f"{many_accounts(P.INVOICE_VIEW)} and {_ISSUED}",
        Hat.STAFF: staff(P.INVOICE_VIEW),
        Hat.MANAGER: f"{managed(P.INVOICE_VIEW)} and {_ISSUED}",
    }
)


class Invoice(Base):
    """An invoice or a credit note; numbers are unique per issuing entity, the balance is the database's."""

    __tablename__ = "invoice"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    issuer_id: Mapped[int] = mapped_column(ForeignKey("legal_entity.id"))
    number: Mapped[Number]
    type: Mapped[str] = mapped_column(server_default=InvoiceType.INVOICE)
    bill_to: Mapped[str | None]
    issue_date: Mapped[date]
    due_date: Mapped[date]
    terms: Mapped[str | None]
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]
    currency: Mapped[str]
    subtotal: Mapped[Money]
    tax: Mapped[Money]
    total: Mapped[Money]
    #: The same as a whole number: comparing numerics is not leakproof, so that under row security no index serves it.
    total_cents: Mapped[int] = mapped_column(Computed("(total * 100)::bigint", persisted=True))
    paid: Mapped[Zero]
    credited: Mapped[Zero]
    written_off: Mapped[Zero]
    balance: Mapped[Decimal] = mapped_column(
        Numeric(18, 2), Computed("total - paid - credited - written_off", persisted=True)
    )
    state: Mapped[str] = mapped_column(server_default=InvoiceState.ISSUED)
    disputed: Mapped[bool] = mapped_column(server_default=text("false"))
    purchase_order: Mapped[str | None]
    #: The sites of its lines, which the database writes down here (data/security/triggers.py): a list filters by them.
    site_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
    version: Mapped[Version]
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            "portal.search_vector(account_id, number, coalesce(purchase_order, '') || ' ' || coalesce(bill_to, ''))",
            persisted=True,
        ),
    )
    __table_args__ = (
        UniqueConstraint("issuer_id", "number"),
        UniqueConstraint("account_id", "id"),
        one_of("type", InvoiceType),
        one_of("state", InvoiceState),
        one_of("currency", CURRENCIES),
        CheckConstraint("total = subtotal + tax", name="total"),
        CheckConstraint("paid >= 0 and credited >= 0 and written_off >= 0", name="settled"),
        CheckConstraint("total >= 0", name="positive"),
        CheckConstraint("due_date >= issue_date", name="due_date"),
        CheckConstraint("(state = 'paid') <= (balance <= 0)", name="paid_means_nothing_is_open"),
        CheckConstraint(
            "state not in ('issued', 'partially_paid') or balance > 0", name="in_force_means_something_is_open"
        ),
        *order_of_list("invoice", "issued", "issue_date", "id", carrying=_AND_MORE),
        *order_of_list("invoice", "due", "due_date", "id", carrying=_AND_MORE),
        *order_of_list("invoice", "total", "total_cents", "id", carrying=_FILTERED),
        *order_of_list("invoice", "state", "state", "due_date", "id", carrying=_FILTERED),
        *order_of_list("invoice", "currency", "currency", "due_date", "id", carrying=_FILTERED),
        *order_of_list("invoice", "open", "due_date", "id", carrying=_AND_MORE, only=_IN_FORCE),
        *order_of_list("invoice", "open_issued", "issue_date", "id", carrying=_FILTERED, only=_IN_FORCE),
        *order_of_list("invoice", "open_total", "total_cents", "id", carrying=_FILTERED, only=_IN_FORCE),
        *order_of_list("invoice", "credit", "due_date", "id", carrying=_FILTERED, only="type = 'credit_note'"),
        *order_of_list("invoice", "disputed", "due_date", "id", carrying=_FILTERED, only=_DISPUTED),
        # in the order of bytes, which is what a beginning is looked for in
        Index("ix_invoice_purchase_order", "account_id", "purchase_order", **_BY_BEGINNING),
        Index("ix_invoice_all_purchase_order", "purchase_order", **_BY_BEGINNING),
        Index("ix_invoice_number", "account_id", "number"),
        Index("ix_invoice_all_number", "number"),
        Index("ix_invoice_search", "search", postgresql_using="gin"),
        table_info(_INVOICES),
    )


def _follow_invoice() -> Rows:
    return following("invoice", ("account_id", "account_id"), ("invoice_id", "id"), hats=_READERS)


def _invoice_key() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["account_id", "invoice_id"], ["invoice.account_id", "invoice.id"])


def _entered(*columns: str, by: str) -> dict[Hat, Write]:
    """Finance adds rows under its own name; what they come to for the invoice, the database reckons (money.sql)."""
    return {Hat.STAFF: Write(("account_id", "invoice_id", *columns, by), f"{_FINANCE} and {by} = {ME}")}


class InvoiceLine(Base):
    """One line: what, where, how much of it, at what price, with which tax."""

    __tablename__ = "invoice_line"
    id: Mapped[Id]
    account_id: Mapped[int]
    invoice_id: Mapped[int]
    line: Mapped[int]
    description: Mapped[str]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    product: Mapped[str | None]
    quantity: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    unit_price: Mapped[Decimal] = mapped_column(Numeric(18, 6))
    charge: Mapped[str]
    amount: Mapped[Money]
    tax: Mapped[Zero]
    __table_args__ = (
        _invoice_key(),
        UniqueConstraint("account_id", "invoice_id", "line"),
        UniqueConstraint("account_id", "invoice_id", "id"),
        one_of("charge", ("recurring", "one_time", "adjustment")),
        table_info(_follow_invoice()),
    )


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
        _invoice_key(),
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
        # what came after a day (data/invoicing/statement.py)
        Index("ix_payment_paid", "account_id", "paid_on", postgresql_include=["invoice_id", "amount"]),
        table_info(
            _follow_invoice().plus(
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
        _invoice_key(),
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
            _follow_invoice().plus(insert=_entered("credit_note_id", "amount", "reverses", "reason", by="applied_by"))
        ),
    )


class InvoiceStep(Base):
    """Somebody of finance issued an invoice, voided it or gave it up: adding the row is what does it (money.sql).
    `amount` is what was open then. Why, is finance's own affair."""

    __tablename__ = "invoice_step"
    id: Mapped[Id]
    account_id: Mapped[int]
    invoice_id: Mapped[int]
    step: Mapped[str]
    amount: Mapped[Money]
    reason: Mapped[str | None]
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[Created]
    __table_args__ = (
        _invoice_key(),
        one_of("step", Step),
        CheckConstraint(
            f"step not in ({_EXPLAINED}) or (reason is not null and length(btrim(reason)) > 0)",
            name="reason",
        ),
        Index("ix_invoice_step_invoice", "account_id", "invoice_id"),
        table_info(
            _follow_invoice().plus(
                insert=_entered("step", "reason", by="taken_by"),
                columns=dict.fromkeys(
                    (Hat.CUSTOMER, Hat.MANY, Hat.MANAGER),
                    ("id", "account_id", "invoice_id", "step", "amount", "taken_at"),
                ),
            )
        ),
    )


_ORIGINAL = ("name", "sha256", "content", "uploaded_by", "uploaded_at")


class InvoiceDocument(Base):
    """The uploaded original of an invoice; where there is one, it is what downloads. Finance keeps it."""

    __tablename__ = "invoice_document"
    id: Mapped[Id]
    account_id: Mapped[int]
    invoice_id: Mapped[int]
    name: Mapped[str]
    sha256: Mapped[bytes]
    content: Mapped[bytes]
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[Created]
    version: Mapped[Version]
    __table_args__ = (
        _invoice_key(),
        UniqueConstraint("account_id", "invoice_id"),
        table_info(
            _follow_invoice().plus(
                insert={
                    Hat.STAFF: Write(
                        ("account_id", "invoice_id", *_ORIGINAL), f"{staff(P.INVOICE_MANAGE)} and uploaded_by = {ME}"
                    )
                },
                update={Hat.STAFF: Write((*_ORIGINAL, "version"), staff(P.INVOICE_MANAGE))},
                delete={Hat.STAFF: staff(P.INVOICE_MANAGE)},
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
        table_info(Rows(see={Hat.STAFF: staff(P.INVOICE_MANAGE)})),
    )


class InvoiceTally(Base):
    """How many invoices and how much money, by what totals and charts ask for. Rows are added, never changed;
    a total is a sum, and the worker folds them (data/tallies.py). `due` is the due date while a balance is open, and
    the first of its month afterwards: only open balances are asked for by the day. `disputed` is said of
    those alone."""

    __tablename__ = "invoice_tally"
    account_id: Mapped[int]
    issuer_id: Mapped[int]
    currency: Mapped[str]
    type: Mapped[str]
    state: Mapped[str]
    disputed: Mapped[bool]
    due: Mapped[date]
    n: Mapped[int]
    total: Mapped[Decimal] = mapped_column(Numeric(24, 2))
    balance: Mapped[Decimal] = mapped_column(Numeric(24, 2))
    row: Mapped[Id]
    __table_args__ = (
        Index("ix_invoice_tally_account", "account_id"),
        table_info(
            of_account(P.INVOICE_VIEW).plus(
                see={
                    Hat.CUSTOMER: f"{one_account(P.INVOICE_VIEW)} and {_ISSUED}",
                    Hat.MANY: f"{many_accounts(P.INVOICE_VIEW)} and {_ISSUED}",
                    Hat.MANAGER: f"{managed(P.INVOICE_VIEW)} and {_ISSUED}",
                    Hat.WORKER: "true",
                },
                delete={Hat.WORKER: "true"},
                insert={
                    Hat.WORKER: Write(
                        (
                            "account_id",
                            "issuer_id",
                            "currency",
                            "type",
                            "state",
                            "disputed",
                            "due",
                            "n",
                            "total",
                            "balance",
                        ),
                        "true",
                    )
                },
            )
        ),
    )
