"""Colleagues join a conversation later; a text to several has files, kept once for all of them; light or dark is chosen"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

MEDIA_TYPE = "media_type ~ '^[a-z]+/[a-z0-9][a-z0-9.+-]*$' and length(media_type) <= 100"


def upgrade() -> None:
    op.create_table(
        "broadcast_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("broadcast_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(content) between 1 and 10485760", name=op.f("ck_broadcast_file_size")),
        sa.CheckConstraint(MEDIA_TYPE, name=op.f("ck_broadcast_file_media_type")),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["portal.broadcast.id"], name=op.f("fk_broadcast_file_broadcast_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast_file")),
        schema="portal",
    )
    op.create_index(op.f("ix_broadcast_file_broadcast_id"), "broadcast_file", ["broadcast_id"], schema="portal")
    _kept_once()
    op.execute("update portal.person set theme = null where theme not in ('light', 'dark')")
    op.create_check_constraint(op.f("ck_person_theme"), "person", "theme in ('light', 'dark')", schema="portal")


def _kept_once() -> None:
    op.add_column("thread_file", sa.Column("broadcast_file_id", sa.BigInteger()), schema="portal")
    op.create_foreign_key(
        op.f("fk_thread_file_broadcast_file_id"), "thread_file", "broadcast_file", ["broadcast_file_id"], ["id"],
        source_schema="portal", referent_schema="portal",
    )  # fmt: skip
    op.create_index(op.f("ix_thread_file_broadcast_file_id"), "thread_file", ["broadcast_file_id"], schema="portal")
    op.alter_column("thread_file", "content", nullable=True, schema="portal")
    once = "(content is null) <> (broadcast_file_id is null)"
    op.create_check_constraint(op.f("ck_thread_file_kept_once"), "thread_file", once, schema="portal")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
