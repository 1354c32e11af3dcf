"""Reports are mailed and calendars read in sessions that are delegated: narrow, short, and theirs to stop"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from data.migrations.steps import allow_mail

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_check_constraint(
        op.f("ck_session_delegated"),
        "session",
        "kind = 'web' or (coalesce(cardinality(functions), 0) > 0 "
        "and expires_at <= created_at + interval '15 minutes')",
        schema="auth",
    )
    _scheduled_report()
    _feed_token()
    _mail()


def _scheduled_report() -> None:
    op.execute("delete from portal.scheduled_report")  # no page wrote any
    table = {"table_name": "scheduled_report", "schema": "portal"}
    op.drop_column(**table, column_name="account_id")
    for column in (
        sa.Column("role", sa.Text()),
        sa.Column("functions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("on_day", sa.SmallInteger(), nullable=False),
        sa.Column("at_hour", sa.SmallInteger(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("language", sa.Text()),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("stopped_why", sa.Text()),
        sa.Column("failures", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_until", MOMENT),
        sa.Column("lease_hash", sa.LargeBinary()),
        sa.Column("last_at", MOMENT),
        sa.Column("last_rows", sa.BigInteger()),
        sa.Column("last_outcome", sa.Text()),
    ):
        op.add_column(**table, column=column)
    for name, check in (
        ("delivery", "delivery in ('file', 'link')"),
        ("stopped_why", "stopped_why in ('reader', 'rights', 'failed')"),
        ("last_outcome", "last_outcome in ('sent', 'linked', 'large', 'empty', 'failed', 'stopped')"),
        ("time", "at_hour between 0 and 23 and on_day between 1 and case every when 'week' then 7 else 31 end"),
        ("size", "length(query) <= 4000 and cardinality(functions) between 1 and 20"),
    ):
        op.create_check_constraint(op.f(f"ck_scheduled_report_{name}"), **table, condition=check)
    op.create_index(op.f("ix_scheduled_report_person_id"), **table, columns=["person_id"])
    op.create_index(
        "ix_scheduled_report_due", **table, columns=["next_at", "id"], postgresql_where=sa.text("stopped_at is null")
    )


def _feed_token() -> None:
    op.execute("delete from portal.feed_token")  # no page gave any out
    for column in (
        sa.Column("role", sa.Text()),
        sa.Column("language", sa.Text()),
        sa.Column("time_zone", sa.Text(), nullable=False),
    ):
        op.add_column("feed_token", column, schema="portal")
    op.create_index(
        "uq_feed_token_live", "feed_token", ["person_id"], unique=True, schema="portal",
        postgresql_where=sa.text("revoked_at is null"),
    )  # fmt: skip


def _mail() -> None:
    op.create_table(
        "mail_file",
        sa.Column("mail_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(content) between 1 and 10485760", name=op.f("ck_mail_file_size")),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["portal.mail.id"], name=op.f("fk_mail_file_mail_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_mail_file")),
        schema="portal",
    )
    allow_mail("scheduled_report")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
