"""A member of staff is one subject of an issuer: who has their address next is not them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    linked_at = sa.Column("linked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    op.add_column("external_identity", linked_at, schema="auth")
    op.create_unique_constraint(
        op.f("uq_external_identity_issuer_person_id"), "external_identity", ["issuer", "person_id"], schema="auth"
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
