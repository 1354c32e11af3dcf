"""What somebody typed into a form and has not sent yet; which passwords are still kept in an older form"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("char_length(form) <= 100", name=op.f("ck_draft_form")),
        sa.CheckConstraint("octet_length(fields::text) <= 65536", name=op.f("ck_draft_size")),
        sa.ForeignKeyConstraint(["person_id"], ["portal.person.id"], name=op.f("fk_draft_person_id")),
        sa.PrimaryKeyConstraint("person_id", "form", name=op.f("pk_draft")),
        schema="portal",
    )
    op.create_index(
        "ix_credential_older",
        "credential",
        ["password_hash"],
        schema="auth",
        postgresql_where=sa.text("password_hash ^@ '$2'"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
