"""A second factor: what a session was proved by and when, and signing in that is half done"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KINDS = (
    "'ticket_submitted', 'ticket_answered', 'ticket_note', 'ticket_status', 'ticket_waiting', 'ticket_resolved', "
    "'shipment_received', 'storage_ends', 'visit_approved', 'watch_confirm', 'sla_warning', 'sla_breach', "
    "'password_link', 'password_changed', 'invitation', 'access_asked', 'handed_over', 'factor_changed'"
)
PROOFS = "proved_by in ('password', 'oidc', 'code', 'recovery_code')"


def _proved_by() -> sa.Column:
    return sa.Column("proved_by", sa.Text(), server_default=sa.text("'password'"), nullable=False)


def _moment(name: str, **more: object) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, **more)


def upgrade() -> None:
    # nobody could set one up before
    op.execute("delete from auth.second_factor")
    op.alter_column("second_factor", "confirmed_at", nullable=False, server_default=sa.text("now()"), schema="auth")
    op.alter_column("second_factor", "last_step", nullable=False, schema="auth")

    op.add_column("session", _proved_by(), schema="auth")
    op.add_column("session", sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True), schema="auth")
    op.execute("update auth.session set proved_at = created_at")
    op.alter_column("session", "proved_at", nullable=False, server_default=sa.text("now()"), schema="auth")
    op.add_column("session", sa.Column("pending_secret", sa.LargeBinary(), nullable=True), schema="auth")
    op.create_check_constraint(op.f("ck_session_proved_by"), "session", PROOFS, schema="auth")
    op.add_column("sign_in_code", _proved_by(), schema="auth")
    op.create_check_constraint(op.f("ck_sign_in_code_proved_by"), "sign_in_code", PROOFS, schema="auth")

    op.create_table(
        "half_sign_in",
        sa.Column("browser_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        _moment("began_at", server_default=sa.text("now()")),
        _moment("expires_at"),
        sa.Column("pending_secret", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["portal.person.id"], name=op.f("fk_half_sign_in_person_id")),
        sa.PrimaryKeyConstraint("browser_hash", name=op.f("pk_half_sign_in")),
        schema="auth",
    )
    op.drop_constraint(op.f("ck_mail_kind"), "mail", schema="portal")
    op.create_check_constraint(op.f("ck_mail_kind"), "mail", f"kind in ({KINDS})", schema="portal")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
