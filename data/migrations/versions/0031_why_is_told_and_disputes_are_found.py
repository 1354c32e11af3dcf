"""Why an invoice is void, whoever reads it reads; a dispute keeps the number of its invoice, by which it is found"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

ITS_INVOICE = "i.account_id = d.account_id and i.id = d.invoice_id"


def upgrade() -> None:
    told = sa.Computed("case when step = 'void' then reason end", persisted=True)
    op.add_column("invoice_step", sa.Column("told", sa.Text(), told), schema="portal")
    op.add_column("dispute", sa.Column("number", sa.Text(collation="C")), schema="portal")
    op.execute(f"update portal.dispute d set number = i.number from portal.invoice i where {ITS_INVOICE}")
    op.alter_column("dispute", "number", nullable=False, schema="portal")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
