"""Sites are seen to: a contact has a name in addresses and a version, and finance hears of other bank details"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.migrations.steps import allow_mail

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    uuid = sa.Column("uuid", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)
    op.add_column("site_contact", uuid, schema="portal")
    op.create_unique_constraint(op.f("uq_site_contact_uuid"), "site_contact", ["uuid"], schema="portal")
    version = sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False)
    op.add_column("site_contact", version, schema="portal")
    allow_mail("bank_details")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
