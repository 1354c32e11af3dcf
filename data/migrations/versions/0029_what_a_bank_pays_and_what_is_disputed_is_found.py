"""What a bank's line pays is found by what is open; disputes are read in their orders, lines set aside in theirs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

IN_FORCE = "state in ('issued', 'partially_paid')"
#: Name, order, and which rows; each within an account, and over all of them.
ORDERS = (
    ("opened", "opened_at", None),
    ("updated", "updated_at", None),
    ("amount", "amount", None),
    ("going_on", "opened_at", "state in ('answered', 'open')"),
)
FILTERED = ("state", "reason", "opened_at", "invoice_id")


def upgrade() -> None:
    cents = sa.Computed("((total - paid - credited - written_off) * 100)::bigint", persisted=True)
    op.add_column("invoice", sa.Column("balance_cents", sa.BigInteger(), cents, nullable=False), schema="portal")
    op.create_index(
        "ix_invoice_all_open_balance", "invoice", ["currency", "balance_cents", "due_date", "id"], schema="portal",
        postgresql_include=["account_id", "type", "state"], postgresql_where=sa.text(IN_FORCE),
    )  # fmt: skip
    for name, order, only in ORDERS:
        for place, account in (("", ["account_id"]), ("all_", [])):
            op.create_index(
                f"ix_dispute_{place}{name}", "dispute", [*account, order, "id"], schema="portal",
                postgresql_include=[column for column in FILTERED if column != order],
                postgresql_where=None if only is None else sa.text(only),
            )  # fmt: skip
    op.create_index(
        "ix_dispute_followed", "dispute", ["account_id", "id"], schema="portal", postgresql_include=["invoice_id"]
    )
    op.create_index(
        "ix_bank_line_aside", "bank_line", ["set_aside_at"], schema="portal",
        postgresql_where=sa.text("set_aside_at is not null"),
    )  # fmt: skip


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
