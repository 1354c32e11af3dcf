"""The original of an invoice can be replaced, so it has a version"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    version = sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False)
    op.add_column("invoice_document", version, schema="portal")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
