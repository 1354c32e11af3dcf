"""Which of their accounts somebody looked at last is remembered"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_choice",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("account_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.CheckConstraint(
            "cardinality(account_ids) between 1 and 10000", name=op.f("ck_account_choice_some_accounts")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["portal.person.id"], name=op.f("fk_account_choice_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_account_choice")),
        schema="portal",
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
