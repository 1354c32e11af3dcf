"""Mail says what it is about and to whom; its words are made when its turn comes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KINDS = (
    "'ticket_submitted', 'ticket_answered', 'ticket_note', 'ticket_status', 'ticket_waiting', 'ticket_resolved', "
    "'shipment_received', 'visit_approved', 'watch_confirm', 'sla_warning', 'sla_breach'"
)


def upgrade() -> None:
    op.execute("delete from portal.mail")  # nothing has written any yet
    for column in ("about_kind", "about_id", "recipient", "subject", "body_text", "body_html", "headers"):
        op.drop_column("mail", column, schema="portal")
    op.add_column("mail", sa.Column("kind", sa.Text(), nullable=False), schema="portal")
    op.add_column("mail", sa.Column("person_id", sa.BigInteger(), nullable=True), schema="portal")
    op.add_column("mail", sa.Column("address", sa.Text(), nullable=True), schema="portal")
    op.add_column("mail", sa.Column("ticket_id", sa.BigInteger(), nullable=True), schema="portal")
    op.add_column(
        "mail",
        sa.Column("context", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        schema="portal",
    )
    op.alter_column("mail", "dedupe_key", nullable=False, schema="portal")
    op.drop_constraint(op.f("ck_mail_state"), "mail", schema="portal")
    op.create_check_constraint(
        op.f("ck_mail_state"), "mail", "state in ('ready', 'sent', 'dead', 'withheld')", schema="portal"
    )
    op.create_check_constraint(op.f("ck_mail_kind"), "mail", f"kind in ({KINDS})", schema="portal")
    op.create_check_constraint(
        op.f("ck_mail_one_recipient"), "mail", "(person_id is null) <> (address is null)", schema="portal"
    )
    op.create_check_constraint(
        op.f("ck_mail_ticket_has_account"), "mail", "ticket_id is null or account_id is not null", schema="portal"
    )
    op.create_foreign_key(
        op.f("fk_mail_person_id"), "mail", "person", ["person_id"], ["id"],
        source_schema="portal", referent_schema="portal",
    )
    op.create_foreign_key(
        op.f("fk_mail_account_id_ticket_id"), "mail", "ticket", ["account_id", "ticket_id"], ["account_id", "id"],
        source_schema="portal", referent_schema="portal",
    )
    op.create_index("ix_mail_dead", "mail", ["id"], schema="portal", postgresql_where=sa.text("state = 'dead'"))
    op.drop_column("ticket_watcher", "leave_token_hash", schema="portal")  # the link in a mail is signed instead
    op.create_index("ix_mail_ticket", "mail", ["account_id", "ticket_id", "id"], schema="portal")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
