"""Finance records, credits, voids and writes off by adding rows; what a bank wrote waits to be assigned"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

CURRENCIES = "'USD', 'PHP', 'IDR', 'INR', 'MYR', 'CNY', 'THB', 'SGD', 'JPY', 'KRW', 'EUR'"
COUNTS = "case when reverses is null then amount > 0 and reason is null else amount < 0 and reason is not null end"


def upgrade() -> None:
    _bank_line()
    _payment()
    _credit_application()
    _invoice_step()


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False)


def _bank_line() -> None:
    money, moment = sa.Numeric(18, 2), sa.DateTime(timezone=True)
    op.create_table(
        "bank_line",
        _id(),
        sa.Column("uuid", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount", money, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("assigned", money, server_default=sa.text("0"), nullable=False),
        sa.Column("rest", money, sa.Computed("amount - assigned", persisted=True), nullable=False),
        sa.Column("imported_by", sa.BigInteger(), nullable=True),
        sa.Column("imported_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("set_aside_at", moment, nullable=True),
        sa.Column("set_aside_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(f"currency in ({CURRENCIES})", name=op.f("ck_bank_line_currency")),
        sa.CheckConstraint("amount > 0 and amount <> 'NaN'", name=op.f("ck_bank_line_amount")),
        sa.CheckConstraint("assigned between 0 and amount", name=op.f("ck_bank_line_assigned")),
        sa.CheckConstraint(
            "(set_aside_at is null) = (reason is null) and (set_aside_at is null) = (set_aside_by is null)",
            name=op.f("ck_bank_line_set_aside"),
        ),
        sa.ForeignKeyConstraint(["imported_by"], ["portal.person.id"], name=op.f("fk_bank_line_imported_by")),
        sa.ForeignKeyConstraint(["set_aside_by"], ["portal.person.id"], name=op.f("fk_bank_line_set_aside_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_line")),
        sa.UniqueConstraint("uuid", name=op.f("uq_bank_line_uuid")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_bank_line_fingerprint")),
        schema="portal",
    )
    waiting = sa.text("rest > 0 and set_aside_at is null")
    op.create_index("ix_bank_line_open", "bank_line", ["booked_on", "id"], schema="portal", postgresql_where=waiting)


def _reversing(table: str, *keys: str) -> None:
    """What is taken back names the row it is against, which can be taken back once."""
    op.add_column(table, sa.Column("reverses", sa.BigInteger(), nullable=True), schema="portal")
    op.add_column(table, sa.Column("reason", sa.Text(), nullable=True), schema="portal")
    of = ["account_id", *keys]
    op.create_unique_constraint(op.f(f"uq_{table}_{'_'.join(of)}_id"), table, [*of, "id"], schema="portal")
    op.create_unique_constraint(op.f(f"uq_{table}_account_id_reverses"), table, ["account_id", "reverses"],
                                schema="portal")  # fmt: skip
    op.create_foreign_key(
        op.f(f"fk_{table}_reverses"), table, table, [*of, "reverses"], [*of, "id"],
        source_schema="portal", referent_schema="portal",
    )  # fmt: skip
    op.drop_constraint(op.f(f"ck_{table}_amount"), table, schema="portal")
    op.create_check_constraint(op.f(f"ck_{table}_amount"), table, COUNTS, schema="portal")
    op.create_check_constraint(op.f(f"ck_{table}_number"), table, "amount <> 'NaN'", schema="portal")


def _payment() -> None:
    op.add_column("payment", sa.Column("bank_line_id", sa.BigInteger(), nullable=True), schema="portal")
    _reversing("payment", "invoice_id")
    whole = "currency not in ('JPY', 'KRW') or amount = trunc(amount)"
    op.create_check_constraint(op.f("ck_payment_decimals"), "payment", whole, schema="portal")
    op.create_foreign_key(
        op.f("fk_payment_bank_line_id"), "payment", "bank_line", ["bank_line_id"], ["id"],
        source_schema="portal", referent_schema="portal",
    )  # fmt: skip
    named = sa.text("bank_line_id is not null")
    op.create_index("ix_payment_bank_line", "payment", ["bank_line_id"], schema="portal", postgresql_where=named)


def _credit_application() -> None:
    address = sa.Column("uuid", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)
    op.add_column("credit_application", address, schema="portal")
    op.create_unique_constraint(op.f("uq_credit_application_uuid"), "credit_application", ["uuid"], schema="portal")
    _reversing("credit_application", "invoice_id", "credit_note_id")
    op.create_check_constraint(
        op.f("ck_credit_application_two_sides"), "credit_application", "credit_note_id <> invoice_id", schema="portal"
    )
    op.create_index(
        "ix_credit_application_credit_note", "credit_application", ["account_id", "credit_note_id"], schema="portal"
    )


def _invoice_step() -> None:
    op.create_table(
        "invoice_step",
        _id(),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(18, 2), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("taken_by", sa.BigInteger(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("step in ('issued', 'void', 'written_off')", name=op.f("ck_invoice_step_step")),
        sa.CheckConstraint(
            "step not in ('void', 'written_off') or (reason is not null and length(btrim(reason)) > 0)",
            name=op.f("ck_invoice_step_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "invoice_id"],
            ["portal.invoice.account_id", "portal.invoice.id"],
            name=op.f("fk_invoice_step_account_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(["taken_by"], ["portal.person.id"], name=op.f("fk_invoice_step_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_step")),
        schema="portal",
    )
    op.create_index("ix_invoice_step_invoice", "invoice_step", ["account_id", "invoice_id"], schema="portal")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
