"""A forgotten password is asked for by mail; a session has a name that its person may see"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KINDS = (
    "'ticket_submitted', 'ticket_answered', 'ticket_note', 'ticket_status', 'ticket_waiting', 'ticket_resolved', "
    "'shipment_received', 'storage_ends', 'visit_approved', 'watch_confirm', 'sla_warning', 'sla_breach', "
    "'password_link', 'password_changed'"
)


def upgrade() -> None:
    op.add_column(
        "session",
        sa.Column("uuid", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        schema="auth",
    )
    op.create_unique_constraint(op.f("uq_session_uuid"), "session", ["uuid"], schema="auth")
    op.alter_column("link", "person_id", nullable=True, schema="auth")
    op.add_column("link", sa.Column("password_from", sa.DateTime(timezone=True), nullable=True), schema="auth")
    op.drop_constraint(op.f("ck_mail_kind"), "mail", schema="portal")
    op.create_check_constraint(op.f("ck_mail_kind"), "mail", f"kind in ({KINDS})", schema="portal")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
