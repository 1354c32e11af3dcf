"""Why an invoice is void, whoever reads it reads; why one was given up stays finance's own affair"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    told = sa.Computed("case when step = 'void' then reason end", persisted=True)
    op.add_column("invoice_step", sa.Column("told", sa.Text(), told), schema="portal")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
