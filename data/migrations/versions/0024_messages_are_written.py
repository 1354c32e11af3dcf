"""Messages are written: to a desk of ours, about something, and to several customers; feedback is sent"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.migrations.steps import allow_mail

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

DESKS = "'account_manager', 'finance', 'service_desk'"
SIDES = "'customer', 'staff'"
ABOUT = (
    "(about_kind is null) = (about_uuid is null) and (about_kind is null or desk || ' ' || about_kind in ("
    "'account_manager invoice', 'account_manager order', 'account_manager ticket', 'finance invoice', "
    "'service_desk ticket'))"
)
NOW = sa.text("now()")
A_UUID = sa.text("gen_random_uuid()")


def upgrade() -> None:
    _thread()
    _message()
    _broadcast()
    _feedback()
    allow_mail("message_received")


def _thread() -> None:
    for column in (
        sa.Column("desk", sa.Text(), server_default="account_manager", nullable=False),
        sa.Column("last_side", sa.Text(), server_default="customer", nullable=False),
    ):
        op.add_column("thread", column, schema="portal")
    op.execute("alter table portal.thread alter column about_uuid type uuid using about_uuid::uuid")
    op.execute("update portal.thread set about_kind = null, about_uuid = null where about_kind is null or about_uuid is null")
    op.execute("update portal.thread set subject = left(coalesce(nullif(trim(subject), ''), '-'), 200)")
    for name, check in (
        ("desk", f"desk in ({DESKS})"),
        ("last_side", f"last_side in ({SIDES})"),
        ("about", ABOUT),
        ("subject", "length(subject) between 1 and 200"),
    ):
        op.create_check_constraint(op.f(f"ck_thread_{name}"), "thread", check, schema="portal")
    op.create_index(
        "ix_thread_waiting", "thread", ["desk", "account_id"], schema="portal",
        postgresql_where=sa.text("last_side = 'customer'"),
    )  # fmt: skip
    op.create_index("ix_thread_started_by", "thread", ["started_by", "started_at"], schema="portal")


def _message() -> None:
    for column in (
        sa.Column("uuid", sa.Uuid(), server_default=A_UUID, nullable=False),
        sa.Column("side", sa.Text(), server_default="customer", nullable=False),
    ):
        op.add_column("thread_message", column, schema="portal")
    op.create_unique_constraint(op.f("uq_thread_message_uuid"), "thread_message", ["uuid"], schema="portal")
    op.execute(
        "update portal.thread_message m set side = 'staff' from portal.person p where p.id = m.author_id and p.kind = 'staff'"
    )
    op.execute(
        "update portal.thread t set last_side = m.side from portal.thread_message m where m.account_id = t.account_id "
        "and m.thread_id = t.id and not exists (select from portal.thread_message later "
        "where later.account_id = t.account_id and later.thread_id = t.id and later.id > m.id)"
    )
    for table, name, check in (
        ("thread_message", "side", f"side in ({SIDES})"),
        ("thread_message", "body", "length(body) <= 10000"),
        ("thread_file", "size", "octet_length(content) between 1 and 10485760"),
        ("thread_file", "media_type", "media_type ~ '^[a-z]+/[a-z0-9][a-z0-9.+-]*$' and length(media_type) <= 100"),
    ):
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, check, schema="portal")


def _broadcast() -> None:
    op.create_table(
        "broadcast",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("uuid", sa.Uuid(), server_default=A_UUID, nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint("recipients in ('administrators', 'everybody')", name=op.f("ck_broadcast_recipients")),
        sa.CheckConstraint("length(subject) between 1 and 200", name=op.f("ck_broadcast_subject")),
        sa.CheckConstraint("length(body) between 1 and 10000", name=op.f("ck_broadcast_body")),
        sa.ForeignKeyConstraint(["author_id"], ["portal.person.id"], name=op.f("fk_broadcast_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast")),
        sa.UniqueConstraint("uuid", name=op.f("uq_broadcast_uuid")),
        schema="portal",
    )
    op.create_index(op.f("ix_broadcast_author_id"), "broadcast", ["author_id"], schema="portal")
    op.create_table(
        "broadcast_account",
        sa.Column("broadcast_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger()),
        sa.Column("people", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["account_id", "thread_id"], ["portal.thread.account_id", "portal.thread.id"],
            name=op.f("fk_broadcast_account_account_id_thread_id"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name=op.f("fk_broadcast_account_account_id")),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["portal.broadcast.id"], name=op.f("fk_broadcast_account_broadcast_id")
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "account_id", name=op.f("pk_broadcast_account")),
        schema="portal",
    )  # fmt: skip
    op.create_index(op.f("ix_broadcast_account_account_id"), "broadcast_account", ["account_id"], schema="portal")


def _feedback() -> None:
    name = sa.Column("author_name", sa.Text(), server_default="", nullable=False)
    op.add_column("feedback", name, schema="portal")
    op.execute("update portal.feedback f set author_name = p.name from portal.person p where p.id = f.person_id")
    op.create_check_constraint(
        op.f("ck_feedback_body"), "feedback", "length(body) <= 4000 and length(page) <= 100", schema="portal"
    )
    op.create_index("ix_feedback_person", "feedback", ["person_id", "written_at"], schema="portal")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
