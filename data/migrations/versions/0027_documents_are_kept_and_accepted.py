"""Documents have editions in several languages, files with names, and people accept policies"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

GENERAL = "'user_guide', 'onboarding_guide', 'policy', 'faq'"


def upgrade() -> None:
    random, one, now = sa.text("gen_random_uuid()"), sa.text("1"), sa.text("now()")
    for column in (
        sa.Column("series", sa.Uuid(), server_default=random, nullable=False),
        sa.Column("file_name", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=one, nullable=False),
    ):
        op.add_column("document", column, schema="portal")
    op.execute(
        "update portal.document set created_at = coalesce(published_at, now()), "
        "file_name = case when content is not null then title || '.pdf' end, "
        "media_type = case when content is not null then 'application/pdf' end, "
        "must_accept = must_accept and kind = 'policy'"
    )
    op.create_unique_constraint(
        op.f("uq_document_account_id_series_language_edition"), "document",
        ["account_id", "series", "language", "edition"], schema="portal", postgresql_nulls_not_distinct=True,
    )  # fmt: skip
    for name, check in (
        (
            "file",
            "num_nulls(content, file_name, media_type) in (0, 3) and "
            "(media_type is null or media_type = 'application/pdf')",
        ),
        (
            "size",
            "octet_length(content) <= 10485760 and length(markdown) <= 500000 "
            "and length(title) between 1 and 200 and length(edition) between 1 and 30",
        ),
        ("whose", f"(account_id is null) = (kind in ({GENERAL}))"),
        ("must_accept", "not must_accept or kind = 'policy'"),
    ):
        op.create_check_constraint(op.f(f"ck_document_{name}"), "document", check, schema="portal")
    op.create_index(op.f("ix_document_acceptance_person_id"), "document_acceptance", ["person_id"], schema="portal")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
