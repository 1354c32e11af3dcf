"""Mails about what staff did: to somebody's rights, to where an account stands, and to somebody new among them"""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KINDS = (
    "'ticket_submitted', 'ticket_answered', 'ticket_note', 'ticket_status', 'ticket_waiting', 'ticket_resolved', "
    "'shipment_received', 'storage_ends', 'visit_approved', 'watch_confirm', 'sla_warning', 'sla_breach', "
    "'password_link', 'password_changed', 'invitation', 'access_asked', 'handed_over', 'factor_changed', "
    "'staff_welcome', 'access_by_staff', 'account_moved'"
)


def upgrade() -> None:
    op.drop_constraint(op.f("ck_mail_kind"), "mail", schema="portal")
    op.create_check_constraint(op.f("ck_mail_kind"), "mail", f"kind in ({KINDS})", schema="portal")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
