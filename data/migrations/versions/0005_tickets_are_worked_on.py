"""What tickets need once people work on them in the portal"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # moves of one ticket follow each other: the time is taken after the ticket was locked
    for table, column in (("status_change", "changed_at"), ("ticket_message", "written_at")):
        op.alter_column(table, column, server_default=sa.text("clock_timestamp()"), schema="portal")
    # a contribution may consist of files alone
    op.drop_constraint(op.f("ck_ticket_message_body"), "ticket_message", schema="portal")
    op.create_check_constraint(
        op.f("ck_ticket_message_body"), "ticket_message", "length(body) <= 10000", schema="portal"
    )
    op.add_column(
        "remote_hands", sa.Column("proposed_starts_at", sa.DateTime(timezone=True), nullable=True), schema="portal"
    )
    op.add_column("remote_hands", sa.Column("proposal_answer", sa.Text(), nullable=True), schema="portal")
    op.create_check_constraint(
        op.f("ck_remote_hands_proposal_answer"),
        "remote_hands",
        "proposal_answer in ('accepted', 'declined')",
        schema="portal",
    )
    op.add_column("shipment", sa.Column("received_packages", sa.BigInteger(), nullable=True), schema="portal")
    op.create_check_constraint(
        op.f("ck_shipment_received_packages"), "shipment", "received_packages >= 0", schema="portal"
    )
    op.create_index(
        "ix_shipment_storage",
        "shipment",
        ["storage_until"],
        schema="portal",
        postgresql_where=sa.text("storage_until is not null"),
    )
    op.create_index("ix_visitor_ticket", "visitor", ["account_id", "ticket_id"], schema="portal")
    op.create_index("ix_ticket_contact_ticket", "ticket_contact", ["account_id", "ticket_id"], schema="portal")
    op.create_index(
        "uq_ticket_watcher_person",
        "ticket_watcher",
        ["account_id", "ticket_id", "person_id"],
        unique=True,
        schema="portal",
    )
    op.create_index(
        "uq_ticket_watcher_email",
        "ticket_watcher",
        ["account_id", "ticket_id", sa.text("lower(email)")],
        unique=True,
        schema="portal",
    )
    op.add_column(
        "parcel", sa.Column("packages", sa.BigInteger(), server_default=sa.text("1"), nullable=False), schema="portal"
    )
    op.add_column("parcel", sa.Column("note", sa.Text(), nullable=True), schema="portal")
    op.add_column("parcel", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True), schema="portal")
    op.create_check_constraint(op.f("ck_parcel_packages"), "parcel", "packages >= 1", schema="portal")
    op.create_index(
        "ix_parcel_unclaimed",
        "parcel",
        ["site_id", "arrived_at"],
        schema="portal",
        postgresql_where=sa.text("ticket_id is null"),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
