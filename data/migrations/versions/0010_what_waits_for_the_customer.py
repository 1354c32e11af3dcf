"""What waits for the customer is found by the date it should be answered"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_ticket_waiting",
        "ticket",
        ["account_id", "respond_by", "id"],
        schema="portal",
        postgresql_include=["category", "kind", "status", "site_id", "severity", "waiting_for"],
        postgresql_where=sa.text("waiting_for = 'customer' or status = 'resolved'"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
