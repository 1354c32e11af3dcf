"""How well promises are kept, counted as it happens; a mail before the storage of a shipment ends"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KINDS = (
    "'ticket_submitted', 'ticket_answered', 'ticket_note', 'ticket_status', 'ticket_waiting', 'ticket_resolved', "
    "'shipment_received', 'storage_ends', 'visit_approved', 'watch_confirm', 'sla_warning', 'sla_breach'"
)
MONTH = "date_trunc('month', started_at at time zone 'UTC')::date"


def upgrade() -> None:
    op.create_table(
        "clock_tally",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("met", sa.BigInteger(), nullable=False),
        sa.Column("breached", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_clock_tally")),
        schema="portal",
    )
    op.create_index("ix_clock_tally_account", "clock_tally", ["account_id", "month"], schema="portal")
    op.execute(
        "insert into portal.clock_tally (account_id, site_id, kind, clock, month, met, breached) "
        f"select account_id, site_id, kind, clock, {MONTH}, count(*) filter (where outcome = 'met'), "
        "count(*) filter (where outcome = 'breached') "
        f"from portal.ticket_clock where outcome is not null group by account_id, site_id, kind, clock, {MONTH}"
    )
    op.create_index("ix_ticket_clock_started", "ticket_clock", ["started_at", "id"], schema="portal")
    op.drop_constraint(op.f("ck_mail_kind"), "mail", schema="portal")
    op.create_check_constraint(op.f("ck_mail_kind"), "mail", f"kind in ({KINDS})", schema="portal")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
