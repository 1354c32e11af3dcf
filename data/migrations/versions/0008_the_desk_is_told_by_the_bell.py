"""The desk is told by the bell when a clock runs out; a target that differs counts from a day on"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "notice", sa.Column("for_staff", sa.Boolean(), server_default=sa.text("false"), nullable=False), schema="portal"
    )
    op.add_column("notice", sa.Column("about_account_id", sa.BigInteger(), nullable=True), schema="portal")
    op.add_column("notice", sa.Column("says", sa.Text(), nullable=True), schema="portal")
    op.add_column("notice", sa.Column("promise", sa.Text(), nullable=True), schema="portal")
    op.create_foreign_key(
        op.f("fk_notice_about_account_id_account"),
        "notice",
        "account",
        ["about_account_id"],
        ["id"],
        source_schema="portal",
        referent_schema="portal",
    )
    op.create_check_constraint(
        op.f("ck_notice_says"), "notice", "says in ('sla_warning', 'sla_breach')", schema="portal"
    )
    op.create_check_constraint(
        op.f("ck_notice_for_staff"),
        "notice",
        "for_staff = (about_account_id is not null) and "
        "(not for_staff or (function is not null and not everyone and person_id is null))",
        schema="portal",
    )
    op.create_index(
        "ix_notice_published_to_customers",
        "notice",
        ["published_at", "id"],
        schema="portal",
        postgresql_where=sa.text("not for_staff"),
    )
    # what stands in this table was used by nothing until now: it counts from now on, and for nothing that was
    op.add_column(
        "sla_target",
        sa.Column(
            "since",
            sa.DateTime(timezone=True),
            server_default=sa.text("now() + interval '1 minute'"),
            nullable=False,
        ),
        schema="portal",
    )
    op.alter_column("sla_target", "minutes", nullable=True, schema="portal")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
