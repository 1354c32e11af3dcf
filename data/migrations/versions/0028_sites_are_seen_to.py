"""Sites are seen to: a contact has a name in addresses and a version, and finance hears of other bank details"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KIND = "bank_details"


def upgrade() -> None:
    uuid = sa.Column("uuid", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)
    op.add_column("site_contact", uuid, schema="portal")
    op.create_unique_constraint(op.f("uq_site_contact_uuid"), "site_contact", ["uuid"], schema="portal")
    version = sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False)
    op.add_column("site_contact", version, schema="portal")
    _one_more_kind()


def _one_more_kind() -> None:
    """To those there are: other steps add to them as well."""
    said = "select pg_get_constraintdef(oid) from pg_constraint where conname = 'ck_mail_kind'"
    kinds = re.findall(r"'(\w+)'", op.get_bind().execute(sa.text(said)).scalar_one())
    listed = ", ".join(f"'{kind}'" for kind in [*kinds, KIND])
    op.drop_constraint(op.f("ck_mail_kind"), "mail", schema="portal")
    op.create_check_constraint(op.f("ck_mail_kind"), "mail", f"kind in ({listed})", schema="portal")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
