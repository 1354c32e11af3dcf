"""People are invited by mail; whoever lacks a page asks who runs the account"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KINDS = (
    "'ticket_submitted', 'ticket_answered', 'ticket_note', 'ticket_status', 'ticket_waiting', 'ticket_resolved', "
    "'shipment_received', 'storage_ends', 'visit_approved', 'watch_confirm', 'sla_warning', 'sla_breach', "
    "'password_link', 'password_changed', 'invitation', 'access_asked', 'handed_over'"
)
SAID = "'sla_warning', 'sla_breach', 'access_asked'"


def upgrade() -> None:
    _invitation()
    op.add_column("link", sa.Column("invitation_id", sa.BigInteger(), nullable=True), schema="auth")
    # none was ever made
    op.execute("delete from auth.link where purpose = 'invitation'")
    op.create_check_constraint(
        op.f("ck_link_invitation"), "link", "(purpose = 'invitation') = (invitation_id is not null)", schema="auth"
    )
    op.create_check_constraint(
        op.f("ck_link_invitation_has_account"),
        "link",
        "invitation_id is null or account_id is not null",
        schema="auth",
    )
    op.create_foreign_key(
        op.f("fk_link_account_id_invitation_id"),
        "link",
        "invitation",
        ["account_id", "invitation_id"],
        ["account_id", "id"],
        source_schema="auth",
        referent_schema="portal",
    )
    op.create_index("ix_link_invitation", "link", ["account_id", "invitation_id"], schema="auth")
    op.drop_constraint(op.f("ck_mail_kind"), "mail", schema="portal")
    op.create_check_constraint(op.f("ck_mail_kind"), "mail", f"kind in ({KINDS})", schema="portal")
    op.drop_constraint(op.f("ck_notice_says"), "notice", schema="portal")
    op.create_check_constraint(op.f("ck_notice_says"), "notice", f"says in ({SAID})", schema="portal")


def _invitation() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("uuid", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("rights", postgresql.JSONB(), nullable=False),
        sa.Column("invited_by", sa.BigInteger(), nullable=False),
        sa.Column("invited_by_name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("edition", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("accepted_at", moment, nullable=True),
        sa.Column("accepted_by", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", moment, nullable=True),
        sa.CheckConstraint("role in ('paa', 'general')", name=op.f("ck_invitation_role")),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name=op.f("fk_invitation_account_id")),
        sa.ForeignKeyConstraint(["invited_by"], ["portal.person.id"], name=op.f("fk_invitation_invited_by")),
        sa.ForeignKeyConstraint(["accepted_by"], ["portal.person.id"], name=op.f("fk_invitation_accepted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("uuid", name=op.f("uq_invitation_uuid")),
        sa.UniqueConstraint("account_id", "id", name=op.f("uq_invitation_account_id_id")),
        schema="portal",
    )
    op.create_index(
        "uq_invitation_waiting",
        "invitation",
        ["account_id", sa.text("lower(email)")],
        unique=True,
        schema="portal",
        postgresql_where=sa.text("accepted_at is null and revoked_at is null"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
