"""What nobody may forge: mail is told once per writer and ticket, files are as large as they say"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "mail",
        sa.Column("written_by", sa.Text(), server_default=sa.text("current_user"), nullable=False),
        schema="portal",
    )
    op.drop_constraint(op.f("uq_mail_account_id_dedupe_key"), "mail", schema="portal")
    op.create_unique_constraint(
        op.f("uq_mail_account_id_ticket_id_written_by_dedupe_key"),
        "mail",
        ["account_id", "ticket_id", "written_by", "dedupe_key"],
        schema="portal",
        postgresql_nulls_not_distinct=True,
    )
    op.drop_constraint(op.f("ck_attachment_size"), "attachment", schema="portal")
    op.create_check_constraint(
        op.f("ck_attachment_size"),
        "attachment",
        "size between 1 and 10485760 and size = octet_length(content)",
        schema="portal",
    )
    op.create_check_constraint(
        op.f("ck_attachment_media_type"),
        "attachment",
        "media_type ~ '^[a-z]+/[a-z0-9][a-z0-9.+-]*$' and length(media_type) <= 100",
        schema="portal",
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
