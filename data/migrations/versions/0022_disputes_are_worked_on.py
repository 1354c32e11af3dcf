"""Disputes are worked on: of several lines, with what was agreed, and mail about them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

REASONS = "'price', 'quantity', 'twice', 'not_ordered', 'ended', 'tax', 'already_paid', 'other'"
STATES = "'open', 'answered', 'accepted', 'rejected', 'closed'"
KINDS = (
    "'ticket_submitted', 'ticket_answered', 'ticket_note', 'ticket_status', 'ticket_waiting', 'ticket_resolved', "
    "'shipment_received', 'storage_ends', 'visit_approved', 'watch_confirm', 'sla_warning', 'sla_breach', "
    "'password_link', 'password_changed', 'invitation', 'access_asked', 'handed_over', 'factor_changed', "
    "'staff_welcome', 'access_by_staff', 'account_moved', 'payment_reminder', 'dispute_opened', 'dispute_note', 'dispute_answered', "
    "'dispute_decided'"
)


def upgrade() -> None:
    _lines()
    _dispute()
    _thread()
    op.drop_constraint(op.f("ck_mail_kind"), "mail", schema="portal")
    op.create_check_constraint(op.f("ck_mail_kind"), "mail", f"kind in ({KINDS})", schema="portal")


def _lines() -> None:
    op.create_unique_constraint(
        op.f("uq_dispute_account_id_invoice_id_id"), "dispute", ["account_id", "invoice_id", "id"], schema="portal"
    )
    op.create_table(
        "dispute_line",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("dispute_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "invoice_id", "dispute_id"],
            ["portal.dispute.account_id", "portal.dispute.invoice_id", "portal.dispute.id"],
            name="fk_dispute_line_dispute",
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "invoice_id", "line_id"],
            ["portal.invoice_line.account_id", "portal.invoice_line.invoice_id", "portal.invoice_line.id"],
            name="fk_dispute_line_line",
        ),
        sa.PrimaryKeyConstraint("account_id", "dispute_id", "line_id", name=op.f("pk_dispute_line")),
        schema="portal",
    )
    op.create_index(
        "ix_dispute_line_line", "dispute_line", ["account_id", "invoice_id", "line_id"], schema="portal"
    )
    op.execute(
        "insert into portal.dispute_line (account_id, dispute_id, line_id, invoice_id) "
        "select account_id, id, line_id, invoice_id from portal.dispute where line_id is not null"
    )
    op.drop_constraint("fk_dispute_line", "dispute", schema="portal", type_="foreignkey")
    op.drop_column("dispute", "line_id", schema="portal")


def _dispute() -> None:
    op.add_column("dispute", sa.Column("agreed", sa.Numeric(18, 2)), schema="portal")
    op.add_column("dispute", sa.Column("credit_note_id", sa.BigInteger()), schema="portal")
    now = sa.text("now()")
    op.add_column(
        "dispute",
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        schema="portal",
    )
    op.execute("update portal.dispute set updated_at = coalesce(closed_at, opened_at)")
    op.execute(f"update portal.dispute set reason = 'other' where reason not in ({REASONS})")
    op.create_foreign_key(
        "fk_dispute_credit_note", "dispute", "invoice", ["account_id", "credit_note_id"], ["account_id", "id"],
        source_schema="portal", referent_schema="portal",
    )  # fmt: skip
    for name, check in (
        ("reason", f"reason in ({REASONS})"),
        ("agreed", "agreed > 0 and agreed <= amount"),
        ("credit", "credit_note_id is null or agreed is not null"),
    ):
        op.create_check_constraint(op.f(f"ck_dispute_{name}"), "dispute", check, schema="portal")


def _thread() -> None:
    uuid = sa.Column("uuid", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)
    op.add_column("dispute_message", uuid, schema="portal")
    op.create_unique_constraint(op.f("uq_dispute_message_uuid"), "dispute_message", ["uuid"], schema="portal")
    op.add_column("dispute_message", sa.Column("brought", sa.Text()), schema="portal")
    op.add_column(
        "dispute_message", sa.Column("side", sa.Text(), server_default="customer", nullable=False), schema="portal"
    )
    op.execute(
        "update portal.dispute_message m set side = 'finance' from portal.person p "
        "where p.id = m.author_id and p.kind = 'staff'"
    )
    op.alter_column("dispute_message", "side", server_default=None, schema="portal")
    for name, check in (
        ("side", "side in ('customer', 'finance')"),
        ("brought", f"brought in ({STATES})"),
        ("body", "length(body) <= 10000"),
    ):
        op.create_check_constraint(op.f(f"ck_dispute_message_{name}"), "dispute_message", check, schema="portal")
    op.drop_index("ix_dispute_message_dispute", "dispute_message", schema="portal")
    op.create_index(
        "ix_dispute_message_dispute", "dispute_message", ["account_id", "dispute_id", "id"], schema="portal"
    )
    for name, check in (
        ("size", "octet_length(content) between 1 and 10485760"),
        ("media_type", "media_type ~ '^[a-z]+/[a-z0-9][a-z0-9.+-]*$' and length(media_type) <= 100"),
    ):
        op.create_check_constraint(op.f(f"ck_dispute_file_{name}"), "dispute_file", check, schema="portal")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
