"""Invoices: what an account owes, to which legal entity, until when, with its lines, its original and its totals."""

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
    Money,
    Number,
    PublicId,
    Version,
    Zero,
    one_of,
    order_of_list,
    quoted,
    table_info,
)
from data.models.rows import ME, Hat, Rows, Write, following, managed, many_accounts, of_account, one_account, staff
from rules.money import CURRENCIES, OPEN_STATES, InvoiceState, InvoiceType
from rules.permissions import Permission

P = Permission
#: The service desk never comes near an invoice: authz.staff() is false for it, so one condition serves all staff.
_ISSUED = "state <> 'draft'"
_IN_FORCE = f"state in ({quoted(sorted(OPEN_STATES))})"
_FILTERED = ("state", "type", "due_date", "issue_date", "currency", "issuer_id", "disputed")
#: What fewer filter by stands in the orders that most look at: the place and the amount.
_AND_MORE = (*_FILTERED, "site_ids", "total_cents")
_DISPUTED = f"disputed and {_IN_FORCE}"
_BY_BEGINNING: dict[str, Any] = {
    "postgresql_ops": {"purchase_order": "text_pattern_ops"},
    "postgresql_include": ["state"],  # whether it is a draft
}
#: Whoever reads an invoice reads what hangs on it.
READERS = (Hat.CUSTOMER, Hat.MANY, Hat.STAFF, Hat.MANAGER)
_FINANCE = staff(P.INVOICE_MANAGE)

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
    #: As a whole number, for what a bank's line is matched by (data/invoicing/matching.py).
    balance_cents: Mapped[int] = mapped_column(
        Computed("((total - paid - credited - written_off) * 100)::bigint", persisted=True)
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
        CheckConstraint(f"not {_IN_FORCE} or balance > 0", name="in_force_means_something_is_open"),
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
        # what exactly so much is open of, the oldest first
        Index(
            "ix_invoice_all_open_balance",
            "currency",
            "balance_cents",
            "due_date",
            "id",
            postgresql_include=["account_id", "type", "state"],
            postgresql_where=text(_IN_FORCE),
        ),
        # in the order of bytes, which is what a beginning is looked for in
        Index("ix_invoice_purchase_order", "account_id", "purchase_order", **_BY_BEGINNING),
        Index("ix_invoice_all_purchase_order", "purchase_order", **_BY_BEGINNING),
        Index("ix_invoice_number", "account_id", "number"),
        Index("ix_invoice_all_number", "number"),
        Index("ix_invoice_search", "search", postgresql_using="gin"),
        table_info(_INVOICES),
    )


def follow_invoice(*, one_by_one: bool = False) -> Rows:
    """The rows of a table are seen with their invoice."""
    keys = ("account_id", "account_id"), ("invoice_id", "id")
    return by_account(following("invoice", *keys, hats=READERS, one_by_one=one_by_one))


def by_account(rows: Rows) -> Rows:
    """What follows an invoice, first of all by its account: an index finds those, and none of others is looked up. Who
    of staff sees one invoice sees all."""
    within = {
        Hat.CUSTOMER: one_account(P.INVOICE_VIEW),
        Hat.MANY: many_accounts(P.INVOICE_VIEW),
        Hat.MANAGER: managed(P.INVOICE_VIEW),
    }
    see = {hat: f"{condition} and {rows.see[hat]}" for hat, condition in within.items()}
    return rows.plus(see={**see, Hat.STAFF: staff(P.INVOICE_VIEW)})


def invoice_key() -> ForeignKeyConstraint:
    """To the invoice of the same account."""
    return ForeignKeyConstraint(["account_id", "invoice_id"], ["invoice.account_id", "invoice.id"])


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
        invoice_key(),
        UniqueConstraint("account_id", "invoice_id", "line"),
        UniqueConstraint("account_id", "invoice_id", "id"),
        one_of("charge", ("recurring", "one_time", "adjustment")),
        table_info(follow_invoice()),
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
        invoice_key(),
        UniqueConstraint("account_id", "invoice_id"),
        table_info(
            follow_invoice().plus(
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
