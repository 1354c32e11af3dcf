"""Staff publish notices, add to them and have them mailed; the portal tells customers what became of something of theirs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from data.migrations.steps import allow_mail

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

NEWS_AT = sa.text("coalesce(updated_at, published_at)")
SAYS = (
    "'sla_warning', 'sla_breach', 'access_asked', 'ticket_answered', 'ticket_status', 'invoice_issued', "
    "'invoices_issued', 'invoice_overdue', 'order_status'"
)
ONLY_STAFF = (
    "(not for_staff or about_account_id is not null) and "
    "(about_account_id is null or (function is not null and not everyone and (for_staff or says is not null))) and "
    "(not for_staff or person_id is null)"
)
#: Name, columns before the time, and which rows.
ORDERS = (
    ("ix_notice_said", (), "about_account_id is null"),
    ("ix_notice_for_staff", (), "for_staff"),
    ("ix_notice_about_account", ("about_account_id",), "not for_staff and person_id is null"),
    ("ix_notice_person", ("person_id",), "person_id is not null"),
)


def upgrade() -> None:
    op.alter_column("notice", "published_by", new_column_name="written_by", schema="portal")
    op.execute("alter table portal.notice rename constraint fk_notice_published_by to fk_notice_written_by")
    op.add_column("notice", sa.Column("about_site_id", sa.BigInteger(), nullable=True), schema="portal")
    op.add_column("notice", sa.Column("about", sa.Text(), nullable=True), schema="portal")
    op.add_column("notice", sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True), schema="portal")
    version = sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False)
    op.add_column("notice", version, schema="portal")
    op.create_foreign_key(
        op.f("fk_notice_about_site_id"), "notice", "site", ["about_site_id"], ["id"],
        source_schema="portal", referent_schema="portal",
    )  # fmt: skip
    _checks()
    _indexes()
    texts = sa.Column("texts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    op.add_column("notice_update", texts, schema="portal")
    op.create_check_constraint(
        op.f("ck_notice_update_body"), "notice_update", "length(body) <= 4000", schema="portal"
    )
    _mailing()


def _checks() -> None:
    for name in ("says", "for_staff"):
        op.drop_constraint(op.f(f"ck_notice_{name}"), "notice", schema="portal")
    words = "says is not null or (length(title) <= 200 and length(body) <= 4000)"
    for name, check in (("says", f"says in ({SAYS})"), ("for_staff", ONLY_STAFF), ("words", words)):
        op.create_check_constraint(op.f(f"ck_notice_{name}"), "notice", check, schema="portal")


def _indexes() -> None:
    for old in ("ix_notice_published", "ix_notice_published_to_customers"):
        op.drop_index(old, "notice", schema="portal")
    for name, before, which in ORDERS:
        op.create_index(name, "notice", [*before, NEWS_AT, "id"], schema="portal", postgresql_where=sa.text(which))
    op.create_index(
        "uq_notice_about", "notice", ["about"], unique=True, schema="portal",
        postgresql_where=sa.text("about is not null"),
    )  # fmt: skip


def _mailing() -> None:
    op.create_table(
        "notice_mailing",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=True),
        sa.Column("after_person", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["portal.notice.id"], name=op.f("fk_notice_mailing_notice_id")),
        sa.ForeignKeyConstraint(["update_id"], ["portal.notice_update.id"], name=op.f("fk_notice_mailing_update_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_mailing")),
        schema="portal",
    )
    op.create_index("ix_notice_mailing_notice_id", "notice_mailing", ["notice_id"], schema="portal")
    allow_mail("notice_published", "notice_updated")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
