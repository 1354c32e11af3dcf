"""Invoices are filtered by place, amount, purchase order and dispute; their tally knows disputes; reminders are kept"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

IN_FORCE = "state in ('issued', 'partially_paid')"
DISPUTED = f"disputed and {IN_FORCE}"
FILTERED = ("state", "type", "due_date", "issue_date", "currency", "issuer_id", "disputed")
AND_MORE = (*FILTERED, "site_ids", "total_cents")

#: Name, order, what it carries, and which rows; each within an account, and over all of them.
ORDERS = (
    ("issued", ("issue_date", "id"), AND_MORE, None),
    ("due", ("due_date", "id"), AND_MORE, None),
    ("total", ("total_cents", "id"), FILTERED, None),
    ("state", ("state", "due_date", "id"), FILTERED, None),
    ("currency", ("currency", "due_date", "id"), FILTERED, None),
    ("open", ("due_date", "id"), AND_MORE, IN_FORCE),
    ("open_issued", ("issue_date", "id"), FILTERED, IN_FORCE),
    ("open_total", ("total_cents", "id"), FILTERED, IN_FORCE),
    ("credit", ("due_date", "id"), FILTERED, "type = 'credit_note'"),
)
BY_BEGINNING = {"purchase_order": "text_pattern_ops"}


def upgrade() -> None:
    for name, *_rest in ORDERS:
        for place in ("", "all_"):
            op.drop_index(f"ix_invoice_{place}{name}", "invoice", schema="portal")
    cents = sa.Computed("(total * 100)::bigint", persisted=True)
    op.add_column("invoice", sa.Column("total_cents", sa.BigInteger(), cents, nullable=False), schema="portal")
    places = sa.Column("site_ids", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False)
    op.add_column("invoice", places, schema="portal")
    _write_down_places()
    for order in (*ORDERS, ("disputed", ("due_date", "id"), FILTERED, DISPUTED)):
        _create(*order)
    for name, columns in (("", ["account_id", "purchase_order"]), ("all_", ["purchase_order"])):
        op.create_index(
            f"ix_invoice_{name}purchase_order", "invoice", columns, schema="portal", postgresql_ops=BY_BEGINNING,
            postgresql_include=["state"],
        )  # fmt: skip
    op.create_index(
        "ix_payment_paid", "payment", ["account_id", "paid_on"], schema="portal",
        postgresql_include=["invoice_id", "amount"],
    )  # fmt: skip
    op.create_index(
        "ix_credit_application_applied", "credit_application", ["account_id", "applied_at"], schema="portal"
    )
    _tell_disputes_apart()
    _reminders()


def _create(name: str, order: tuple[str, ...], carrying: tuple[str, ...], only: str | None) -> None:
    carried = [column for column in carrying if column not in order]
    where = None if only is None else sa.text(only)
    for place, columns in (("", ("account_id", *order)), ("all_", order)):
        op.create_index(
            f"ix_invoice_{place}{name}", "invoice", [*columns], schema="portal", postgresql_include=carried,
            postgresql_where=where,
        )  # fmt: skip


def _write_down_places() -> None:
    op.execute("alter table portal.invoice disable trigger user")  # nobody is told of it, and no sum changes
    op.execute("""
        update portal.invoice i set site_ids = l.site_ids
        from (
            select account_id, invoice_id, array_agg(distinct site_id order by site_id) as site_ids
            from portal.invoice_line where site_id is not null group by account_id, invoice_id
        ) l
        where l.account_id = i.account_id and l.invoice_id = i.id
    """)
    op.execute("alter table portal.invoice enable trigger user")


def _tell_disputes_apart() -> None:
    op.add_column("invoice_tally", sa.Column("disputed", sa.Boolean()), schema="portal")
    op.execute("delete from portal.invoice_tally")
    op.execute(f"""
        insert into portal.invoice_tally (
            account_id, issuer_id, currency, type, state, disputed, due, n, total, balance)
        select account_id, issuer_id, currency, type, state, {DISPUTED},
            case when {IN_FORCE} then due_date else date_trunc('month', due_date)::date end,
            count(*), sum(total), sum(balance)
        from portal.invoice group by 1, 2, 3, 4, 5, 6, 7
    """)
    op.alter_column("invoice_tally", "disputed", nullable=False, schema="portal")


def _reminders() -> None:
    op.create_table(
        "payment_reminder",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("uuid", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("sent_by", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("forced", sa.Boolean(), nullable=False),
        sa.Column("invoices", sa.BigInteger(), nullable=False),
        sa.Column("recipients", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name=op.f("fk_payment_reminder_account_id")),
        sa.ForeignKeyConstraint(["sent_by"], ["portal.person.id"], name=op.f("fk_payment_reminder_sent_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_reminder")),
        sa.UniqueConstraint("uuid", name=op.f("uq_payment_reminder_uuid")),
        schema="portal",
    )
    op.create_index("ix_payment_reminder_account", "payment_reminder", ["account_id", "sent_at"], schema="portal")
    told = op.get_bind().scalar(sa.text(
        "select pg_get_constraintdef(oid) from pg_constraint "
        "where conrelid = 'portal.mail'::regclass and conname = 'ck_mail_kind'"
    ))  # fmt: skip
    kinds = dict.fromkeys([*re.findall(r"'(\w+)'::text", told), "payment_reminder"])
    op.drop_constraint(op.f("ck_mail_kind"), "mail", schema="portal")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_mail_kind"), "mail", f"kind in ({listed})", schema="portal")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
