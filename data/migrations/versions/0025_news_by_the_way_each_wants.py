"""News by the way each person wants, at once or gathered for one mail a day; and views that people keep"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.migrations.steps import allow_mail

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TOPICS = (
    "'incident', 'maintenance', 'advisory', 'ticket', 'order', 'billing', 'shipment', 'message', 'dispute', 'promise'"
)


VIEW_CHECKS = (
    ("shared_with_somebody", "not shared or account_id is not null"),
    ("name", "length(name) between 1 and 80"),
    ("query", "length(query) <= 2000"),
    ("page", "length(page) between 1 and 40"),
)


def upgrade() -> None:
    allow_mail("daily_digest")
    op.drop_constraint(op.f("ck_mail_state"), "mail", schema="portal")
    op.create_check_constraint(
        op.f("ck_mail_state"), "mail", "state in ('ready', 'gathered', 'sent', 'dead', 'withheld')", schema="portal"
    )
    op.add_column("mail", sa.Column("digest_id", sa.BigInteger()), schema="portal")
    for name, column, rows in (
        ("gathered", "next_at", "state = 'gathered' and digest_id is null"),
        ("digest", "digest_id", "digest_id is not null"),
    ):
        op.create_index(f"ix_mail_{name}", "mail", [column], schema="portal", postgresql_where=sa.text(rows))
    op.execute(f"delete from portal.notification_preference where topic not in ({TOPICS})")
    op.create_check_constraint(
        op.f("ck_notification_preference_topic"), "notification_preference", f"topic in ({TOPICS})", schema="portal"
    )
    _views()


def _views() -> None:
    """Until now nobody could write any."""
    op.drop_constraint(op.f("uq_saved_view_person_id_account_id_page_name"), "saved_view", schema="portal", type_="unique")
    op.create_unique_constraint(
        op.f("uq_saved_view_person_id_page_name"), "saved_view", ["person_id", "page", "name"], schema="portal"
    )
    for name, check in VIEW_CHECKS:
        op.create_check_constraint(op.f(f"ck_saved_view_{name}"), "saved_view", check, schema="portal")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
